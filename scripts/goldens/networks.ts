/** Whole networks against torchvision: keys and shapes of the state, the number of parameters, outputs for rebuilt weights. */
import { readFileSync } from 'node:fs'
import { at, product, sameNumbers } from '../../src/base/arrays.ts'
import { compile, io, models, type nn, type Tensor, tensor } from '../../src/index.ts'
import { type CaseResult, caseName, difference, largestError, toOptions } from './case-file.ts'

interface NetworkCase {
  readonly model: string
  readonly kwargs: Readonly<Record<string, unknown>>
  readonly parameters: number
  readonly input: readonly number[]
  readonly output: readonly number[]
  readonly output_norm: number
  readonly state: Readonly<Record<string, readonly number[]>>
}

/** Of the reference, or of the typical output where that is larger. */
const RELATIVE_TOLERANCE = 2e-3

export async function run(path: string): Promise<CaseResult> {
  const name = caseName(path)
  const reference = JSON.parse(readFileSync(path, 'utf8')) as NetworkCase
  const network = buildNetwork(reference)
  if (!network) return { name, status: 'unsupported', detail: `no network ${reference.model}` }
  const wrong = stateDifference(network, reference) ?? parameterDifference(network, reference)
  if (wrong) return { name, status: 'fail', detail: wrong }
  const actual = await outputOf(network.eval(), reference)
  return compareOutputs(name, actual, reference)
}

/** The network of that name but for capitals and underscores: `mobilenet_v2` is `mobilenetV2` here, or `mobilenet-v2` by name. */
function buildNetwork({ model, kwargs }: NetworkCase): nn.Layer | undefined {
  const plain = (text: string): string => text.toLowerCase().replaceAll('_', '')
  const found = Object.entries(models).find(([name]) => plain(name) === plain(model))?.[1]
  const options = toOptions(kwargs)
  if (typeof found !== 'function') {
    const entry = models.modelEntries[model.replaceAll('_', '-')]
    const { numClasses: classes = entry?.classes ?? 0 } = options as { numClasses?: number }
    return entry?.create({ inputShape: entry.inputShape, classes })
  }
  const isClass = Function.prototype.toString.call(found).startsWith('class')
  if (isClass) return new (found as unknown as new (options: object) => nn.Layer)(options)
  return (found as unknown as (options: object) => nn.Layer)(options)
}

function stateDifference(network: nn.Layer, { state }: NetworkCase): string | undefined {
  const ours = network.namedState()
  const missing = Object.keys(state).filter((key) => !ours.has(key))
  const extra = [...ours.keys()].filter((key) => !(key in state))
  if (missing.length + extra.length > 0) {
    const some = (keys: string[]): string => keys.slice(0, 3).join(', ') || 'none'
    return `keys: ${missing.length} missing (${some(missing)}), ${extra.length} too many (${some(extra)})`
  }
  const [key] = Object.keys(state).filter((each) => !sameNumbers(ours.get(each)?.shape ?? [], state[each] ?? []))
  return key && `shape of ${key}: [${ours.get(key)?.shape}], expected [${state[key]}]`
}

function parameterDifference(network: nn.Layer, { parameters }: NetworkCase): string | undefined {
  const count = network.parameters().reduce((sum, parameter) => sum + parameter.size, 0)
  return count === parameters ? undefined : `${count} parameters, expected ${parameters}`
}

/** The reference's noise: uniform with standard deviation `scale`, from a hash of the position and the name. */
export function noise(shape: readonly number[], name: string, scale: number): Float32Array {
  const offset = io.crc32(new TextEncoder().encode(name))
  const values = new Float32Array(product(shape))
  for (let index = 0; index < values.length; index++) {
    let hash = Math.imul(index + offset, 2654435761)
    hash ^= hash >>> 16
    hash = Math.imul(hash, 2246822519)
    hash ^= hash >>> 13
    values[index] = scale * Math.sqrt(3) * ((hash >>> 0) / 2 ** 31 - 1)
  }
  return values
}

export function rebuild(key: string, shape: readonly number[]): Float32Array {
  if (key.endsWith('running_var')) return noise(shape, key, 0.2).map((value) => Math.fround(Math.abs(value)) + 0.9)
  if (shape.length > 1) return noise(shape, key, Math.sqrt(2 / product(shape.slice(1))))
  const values = noise(shape, key, 0.1)
  return key.endsWith('weight') ? values.map((value) => 1 + value) : values
}

async function outputOf(network: nn.Layer, { input, state }: NetworkCase): Promise<ArrayLike<number>> {
  for (const [key, variable] of network.namedState()) {
    if (variable.dtype === 'float32') variable.write(rebuild(key, state[key] ?? []))
  }
  const x = tensor(noise(input, 'input', 1), { shape: input })
  const forward = compile((image: Tensor) => network.forward(image))
  return (await forward(x)).data()
}

function compareOutputs(name: string, actual: ArrayLike<number>, reference: NetworkCase): CaseResult {
  const norm = Math.hypot(...Array.from(actual))
  const scale = reference.output_norm / Math.sqrt(actual.length)
  const first = Array.from({ length: Math.min(actual.length, reference.output.length) }, (_, index) =>
    at(actual, index),
  )
  const tolerance = { absolute: RELATIVE_TOLERANCE * scale, relative: RELATIVE_TOLERANCE }
  const wrong =
    difference('output', first, reference.output, tolerance) ??
    difference('norm of the output', [norm], [reference.output_norm], { absolute: 0, relative: RELATIVE_TOLERANCE })
  if (wrong) return { name, status: 'fail', detail: wrong }
  const error = largestError(first, reference.output) / scale
  return { name, status: 'pass', detail: `largest error ${error.toExponential(1)} of the typical output` }
}
