/** Set-ups worth seeing, each with what to look for. */
import { defaultState } from '../../base/address.ts'
import { type Feature, type Setup, schema } from './setup.ts'

export interface Preset {
  readonly id: string
  readonly title: string
  readonly comment: string
  readonly changes: Partial<Setup>
}

function using(...names: Feature[]): Partial<Setup> {
  return Object.fromEntries(names.map((name) => [`feature:${name}`, true]))
}

const withoutPlain: Partial<Setup> = { 'feature:x': false, 'feature:y': false }

export const presets: readonly Preset[] = [
  {
    id: 'circle',
    title: 'A circle from straight lines',
    comment: 'Four neurons each draw a line; two more fold them into a ring. It takes about a hundred epochs.',
    changes: {},
  },
  {
    id: 'xor',
    title: 'Exclusive or',
    comment: 'No single line parts these corners. The hidden neurons find two lines whose combination does.',
    changes: { dataset: 'xor' },
  },
  {
    id: 'xor-one',
    title: 'One neuron cannot do exclusive or',
    comment:
      'Minsky and Papert’s point of 1969: without a hidden layer the accuracy stays near one half. Add a layer and watch.',
    changes: { dataset: 'xor', networkShape: [] },
  },
  {
    id: 'features',
    title: 'Good inputs instead of depth',
    comment: 'With x₁² and x₂² as inputs the circle needs no hidden layer at all: x₁² + x₂² < r² is a straight line.',
    changes: { ...withoutPlain, ...using('xSquared', 'ySquared'), networkShape: [] },
  },
  {
    id: 'spiral',
    title: 'Spiral with the right inputs',
    comment: 'The sines tell where along the arms a point lies; two layers of eight join the pieces.',
    changes: { dataset: 'spiral', networkShape: [8, 8], seed: 2, ...using('sinX', 'sinY') },
  },
  {
    id: 'spiral-hard',
    title: 'Spiral from x₁ and x₂ alone',
    comment: 'Three layers and Adam find the arms without help. Watch the arms grow outwards; other seeds get stuck.',
    changes: {
      dataset: 'spiral',
      networkShape: [8, 8, 8],
      activation: 'tanh',
      optimizer: 'adam',
      learningRate: 0.01,
      seed: 2,
    },
  },
  {
    id: 'five-arms',
    title: 'Five classes',
    comment: 'Five outputs with softmax, one for each arm. Hover an output to see where it is sure.',
    changes: {
      dataset: 'spiral',
      classes: 5,
      networkShape: [8, 8],
      optimizer: 'adam',
      learningRate: 0.01,
      ...using('sinX', 'sinY'),
    },
  },
  {
    id: 'overfit',
    title: 'Learning the noise',
    comment:
      'Few noisy points and a large network: the training loss falls while the test loss rises. Show the test data.',
    changes: {
      dataset: 'gauss',
      noise: 45,
      percTrainData: 10,
      networkShape: [8, 8, 8],
      activation: 'relu',
      optimizer: 'adam',
      learningRate: 0.01,
      showTestData: true,
    },
  },
  {
    id: 'regularised',
    title: 'The same with a penalty',
    comment: 'As before with an L2 penalty on the weights: the border becomes smooth and the test loss stays down.',
    changes: {
      dataset: 'gauss',
      noise: 45,
      percTrainData: 10,
      networkShape: [8, 8, 8],
      activation: 'relu',
      optimizer: 'adam',
      learningRate: 0.01,
      regularization: 'L2',
      regularizationRate: 1,
      showTestData: true,
    },
  },
  {
    id: 'sparse',
    title: 'L1 switches inputs off',
    comment: 'Seven inputs, but the circle needs two of them. The L1 penalty pulls the other weights to exactly zero.',
    changes: {
      ...using('xSquared', 'ySquared', 'xTimesY', 'sinX', 'sinY'),
      networkShape: [2],
      regularization: 'L1',
      regularizationRate: 0.003,
    },
  },
  {
    id: 'vanishing',
    title: 'Gradients that vanish',
    comment:
      'Five sigmoid layers: each one damps the gradient, and for a long time nothing happens. Now choose tanh or ReLU.',
    changes: { networkShape: [4, 4, 4, 4, 4], activation: 'sigmoid' },
  },
  {
    id: 'symmetric',
    title: 'All weights equal',
    comment: 'From zero weights every neuron of a layer gets the same gradient, so they stay copies of one another.',
    changes: { initialiser: 'zero', networkShape: [4] },
  },
  {
    id: 'diverge',
    title: 'Too large a step',
    comment: 'A learning rate of 3 on a linear fit: every step overshoots further, until the numbers overflow.',
    changes: { problem: 'regression', activation: 'linear', learningRate: 3, networkShape: [4, 2] },
  },
  {
    id: 'hills',
    title: 'Hills and hollows',
    comment: 'Regression: the output is a height. Six cones, up and down in turn.',
    changes: {
      problem: 'regression',
      regDataset: 'reg-gauss',
      networkShape: [8, 8],
      optimizer: 'adam',
      learningRate: 0.01,
    },
  },
]

/** The whole set-up of a preset. */
export function presetSetup(preset: Preset): Setup {
  return { ...defaultState(schema), ...preset.changes }
}
