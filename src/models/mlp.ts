/** The multilayer perceptron of any depth and width. */
import { ArgumentError } from '../base/errors.ts'
import * as nn from '../nn/index.ts'

const activations = {
  relu: () => new nn.ReLU(),
  tanh: () => new nn.Tanh(),
  sigmoid: () => new nn.Sigmoid(),
  linear: () => new nn.Identity(),
  leakyRelu: () => new nn.LeakyReLU(),
  elu: () => new nn.ELU(),
  gelu: () => new nn.GELU(),
  silu: () => new nn.SiLU(),
  softplus: () => new nn.Softplus(),
} satisfies Record<string, () => nn.Layer>

/** The name of an activation function. */
export type ActivationName = keyof typeof activations

/**
 * A new layer of the named activation. Throws ArgumentError for another name.
 *
 * @example
 * import { models } from 'cognitron'
 * console.log(String(models.activationLayer('tanh'))) // Tanh()
 */
export function activationLayer(name: ActivationName): nn.Layer {
  const make = activations[name] as (() => nn.Layer) | undefined
  if (make) return make()
  throw new ArgumentError(`there is no activation '${name}'; choose one of ${Object.keys(activations).join(', ')}.`)
}

export interface MlpOptions {
  /** What stands between the linear layers. Default 'relu'. */
  readonly activation?: ActivationName
  /** What stands after the last one. Default: nothing. */
  readonly outputActivation?: ActivationName
  /** The probability of dropout after each hidden layer. Default 0. */
  readonly dropout?: number
}

/**
 * Linear layers of the given sizes with an activation between them: `[batch, sizes[0]] → [batch, sizes.at(-1)]`.
 * Throws ArgumentError for fewer than two sizes.
 *
 * @example
 * import { models, zeros } from 'cognitron'
 * const net = models.mlp([2, 8, 8, 1], { activation: 'tanh' })
 * console.log(net.forward(zeros([10, 2])).shape) // [10, 1]
 */
export function mlp(sizes: readonly number[], options: MlpOptions = {}): nn.Sequential {
  const { activation = 'relu', outputActivation, dropout = 0 } = options
  if (sizes.length < 2) {
    throw new ArgumentError(`mlp needs the sizes of the input and the output at least, given [${sizes.join(', ')}].`)
  }
  const layers = sizes.slice(1).flatMap((size, index): nn.Layer[] => {
    const linear = new nn.Linear(sizes[index] ?? 0, size)
    if (index === sizes.length - 2) return outputActivation ? [linear, activationLayer(outputActivation)] : [linear]
    const hidden = [linear, activationLayer(activation)]
    return dropout > 0 ? [...hidden, new nn.Dropout(dropout)] : hidden
  })
  return new nn.Sequential(...layers)
}
