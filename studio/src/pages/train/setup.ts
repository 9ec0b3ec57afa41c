/** The state of the page and its address. */
import { choice, entry, flag, list, oneOfNumbers, type Schema, whole } from '../../base/address.ts'
import { type LayerSpec, layerCodec, MOST_LAYERS } from '../../base/layer-spec.ts'

export const tabNames = ['network', 'inside', 'judgement', 'data', 'code'] as const
export type TabName = (typeof tabNames)[number]

export const optimizerNames = ['adam', 'adamw', 'sgd', 'momentum', 'rmsprop'] as const
export type OptimizerName = (typeof optimizerNames)[number]

export const augmentations = ['none', 'shift', 'turn', 'flip'] as const
export type AugmentationName = (typeof augmentations)[number]

export const learningRates = [0.00001, 0.0001, 0.0003, 0.001, 0.002, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 10] as const
export const weightDecays = [0, 0.0001, 0.001, 0.01, 0.1] as const
export const batchSizes = [8, 16, 32, 64, 128, 256] as const
export const digitCounts = [500, 1000, 2000, 4000, 8000, 12000] as const
export const pictureSizes = [16, 24, 28, 32, 48, 64] as const
/** Batches a second; 0 is as fast as it goes. */
export const speeds = [1, 4, 16, 0] as const
export const FASTEST = speeds.length - 1

export interface TrainSetup {
  /** Drawn digits, or pictures that the person brings. */
  readonly data: 'digits' | 'own'
  readonly count: number
  readonly size: number
  readonly colour: boolean
  readonly seed: number
  /** Without those that give the scores, which follow from the classes. */
  readonly layers: readonly LayerSpec[]
  readonly optimizer: OptimizerName
  readonly learningRate: number
  readonly weightDecay: number
  readonly batchSize: number
  readonly epochs: number
  readonly augmentation: AugmentationName
  readonly speed: number
  readonly tab: TabName
  /** The test picture that is looked at. */
  readonly picture: number
}

export function parseLayers(text: string): readonly LayerSpec[] {
  return list(layerCodec, { most: MOST_LAYERS }).parse(text) ?? []
}

export const firstLayers = parseLayers('conv8x5,norm,relu,max2,conv16x3,norm,relu,max2,flatten')

export const schema: Schema<TrainSetup> = {
  data: entry('data', 'digits', choice(['digits', 'own'])),
  count: entry('count', 4000, oneOfNumbers(digitCounts)),
  size: entry('size', 28, oneOfNumbers(pictureSizes)),
  colour: entry('colour', false, flag),
  seed: entry('seed', 1, whole({ min: 0, max: 99_999 })),
  layers: entry('layers', firstLayers, list(layerCodec, { most: MOST_LAYERS })),
  optimizer: entry('optimizer', 'adam', choice(optimizerNames)),
  learningRate: entry('rate', 0.002, oneOfNumbers(learningRates)),
  weightDecay: entry('decay', 0, oneOfNumbers(weightDecays)),
  batchSize: entry('batch', 32, oneOfNumbers(batchSizes)),
  epochs: entry('epochs', 6, whole({ min: 1, max: 200 })),
  augmentation: entry('augment', 'none', choice(augmentations)),
  speed: entry('speed', FASTEST, whole({ min: 0, max: FASTEST })),
  tab: entry('tab', 'network', choice(tabNames)),
  picture: entry('picture', 0, whole({ min: 0, max: 99_999 })),
}

/** What a change asks to be made anew: the pictures, the network, or nothing. */
export type Change = 'data' | 'network' | 'none'

const dataKeys = ['data', 'count', 'seed', 'size', 'colour'] as const
const networkKeys = ['optimizer', 'weightDecay', 'batchSize', 'augmentation'] as const

export function changeBetween(before: TrainSetup, after: TrainSetup): Change {
  if (dataKeys.some((key) => before[key] !== after[key])) return 'data'
  const layers = (setup: TrainSetup): string => setup.layers.map(layerCodec.format).join()
  const renewed = networkKeys.some((key) => before[key] !== after[key]) || layers(before) !== layers(after)
  return renewed ? 'network' : 'none'
}
