/** Networks to look inside: from a saved model, from a run, or a small one that learns drawn digits on the spot; each with pictures. */
import { data, io, loss, manualSeed, models, type nn, optim, train } from 'cognitron'
import type { LayerSpec } from '../../../base/layer-spec.ts'
import { buildNetwork, restoreNetwork } from '../../../engine/build-network.ts'
import type { Progress, RunSource, Source } from '../protocol.ts'

export interface OpenNetwork {
  readonly title: string
  readonly note: string
  readonly warning?: string
  /** Its name among the library's networks, where it has one. */
  readonly modelName?: string
  readonly model: nn.Layer
  readonly classNames: readonly string[]
  readonly pictures: data.ArrayDataset
}

/** How many pictures there are to ask about. */
const SHOWN = 60
const TRAINED_ON = 4000
const EPOCHS = 3
export const DIGITS_SEED = 1

/** Two convolutions: enough for drawn digits, small enough to learn them in a moment. */
export const digitLayers: readonly LayerSpec[] = [
  { kind: 'conv', channels: 8, size: 3, stride: 1, padding: 1 },
  { kind: 'relu' },
  { kind: 'maxPool', size: 2 },
  { kind: 'conv', channels: 16, size: 3, stride: 1, padding: 1 },
  { kind: 'relu' },
  { kind: 'maxPool', size: 2 },
  { kind: 'flatten' },
  { kind: 'linear', units: 10 },
]

export async function openNetwork(source: Source, onProgress: (progress: Progress) => void): Promise<OpenNetwork> {
  if (source.kind === 'digits') return trainDigits(onProgress)
  if (source.kind === 'run') return openRun(source.run)
  if (source.kind === 'file') return openRun(recognise(source.name, source.weights))
  const { model } = source
  const { values, labels } = model.pictures
  const pictures = new data.ArrayDataset({
    inputs: values,
    targets: labels,
    inputShape: [...model.inputShape],
    classNames: model.classNames,
    normalize: { scale: 1 / 255 },
  })
  return {
    title: model.name,
    note: `Trained on the page Train images: ${model.data}, ${percent(model.accuracy)} right on test pictures.`,
    model: restoreNetwork(model),
    classNames: model.classNames,
    pictures,
  }
}

/** The same network to the bit each time: seeds are fixed. */
export async function trainDigits(onProgress: (progress: Progress) => void): Promise<OpenNetwork> {
  manualSeed(DIGITS_SEED)
  const model = buildNetwork(digitLayers, [1, 28, 28])
  const digits = data.syntheticDigits('train', { count: TRAINED_ON, seed: DIGITS_SEED })
  const test = data.syntheticDigits('test', { count: 500, seed: DIGITS_SEED })
  const total = EPOCHS * TRAINED_ON
  onProgress({ done: 0, total, accuracy: 0 })
  const { test: judged } = await train.fit(model, {
    train: digits,
    test,
    loss: loss.crossEntropy,
    optimizer: new optim.Adam(model.parameters(), { lr: 0.003 }),
    epochs: EPOCHS,
    batchSize: 50,
    seed: DIGITS_SEED,
    callbacks: [
      {
        name: 'progress',
        onStep(_, { epoch, done, accuracy = 0 }) {
          onProgress({ done: (epoch - 1) * TRAINED_ON + done, total, accuracy })
        },
      },
    ],
  })
  model.eval()
  return {
    title: 'Drawn digits',
    note: `Trained just now on ${TRAINED_ON.toLocaleString('en')} drawn digits, ${percent(judged?.accuracy ?? 0)} right on 500 others.`,
    model,
    classNames: test.classNames ?? [],
    pictures: test,
  }
}

function openRun(run: RunSource): OpenNetwork {
  const isNamed = typeof run.model === 'string'
  const model = isNamed
    ? models.modelNamed(run.model).create({ inputShape: run.inputShape, classes: run.classes })
    : buildNetwork(run.model, run.inputShape)
  model.loadStateDict(io.readSafetensors(run.weights, `${run.name}/best.safetensors`).tensors)
  model.eval()
  const isDigits = run.data === 'synthetic-digits'
  const { pictures, classNames } = picturesFor(run)
  return {
    title: run.name,
    note: `The run ${run.name}: ${isNamed ? run.model : 'own layers'}, trained on ${run.data}.`,
    ...(isDigits
      ? {}
      : {
          warning: `The pictures of ${run.data} are not here, so these are drawn digits; bring a picture of your own.`,
        }),
    ...(isNamed ? { modelName: run.model } : {}),
    model,
    classNames,
    pictures,
  }
}

const smallNetworks = ['fashion-simple-net', 'lenet5', 'mlp', 'linear', 'lenet-1998', 'lenet-1989']

/** The network that weights are of: the one whose tensors have the same names and shapes. Throws an Error when it is none of them. */
export function recognise(name: string, weights: Uint8Array): RunSource {
  const { tensors } = io.readSafetensors(weights, name)
  const classes = [...tensors.values()].at(-1)?.shape[0] ?? 10
  for (const model of smallNetworks) {
    const { inputShape } = models.modelNamed(model)
    try {
      models.modelNamed(model).create({ inputShape, classes }).loadStateDict(tensors)
      return { name, model, inputShape, classes, data: 'an unknown set', seed: 0, weights }
    } catch {
      // Of another network; the next may fit.
    }
  }
  throw new Error(
    `${name} holds weights of none of ${smallNetworks.join(', ')} for grey pictures. Put its run folder among the runs, and it is listed here.`,
  )
}

/** Drawn digits as the network takes them: in its size, its channels and its normalisation. */
function picturesFor(run: RunSource): { pictures: data.ArrayDataset; classNames: readonly string[] } {
  const [channels = 1, height = 1, width = 1] = run.inputShape
  const digits = data.syntheticDigits('test', { count: SHOWN, seed: run.seed })
  const classNames = run.classNames ?? Array.from({ length: run.classes }, (_, index) => String(index))
  const isSame = channels === 1 && height === 28 && width === 28
  const pixels = digits.rawInputs as Uint8Array
  const pictures = new data.ArrayDataset({
    inputs: isSame ? pixels : resized(pixels, { channels, height, width }),
    targets: (digits.rawTargets as Uint8Array).map((label) => Math.min(label, run.classes - 1)),
    inputShape: [channels, height, width],
    classNames,
    normalize: run.normalization ?? { scale: 1 / 255 },
  })
  return { pictures, classNames }
}

function resized(digits: Uint8Array, size: { channels: number; height: number; width: number }): Uint8Array {
  const count = digits.length / 784
  const each = size.channels * size.height * size.width
  const all = new Uint8Array(count * each)
  for (let index = 0; index < count; index++) {
    const raster = {
      width: 28,
      height: 28,
      channels: 1 as const,
      pixels: digits.subarray(index * 784, (index + 1) * 784),
    }
    const planes = data.toInput(raster, { ...size, channels: size.channels === 3 ? 3 : 1 }, 'stretch')
    all.set(
      planes.map((value) => Math.round(255 * value)),
      index * each,
    )
  }
  return all
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`
}
