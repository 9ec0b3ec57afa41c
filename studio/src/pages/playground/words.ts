/** What the choices of the Playground are called and what each is good for. */
import type { Option } from '../../parts/controls.tsx'
import type { Activation, ClassSet, Initialiser, LossName, OptimizerName, Penalty, RegressionSet } from './setup.ts'

function options<T extends string>(names: Readonly<Record<T, string>>): Option<T>[] {
  return (Object.keys(names) as T[]).map((value) => ({ value, label: names[value] }))
}

export const activationNames: Readonly<Record<Activation, string>> = {
  relu: 'ReLU',
  tanh: 'Tanh',
  sigmoid: 'Sigmoid',
  linear: 'Linear',
  leakyRelu: 'Leaky ReLU',
  gelu: 'GELU',
}
export const activationOptions = options(activationNames)

export const setNames: Readonly<Record<ClassSet | RegressionSet, string>> = {
  circle: 'Circle',
  xor: 'XOR',
  gauss: 'Gaussian',
  spiral: 'Spiral',
  moons: 'Moons',
  checkerboard: 'Checker',
  own: 'Own',
  'reg-plane': 'Plane',
  'reg-gauss': 'Six hills',
}

export const optimizerOptions = options<OptimizerName>({
  sgd: 'SGD',
  momentum: 'SGD + momentum',
  nesterov: 'SGD + Nesterov',
  adagrad: 'Adagrad',
  rmsprop: 'RMSprop',
  adam: 'Adam',
  adamw: 'AdamW',
})

export const initialiserOptions = options<Initialiser>({
  playground: 'Uniform ±½',
  xavier: 'Xavier',
  he: 'He',
  small: 'Very small',
  large: 'Very large',
  zero: 'Zero',
})

export const lossOptions = options<LossName>({ squared: 'Squared error', crossEntropy: 'Cross-entropy' })

export const penaltyOptions = options<Penalty>({ none: 'None', L1: 'L1', L2: 'L2' })
