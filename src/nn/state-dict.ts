/** Saved values of a module by PyTorch's keys, and the checks before they are loaded. Files are the business of `io`. */
import type { DType, TypedArray } from '../base/dtype.ts'
import { ArgumentError } from '../base/errors.ts'
import { formatShape, type Shape } from '../shape/shape.ts'
import type { VariableTensor } from '../tensor/index.ts'

/** The values of one parameter or buffer on the host. */
export interface TensorData {
  readonly data: TypedArray
  readonly shape: Shape
  readonly dtype: DType
}

/** Parameters and buffers by key, in the order of PyTorch. */
export type StateDict = Map<string, TensorData>

/** What can be loaded: values of any numeric array; 64-bit integers become ordinary numbers. */
export interface TensorSource {
  readonly data: ArrayLike<number> | ArrayLike<bigint>
  readonly shape: Shape
}

/** A state dict, or a plain object of the same content. */
export type StateSource = ReadonlyMap<string, TensorSource> | Readonly<Record<string, TensorSource>>

export interface LoadResult {
  /** Keys of the module that the state lacks. */
  readonly missingKeys: readonly string[]
  /** Keys of the state that the module lacks. */
  readonly unexpectedKeys: readonly string[]
}

/** Files of older versions of PyTorch lack these counters; they start from what they are. */
const OPTIONAL = /(^|\.)num_batches_tracked$/

/**
 * Writes `state` into `targets`; nothing is written unless all of it fits. Throws ArgumentError with every missing and unexpected
 * key (unless `strict` is false) and every pair of shapes that differ.
 */
export function loadState(
  targets: ReadonlyMap<string, VariableTensor>,
  state: StateSource,
  { owner, strict }: { owner: string; strict: boolean },
): LoadResult {
  const sources = state instanceof Map ? state : new Map(Object.entries(state as Record<string, TensorSource>))
  const missingKeys = [...targets.keys()].filter((key) => !sources.has(key) && !OPTIONAL.test(key))
  const unexpectedKeys = [...sources.keys()].filter((key) => !targets.has(key))
  const pairs = [...targets].flatMap(([key, target]) => {
    const source = sources.get(key)
    return source ? [{ key, target, source }] : []
  })
  const differing = pairs.filter(({ target, source }) => formatShape(target.shape) !== formatShape(source.shape))
  const problems = differing.map(
    ({ key, target, source }) =>
      `shape of ${key}: ${formatShape(target.shape)} in ${owner}, ${formatShape(source.shape)} in the state`,
  )
  if (strict && missingKeys.length > 0) problems.unshift(`missing: ${missingKeys.join(', ')}`)
  if (strict && unexpectedKeys.length > 0) problems.push(`unexpected: ${unexpectedKeys.join(', ')}`)
  if (problems.length > 0) {
    const advice =
      differing.length > 0
        ? 'Build the network with the sizes that it was saved with, or drop these keys.'
        : 'Pass { strict: false } to load the keys that fit and leave the others.'
    throw new ArgumentError(`this state does not fit ${owner}:\n  ${problems.join('\n  ')}\n${advice}`)
  }
  for (const { target, source } of pairs) target.write(numbersOf(source.data))
  return { missingKeys, unexpectedKeys }
}

function numbersOf(data: ArrayLike<number> | ArrayLike<bigint>): ArrayLike<number> {
  return typeof data[0] === 'bigint' ? Array.from(data as ArrayLike<bigint>, Number) : (data as ArrayLike<number>)
}
