/** What the image classifiers of this folder share: their options, and the rules by which they set their first weights. */
import * as nn from '../nn/index.ts'

/** Options of an image classifier; the defaults are those of ImageNet. */
export interface ClassifierOptions {
  /** How many scores come out. Default 1000. */
  readonly classes?: number
  /** Colours of the picture. Default 3. */
  readonly inChannels?: number
}

/** The defaults of networks for the 32 × 32 pictures of CIFAR-10. */
export interface CifarOptions {
  /** How many scores come out. Default 10. */
  readonly classes?: number
  /** Colours of the picture. Default 3. */
  readonly inChannels?: number
}

type Convolution = nn.Conv2d | nn.ConvTranspose2d

const isConvolution = (module: nn.AnyModule): module is Convolution =>
  module instanceof nn.Conv2d || module instanceof nn.ConvTranspose2d

/**
 * He's rule for every two-dimensional convolution of `net`: normal with standard deviation √(2 / fan), by default with the fan-out,
 * and biases of 0. Source: He et al., "Delving deep into rectifiers" (2015).
 */
export function initConvolutions(net: nn.AnyModule, mode: 'fanIn' | 'fanOut' = 'fanOut'): void {
  for (const module of net.modules()) {
    if (!isConvolution(module)) continue
    nn.init.kaimingNormal(module.weight, { mode, nonlinearity: 'relu' })
    if (module.bias) nn.init.zeros(module.bias)
  }
}

/** Weights of every linear layer of `net` normal with the given standard deviation, biases 0. */
export function initLinears(net: nn.AnyModule, std: number): void {
  for (const module of net.modules()) {
    if (!(module instanceof nn.Linear)) continue
    nn.init.normal(module.weight, 0, std)
    if (module.bias) nn.init.zeros(module.bias)
  }
}
