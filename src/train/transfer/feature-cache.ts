/**
 * What a frozen backbone makes of a data set, computed once: training the head then costs next to nothing. Kept in memory as a data set;
 * a store (in Node a folder) keeps it from run to run under a key that changes with the weights and the data.
 */
import { product } from '../../base/arrays.ts'
import { ArgumentError } from '../../base/errors.ts'
import { ArrayDataset } from '../../data/array-dataset.ts'
import { isAsyncDataset } from '../../data/dataset.ts'
import { DataLoader } from '../../data/loader.ts'
import { flowOf, watchLayers } from '../../explain/layers.ts'
import { readSafetensors, writeSafetensors } from '../../io/safetensors.ts'
import type { Layer } from '../../nn/index.ts'
import { type Compiled, compile, Tensor } from '../../tensor/index.ts'
import { inEvaluationMode } from '../evaluate.ts'
import type { AnyDataset } from '../types.ts'
import type { Headed } from './head.ts'

/** Keeps files by key; in Node `featureFolder`. */
export interface FeatureStore {
  read(key: string): Promise<Uint8Array | undefined>
  write(key: string, bytes: Uint8Array): Promise<void>
}

export interface CacheFeaturesOptions {
  /** Samples that are computed together. Default 32. */
  readonly batchSize?: number
  /** Where features are kept from run to run. Default: nowhere. */
  readonly store?: FeatureStore
  /** Tells the data from other data in the store; needed for sets that are loaded on demand. Default: a digest of the samples. */
  readonly key?: string
  readonly onProgress?: (done: number, total: number) => void
}

type Extract = Compiled<[x: Tensor], Tensor>

/** What enters the head, for a batch. */
export function extractor({ model, path }: Pick<Headed, 'model' | 'path'>): Extract {
  return compile((x: Tensor): Tensor => {
    const [features] = flowOf(watchLayers(model, [path], x).flows, path).inputs ?? []
    if (features instanceof Tensor) return features
    throw new ArgumentError(`the head at "${path}" takes no tensor of features, so there is nothing to keep.`)
  })
}

/** The features of every sample with its target, in order. Throws ArgumentError for a store without key for data on demand. */
export async function cacheFeatures(
  headed: Headed,
  extract: Extract,
  dataset: AnyDataset,
  options: CacheFeaturesOptions = {},
): Promise<ArrayDataset> {
  const { store } = options
  const key = store && `${await digestOfBackbone(headed)}-${options.key ?? (await digestOfData(dataset))}`
  const stored = key === undefined ? undefined : await store?.read(key)
  const known = stored && unpack(stored, dataset)
  if (known) return known
  const features = await compute(headed.model, extract, dataset, options)
  if (key !== undefined) await store?.write(key, pack(features))
  return features
}

async function compute(
  model: Layer,
  extract: Extract,
  dataset: AnyDataset,
  { batchSize = 32, onProgress }: CacheFeaturesOptions,
): Promise<ArrayDataset> {
  const loader = new DataLoader(dataset, { batchSize })
  const targetSize = product(dataset.targetShape)
  const targets =
    dataset.targetDType === 'float32'
      ? new Float32Array(dataset.length * targetSize)
      : new Int32Array(dataset.length * targetSize)
  let inputs = new Float32Array(0)
  let shape: readonly number[] = []
  await inEvaluationMode(model, async () => {
    for await (const batch of loader.stream(0)) {
      const found = await extract(loader.tensors(batch)[0])
      if (inputs.length === 0) {
        shape = found.shape.slice(1)
        inputs = new Float32Array(dataset.length * product(shape))
      }
      const start = batch.index * batchSize
      inputs.set(await found.data(), start * product(shape))
      targets.set(batch.targets, start * targetSize)
      onProgress?.(start + batch.size, dataset.length)
    }
  })
  return featureSet(dataset, inputs, targets, shape)
}

function featureSet(
  { name, classNames, targetShape }: AnyDataset,
  inputs: Float32Array,
  targets: Float32Array | Int32Array,
  inputShape: readonly number[],
): ArrayDataset {
  return new ArrayDataset({ name: `features of ${name}`, inputs, targets, inputShape, targetShape, classNames })
}

function pack({ rawInputs, rawTargets, inputShape, targetShape, length }: ArrayDataset): Uint8Array {
  const dtype = rawTargets instanceof Float32Array ? 'float32' : 'int32'
  return writeSafetensors(
    new Map([
      ['features', { data: rawInputs, shape: [length, ...inputShape], dtype: 'float32' as const }],
      ['targets', { data: rawTargets, shape: [length, ...targetShape], dtype }],
    ]),
  )
}

/** What a file holds, unless it is of another set. */
function unpack(bytes: Uint8Array, dataset: AnyDataset): ArrayDataset | undefined {
  const { tensors } = readSafetensors(bytes, 'kept features')
  const [features, targets] = [tensors.get('features'), tensors.get('targets')]
  if (!(features?.data instanceof Float32Array) || features.shape[0] !== dataset.length || !targets) return undefined
  const { data } = targets
  if (!(data instanceof Float32Array) && !(data instanceof Int32Array)) return undefined
  return featureSet(dataset, features.data, data, features.shape.slice(1))
}

/** Changes with every weight below the head. */
async function digestOfBackbone({ model, path }: Headed): Promise<string> {
  const state = await model.stateDict()
  const parts: Uint8Array[] = [new TextEncoder().encode(`${model.constructor.name} ${path}`)]
  for (const [key, { data }] of state) {
    if (key.startsWith(`${path}.`)) continue
    parts.push(new TextEncoder().encode(key), new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
  }
  return digest(parts)
}

async function digestOfData(dataset: AnyDataset): Promise<string> {
  if (isAsyncDataset(dataset)) {
    throw new ArgumentError(
      `"${dataset.name}" is loaded on demand, so its content is not known; give a key that changes with it to keep features.`,
    )
  }
  const parts: Uint8Array[] = [new TextEncoder().encode(JSON.stringify([dataset.length, dataset.inputShape]))]
  for (let index = 0; index < dataset.length; index++) {
    const { input, target } = dataset.get(index)
    for (const { buffer, byteOffset, byteLength } of [input, target]) {
      parts.push(new Uint8Array(buffer, byteOffset, byteLength))
    }
  }
  return digest(parts)
}

/** The first 16 hexadecimal digits of the SHA-256 of all parts: that of each part first, so that memory stays small. */
async function digest(parts: readonly Uint8Array[]): Promise<string> {
  const hashes = new Uint8Array(parts.length * 32)
  for (const [index, part] of parts.entries()) {
    hashes.set(new Uint8Array(await crypto.subtle.digest('SHA-256', Uint8Array.from(part))), index * 32)
  }
  const whole = new Uint8Array(await crypto.subtle.digest('SHA-256', hashes))
  return Array.from(whole.subarray(0, 8), (byte) => byte.toString(16).padStart(2, '0')).join('')
}
