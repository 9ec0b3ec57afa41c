/** The networks that have a name, for the command line and the studio: what they take and how to build one for given data. */
import { product } from '../base/arrays.ts'
import { ArgumentError } from '../base/errors.ts'
import { nearest } from '../base/nearest.ts'
import * as nn from '../nn/index.ts'
import { formatShape } from '../shape/shape.ts'
import { FashionSimpleNet } from './fashion-simple-net.ts'
import { leNet5 } from './lenet5.ts'
import { mlp } from './mlp.ts'

/** What a named network is built for. */
export interface ModelSetting {
  /** The shape of one input: `[channels, height, width]` of a picture, `[features]` of a row of numbers. */
  readonly inputShape: readonly number[]
  /** How many numbers come out. */
  readonly classes: number
}

export interface ModelEntry {
  readonly name: string
  readonly description: string
  /** The input that it was made for. */
  readonly inputShape: readonly number[]
  /** The number of classes that it was made for. */
  readonly classes: number
  /** A new network. Throws ArgumentError for an input that it does not take. */
  create(setting: ModelSetting): nn.Layer
}

const entries: readonly ModelEntry[] = [
  {
    name: 'fashion-simple-net',
    description: 'two stages of convolution and pooling, dropout, two linear layers',
    inputShape: [1, 28, 28],
    classes: 10,
    create: ({ inputShape, classes }) => {
      const [inChannels, imageSize] = squarePicture('fashion-simple-net', inputShape, (size) => size % 4 === 0)
      return new FashionSimpleNet({ classes, inChannels, imageSize })
    },
  },
  {
    name: 'lenet5',
    description: 'LeNet-5 (1998): two stages of convolution and average pooling, three linear layers',
    inputShape: [1, 28, 28],
    classes: 10,
    create: ({ inputShape, classes }) => {
      const [inChannels] = squarePicture('lenet5', inputShape, (size) => size === 28)
      return leNet5({ classes, inChannels })
    },
  },
  {
    name: 'mlp',
    description: 'multilayer perceptron with hidden layers of 256 and 128 units',
    inputShape: [1, 28, 28],
    classes: 10,
    create: ({ inputShape, classes }) => flattened(mlp([product(inputShape), 256, 128, classes])),
  },
  {
    name: 'linear',
    description: 'one linear layer: softmax regression',
    inputShape: [1, 28, 28],
    classes: 10,
    create: ({ inputShape, classes }) => flattened(mlp([product(inputShape), classes])),
  },
]

/** All named networks. */
export const modelEntries: Readonly<Record<string, ModelEntry>> = Object.fromEntries(
  entries.map((entry) => [entry.name, entry]),
)

/**
 * The named network.
 *
 * @throws ArgumentError for an unknown name; the message lists the known ones.
 * @example
 * import { models, zeros } from 'cognitron'
 * const net = models.modelNamed('lenet5').create({ inputShape: [1, 28, 28], classes: 10 })
 * console.log(net.forward(zeros([1, 1, 28, 28])).shape) // [1, 10]
 */
export function modelNamed(name: string): ModelEntry {
  const entry = Object.hasOwn(modelEntries, name) ? modelEntries[name] : undefined
  if (entry) return entry
  const meant = nearest(name, Object.keys(modelEntries))
  const hint = meant === undefined ? '' : ` Did you mean ${meant}?`
  throw new ArgumentError(`There is no model "${name}"; known are ${Object.keys(modelEntries).join(', ')}.${hint}`)
}

/** The same layers behind one that makes rows of numbers of pictures. */
function flattened(net: nn.Sequential): nn.Sequential {
  return new nn.Sequential(new nn.Flatten(), ...net.layers)
}

/** Channels and side of a square picture. Throws ArgumentError that names the model when it takes no such input. */
function squarePicture(
  name: string,
  inputShape: readonly number[],
  fits: (size: number) => boolean,
): [channels: number, size: number] {
  const [channels = 0, height = 0, width = 0] = inputShape
  if (inputShape.length === 3 && height === width && height > 0 && fits(height)) return [channels, height]
  const wanted = fits(32) ? '[channels, size, size] with a size that is a multiple of 4' : '[channels, 28, 28]'
  throw new ArgumentError(
    `${name} takes pictures ${wanted}, given inputs of shape ${formatShape(inputShape)}; choose another model (mlp takes any shape).`,
  )
}
