/**
 * Arguments and results of compiled functions: tensors, plain values, and arrays and records of them. Finds and replaces the
 * tensors in them and writes down what a recording depends on.
 */
import { ArgumentError } from '../base/errors.ts'
import { formatShape } from '../shape/shape.ts'
import { Tensor } from './tensor.ts'

/**
 * Shapes and types of tensors, plain values as they are: equal texts need one recording. Throws ArgumentError for anything else;
 * `role` says what the compiled function does with the value.
 */
export function describe(value: unknown, role: 'takes' | 'returns'): string {
  if (value instanceof Tensor) return `${value.dtype}${formatShape(value.shape)}`
  if (Array.isArray(value)) return `(${value.map((inner) => describe(inner, role)).join()})`
  if (isRecord(value)) {
    return `{${Object.entries(value).map(([key, inner]) => `${JSON.stringify(key)}:${describe(inner, role)}`)}}`
  }
  if ((typeof value === 'object' && value !== null) || typeof value === 'function' || typeof value === 'symbol') {
    throw new ArgumentError(
      `a compiled function ${role} tensors, plain values and arrays or records of them, given ${nameOf(value)}.`,
    )
  }
  if (typeof value === 'string') return JSON.stringify(value)
  return `${typeof value}:${Object.is(value, -0) ? '-0' : String(value)}`
}

function nameOf(value: object | symbol): string {
  return typeof value === 'object' ? `an object of class ${value.constructor.name}` : `a ${typeof value}`
}

function isRecord(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

/** A copy of the structure with every tensor replaced; visits in a fixed order. */
export function mapTensors(value: unknown, replace: (tensor: Tensor) => Tensor): unknown {
  if (value instanceof Tensor) return replace(value)
  if (Array.isArray(value)) return value.map((inner) => mapTensors(inner, replace))
  if (isRecord(value)) {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, mapTensors(inner, replace)]))
  }
  return value
}

/** The tensors of a structure, in the order of `mapTensors`. */
export function tensorsIn(value: unknown): Tensor[] {
  const found: Tensor[] = []
  mapTensors(value, (each) => {
    found.push(each)
    return each
  })
  return found
}
