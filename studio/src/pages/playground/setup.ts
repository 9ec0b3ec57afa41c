/**
 * The state of the Playground page and its address. Keys and defaults are those of playground.tensorflow.org, so that its links open the
 * same set-up here; keys of our own are added. Source: state.ts of the TensorFlow Playground.
 */
import {
  type Codec,
  choice,
  type Entry,
  entry,
  flag,
  list,
  number,
  oneOfNumbers,
  type Schema,
  text,
  whole,
} from '../../base/address.ts'

export const learningRates = [0.00001, 0.0001, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10] as const
export const penaltyRates = [0, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10] as const
export const dropoutRates = [0, 0.1, 0.2, 0.3, 0.4, 0.5] as const

export const activations = ['relu', 'tanh', 'sigmoid', 'linear', 'leakyRelu', 'gelu'] as const
export type Activation = (typeof activations)[number]

export const penalties = ['none', 'L1', 'L2'] as const
export type Penalty = (typeof penalties)[number]

export const problems = ['classification', 'regression'] as const
export type Problem = (typeof problems)[number]

export const classSets = ['circle', 'xor', 'gauss', 'spiral', 'moons', 'checkerboard', 'own'] as const
export type ClassSet = (typeof classSets)[number]

export const regressionSets = ['reg-plane', 'reg-gauss', 'own'] as const
export type RegressionSet = (typeof regressionSets)[number]

/** The sets that can have more than two classes. */
export const manyClassSets: readonly string[] = ['circle', 'gauss', 'spiral', 'own']
export const MOST_CLASSES = 5

export const optimizers = ['sgd', 'momentum', 'nesterov', 'adagrad', 'rmsprop', 'adam', 'adamw'] as const
export type OptimizerName = (typeof optimizers)[number]

export const initialisers = ['playground', 'xavier', 'he', 'small', 'large', 'zero'] as const
export type Initialiser = (typeof initialisers)[number]

export const losses = ['squared', 'crossEntropy'] as const
export type LossName = (typeof losses)[number]

export const features = ['x', 'y', 'xSquared', 'ySquared', 'xTimesY', 'sinX', 'sinY'] as const
export type Feature = (typeof features)[number]

/** Training speeds in epochs a second; the first is one batch at a time, the last as fast as it goes. */
export const speeds = [0, 0.2, 1, 5, 15, 60, 250, 1000, Number.POSITIVE_INFINITY] as const
export const DEFAULT_SPEED = 5

export const MOST_LAYERS = 6
export const MOST_NEURONS = 8

/** Controls that a link can hide, for use in class; the names are the Playground's. */
export const hidableControls = [
  'showTestData',
  'discretize',
  'playButton',
  'stepButton',
  'resetButton',
  'learningRate',
  'activation',
  'regularization',
  'regularizationRate',
  'problem',
  'dataset',
  'percTrainData',
  'noise',
  'batchSize',
  'numHiddenLayers',
] as const
export type HidableControl = (typeof hidableControls)[number]

type Hidden = Readonly<Record<`hide:${HidableControl}`, boolean>>
type Features = Readonly<Record<`feature:${Feature}`, boolean>>

export interface Setup extends Hidden, Features {
  readonly problem: Problem
  readonly dataset: ClassSet
  readonly regDataset: RegressionSet
  readonly classes: number
  readonly noise: number
  readonly percTrainData: number
  readonly batchSize: number
  readonly seed: number
  /** Own points, packed by `packPoints`. */
  readonly points: string
  readonly networkShape: readonly number[]
  readonly activation: Activation
  /** Activations of single hidden layers, where they differ. */
  readonly layerActivations: readonly (Activation | 'same')[]
  readonly learningRate: number
  readonly regularization: Penalty
  readonly regularizationRate: number
  readonly optimizer: OptimizerName
  readonly loss: LossName
  readonly initialiser: Initialiser
  readonly dropout: number
  readonly speed: number
  /** Stop after so many epochs; 0 never. */
  readonly stopEpochs: number
  /** Stop when the test loss falls below; 0 never. */
  readonly stopLoss: number
  readonly showTestData: boolean
  readonly discretize: boolean
  readonly logEpochs: boolean
  readonly logLoss: boolean
  readonly smoothing: number
  readonly hideText: boolean
}

/** The Playground writes seeds as fractions such as 0.85432. */
const seedCodec: Codec<number> = {
  parse(value) {
    const seed = Number(value)
    if (value.trim() === '' || !Number.isFinite(seed)) return undefined
    return Math.min(99_999, Math.abs(Math.round(Number.isInteger(seed) ? seed : seed * 1e5)))
  },
  format: String,
}

const penaltyCodec: Codec<Penalty> = {
  parse: (value) => (value === 'L1' || value === 'L2' ? value : 'none'),
  format: (value) => value,
}

const featureDefaults: readonly Feature[] = ['x', 'y']

function featureEntries(): { [Key in keyof Features]: Entry<boolean> } {
  const pairs = features.map((name) => [`feature:${name}`, entry(name, featureDefaults.includes(name), flag)])
  return Object.fromEntries(pairs) as { [Key in keyof Features]: Entry<boolean> }
}

function hideEntries(): { [Key in keyof Hidden]: Entry<boolean> } {
  const pairs = hidableControls.map((name) => [`hide:${name}`, entry(`${name}_hide`, false, flag)])
  return Object.fromEntries(pairs) as { [Key in keyof Hidden]: Entry<boolean> }
}

export const schema: Schema<Setup> = {
  problem: entry('problem', 'classification', choice(problems)),
  dataset: entry('dataset', 'circle', choice(classSets)),
  regDataset: entry('regDataset', 'reg-plane', choice(regressionSets)),
  classes: entry('classes', 2, whole({ min: 2, max: MOST_CLASSES })),
  noise: entry('noise', 0, whole({ min: 0, max: 50 })),
  percTrainData: entry('percTrainData', 50, whole({ min: 10, max: 90 })),
  batchSize: entry('batchSize', 10, whole({ min: 1, max: 30 })),
  seed: entry('seed', 1, seedCodec),
  points: entry('points', '', text(12_000)),
  networkShape: entry('networkShape', [4, 2], list(whole({ min: 1, max: MOST_NEURONS }), { most: MOST_LAYERS })),
  activation: entry('activation', 'tanh', choice(activations)),
  layerActivations: entry('activations', [], list(choice([...activations, 'same']), { most: MOST_LAYERS })),
  learningRate: entry('learningRate', 0.03, oneOfNumbers(learningRates)),
  regularization: entry('regularization', 'none', penaltyCodec),
  regularizationRate: entry('regularizationRate', 0, oneOfNumbers(penaltyRates)),
  optimizer: entry('optimizer', 'sgd', choice(optimizers)),
  loss: entry('loss', 'squared', choice(losses)),
  initialiser: entry('init', 'playground', choice(initialisers)),
  dropout: entry('dropout', 0, oneOfNumbers(dropoutRates)),
  speed: entry('speed', DEFAULT_SPEED, whole({ min: 0, max: speeds.length - 1 })),
  stopEpochs: entry('stopEpochs', 0, whole({ min: 0, max: 1_000_000 })),
  stopLoss: entry('stopLoss', 0, number({ min: 0, max: 1 })),
  showTestData: entry('showTestData', false, flag),
  discretize: entry('discretize', false, flag),
  logEpochs: entry('logEpochs', false, flag),
  logLoss: entry('logLoss', false, flag),
  smoothing: entry('smoothing', 0, number({ min: 0, max: 0.99 })),
  hideText: entry('hideText', false, flag),
  ...featureEntries(),
  ...hideEntries(),
}

/** The number of classes that the data has. */
export function classCount(setup: Setup): number {
  return manyClassSets.includes(setup.dataset) ? setup.classes : 2
}

export function chosenFeatures(setup: Setup): Feature[] {
  return features.filter((name) => setup[`feature:${name}`])
}

/** The activation of each hidden layer. */
export function hiddenActivations(setup: Setup): Activation[] {
  return setup.networkShape.map((_, index) => {
    const own = setup.layerActivations[index] ?? 'same'
    return own === 'same' ? setup.activation : own
  })
}

/** How the output is made: one signed number, one linear number, or a probability for each class. */
export type OutputKind = 'signed' | 'logit' | 'linear' | 'softmax'

export function outputKind(setup: Setup): OutputKind {
  if (setup.problem === 'regression') return 'linear'
  if (classCount(setup) > 2) return 'softmax'
  return setup.loss === 'squared' ? 'signed' : 'logit'
}

export function outputCount(setup: Setup): number {
  return outputKind(setup) === 'softmax' ? classCount(setup) : 1
}

/** The link of playground.tensorflow.org has `initZero=true` for zero weights. */
export function translateOldLink(address: string): string {
  return address.replace(/\binitZero=true\b/, 'init=zero')
}

/** Settings whose change gives new data. */
const dataKeys = ['problem', 'dataset', 'regDataset', 'classes', 'noise', 'percTrainData'] as const
/** Settings whose change starts the network anew; all others take effect while it trains. */
const networkKeys = [
  'networkShape',
  'activation',
  'layerActivations',
  'optimizer',
  'loss',
  'initialiser',
  'seed',
  ...features.map((name) => `feature:${name}` as const),
] as const

/** `points`: the network goes on with other points. */
export type Change = 'none' | 'live' | 'points' | 'network' | 'data'

/** What must be made anew after a change of settings. */
export function changeBetween(before: Setup, after: Setup): Change {
  const differs = (keys: readonly (keyof Setup)[]): boolean =>
    keys.some((key) => schema[key].codec.format(before[key] as never) !== schema[key].codec.format(after[key] as never))
  if (differs(dataKeys)) return 'data'
  if (differs(networkKeys)) return 'network'
  if (differs(['points'])) return 'points'
  return differs([
    'learningRate',
    'regularization',
    'regularizationRate',
    'dropout',
    'batchSize',
    'stopEpochs',
    'stopLoss',
  ])
    ? 'live'
    : 'none'
}
