/** Which pieces of real pictures excite a filter most: the top nine patches of Zeiler and Fergus. */
import { at, product, range } from '../base/arrays.ts'
import { ArgumentError } from '../base/errors.ts'
import { DataLoader } from '../data/loader.ts'
import { formatShape } from '../shape/shape.ts'
import { compile, fromTypedArray, Tensor } from '../tensor/index.ts'
import type { AnyDataset } from '../train/types.ts'
import { type Explainable, layerOutput } from './layers.ts'
import { evaluated } from './question.ts'
import { receptiveBox } from './receptive-field.ts'

export interface TopPatchesOptions {
  readonly layer: string
  /** Which filters. Default: the first nine. */
  readonly channels?: readonly number[]
  /** Patches for each filter. Default 9. */
  readonly count?: number
  /** Default 32. */
  readonly batchSize?: number
  readonly onProgress?: (done: number, total: number) => void
}

/** A piece of a picture that excites a filter, and where. */
export interface Patch {
  /** Which sample of the data set. */
  readonly sample: number
  /** The value of the filter. */
  readonly value: number
  /** The place in the layer. */
  readonly row: number
  readonly column: number
  /** What the filter sees there, cut off at the edges of the picture: last row and column not included. */
  readonly box: { readonly top: number; readonly left: number; readonly bottom: number; readonly right: number }
  /** The piece: `[channels, bottom − top, right − left]`. */
  readonly pixels: Float32Array
}

/** The patches of one filter, strongest first. */
export interface FilterPatches {
  readonly channel: number
  readonly patches: readonly Patch[]
}

interface Peak {
  readonly sample: number
  readonly value: number
  readonly flat: number
}

/**
 * For each filter the places of a data set where it is strongest, one for each picture, with the piece of the picture that it sees.
 * Source: Zeiler and Fergus, "Visualizing and understanding convolutional networks", arXiv:1311.2901.
 *
 * @throws ArgumentError for an unknown layer, one without height and width, or channels that it does not have.
 * @example
 * import { data, explain, models } from 'cognitron'
 * const digits = data.syntheticDigits('train', { count: 20 })
 * const [first] = await explain.topPatches(models.leNet5(), digits, { layer: '0', channels: [2], count: 3 })
 * console.log(first?.channel, first?.patches.length) // 2 3
 */
export async function topPatches(
  model: Explainable,
  dataset: AnyDataset,
  options: TopPatchesOptions,
): Promise<FilterPatches[]> {
  const { layer, count = 9, batchSize = 32 } = options
  const output = shapeOf(model, layer, dataset.inputShape)
  const channels = options.channels ?? range(Math.min(9, output.channels))
  checkChannels(channels, output.channels, layer)
  const peaks = await findPeaks(model, dataset, channels, { ...options, count, batchSize })
  return Promise.all(
    channels.map(async (channel, index) => ({
      channel,
      patches: await Promise.all(
        at(peaks, index).map((peak) => cutOut(dataset, peak, output.width, (row, column) => output.box(row, column))),
      ),
    })),
  )
}

interface LayerGeometry {
  readonly channels: number
  readonly width: number
  box(row: number, column: number): Patch['box']
}

/** Shape and receptive fields of a layer, from the graph of one picture. */
function shapeOf(model: Explainable, layer: string, inputShape: readonly number[]): LayerGeometry {
  const [, height = 0, width = 0] = inputShape
  let geometry: LayerGeometry | undefined
  compile((x: Tensor) => {
    const output = layerOutput(model, layer, x)
    if (output.rank !== 4 || x.rank !== 4) {
      throw new ArgumentError(
        `patches need pictures and a layer with height and width; "${layer}" gives ${formatShape(output.shape.slice(1))}.`,
      )
    }
    const [from, to] = [x.node, output.node]
    geometry = {
      channels: at(output.shape, 1),
      width: at(output.shape, 3),
      box(row, column) {
        const found = receptiveBox(to, from, [row, column])
        const [rows, columns] = [at(found, 2), at(found, 3)]
        return {
          top: Math.max(0, rows[0]),
          bottom: Math.min(height, rows[1] + 1),
          left: Math.max(0, columns[0]),
          right: Math.min(width, columns[1] + 1),
        }
      },
    }
    return output.sum()
  }).prepare(fromTypedArray(new Float32Array(product(inputShape)), [1, ...inputShape], 'float32'))
  if (!geometry) throw new ArgumentError(`the layer "${layer}" could not be recorded.`)
  return geometry
}

function checkChannels(channels: readonly number[], known: number, layer: string): void {
  const wrong = channels.find((channel) => !Number.isInteger(channel) || channel < 0 || channel >= known)
  if (wrong === undefined) return
  throw new ArgumentError(
    `the channel ${wrong} of the layer "${layer}" does not exist; it has ${known} (0 to ${known - 1}).`,
  )
}

async function findPeaks(
  model: Explainable,
  dataset: AnyDataset,
  channels: readonly number[],
  options: TopPatchesOptions & { count: number; batchSize: number },
): Promise<Peak[][]> {
  const { layer, count, batchSize, onProgress } = options
  const peaks: Peak[][] = channels.map(() => [])
  const program = compile((x: Tensor) => {
    const output = layerOutput(model, layer, x)
    const places = output.flatten(2)
    return [places.max(2), places.argmax(2)]
  })
  const loader = new DataLoader(dataset, { batchSize })
  await evaluated(model, async () => {
    for await (const batch of loader.stream(0)) {
      const [largest, position] = await program(loader.tensors(batch)[0])
      if (!(largest instanceof Tensor) || !(position instanceof Tensor)) continue
      const width = at(largest.shape, 1)
      const [values, flats] = [await largest.data(), await position.data()]
      channels.forEach((channel, index) => {
        for (let slot = 0; slot < batch.size; slot++) {
          const place = slot * width + channel
          keep(at(peaks, index), count, {
            sample: at(batch.indices, slot),
            value: at(values, place),
            flat: at(flats, place),
          })
        }
      })
      onProgress?.(batch.index * batchSize + batch.size, dataset.length)
    }
  })
  return peaks
}

/** Keeps the strongest `count` in falling order; of equal ones the earlier. */
function keep(peaks: Peak[], count: number, peak: Peak): void {
  const place = peaks.findIndex(({ value }) => value < peak.value)
  if (place < 0 && peaks.length >= count) return
  peaks.splice(place < 0 ? peaks.length : place, 0, peak)
  if (peaks.length > count) peaks.pop()
}

async function cutOut(
  dataset: AnyDataset,
  { sample, value, flat }: Peak,
  width: number,
  boxAt: (row: number, column: number) => Patch['box'],
): Promise<Patch> {
  const row = Math.floor(flat / width)
  const column = flat % width
  const box = boxAt(row, column)
  const { input } = 'load' in dataset ? await dataset.load(sample) : dataset.get(sample)
  const [channels = 1, height = 1, fullWidth = 1] = dataset.inputShape
  const [rows, columns] = [box.bottom - box.top, box.right - box.left]
  const pixels = new Float32Array(channels * rows * columns)
  for (let channel = 0; channel < channels; channel++) {
    for (let y = 0; y < rows; y++) {
      const start = (channel * height + box.top + y) * fullWidth + box.left
      pixels.set(input.subarray(start, start + columns), (channel * rows + y) * columns)
    }
  }
  return { sample, value, row, column, box, pixels }
}
