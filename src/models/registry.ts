/** The networks that have a name, for the command line and the studio: what they take and how to build one for given data. */
import { product } from '../base/arrays.ts'
import { ArgumentError } from '../base/errors.ts'
import { nearest } from '../base/nearest.ts'
import * as nn from '../nn/index.ts'
import { FashionSimpleNet } from './fashion-simple-net.ts'
import { imageNetworks } from './image-networks.ts'
import { LeNet1989 } from './lenet/lenet-1989.ts'
import { LeNet1998 } from './lenet/lenet-1998.ts'
import { leNet5 } from './lenet5.ts'
import { mlp } from './mlp.ts'
import { type ModelEntry, squarePicture } from './model-entry.ts'

const grey28 = { inputShape: [1, 28, 28], classes: 10 }

const entries: readonly ModelEntry[] = [
  {
    name: 'fashion-simple-net',
    description: 'two stages of convolution and pooling, dropout, two linear layers',
    source: 'the Fashion-MNIST lesson',
    ...grey28,
    create: ({ inputShape, classes }) => {
      const wanted = '[channels, size, size] with a size that is a multiple of 4'
      const fits = (size: number): boolean => size % 4 === 0
      const [inChannels, imageSize] = squarePicture('fashion-simple-net', inputShape, { wanted, fits })
      return new FashionSimpleNet({ classes, inChannels, imageSize })
    },
  },
  {
    name: 'lenet5',
    description: 'LeNet-5 as usual: two stages of convolution and average pooling, three linear layers',
    source: 'LeCun et al. 1998',
    ...grey28,
    create: ({ inputShape, classes }) => {
      const fits = (size: number): boolean => size === 28
      const [inChannels] = squarePicture('lenet5', inputShape, { wanted: '[channels, 28, 28]', fits })
      return leNet5({ classes, inChannels })
    },
  },
  {
    name: 'lenet-1998',
    description: 'LeNet-5 as published: learned subsampling, sparse connections, drawn digits as output codes',
    source: 'LeCun et al. 1998',
    ...grey28,
    create: ({ inputShape, classes }) => {
      const fits = (size: number, channels: number): boolean => channels === 1 && (size === 28 || size === 32)
      squarePicture('lenet-1998', inputShape, { wanted: '[1, 28, 28]', fits })
      if (classes === 10) return new LeNet1998()
      throw new ArgumentError(`lenet-1998 has codes for the ten digits, given ${classes} classes; use lenet5.`)
    },
  },
  {
    name: 'lenet-1989',
    description: 'the first convolutional network for postcodes: two layers of maps, 30 hidden units',
    source: 'LeCun et al. 1989',
    inputShape: [1, 16, 16],
    classes: 10,
    create: ({ inputShape, classes }) => {
      const fits = (size: number, channels: number): boolean => channels === 1 && size === 16
      squarePicture('lenet-1989', inputShape, { wanted: '[1, 16, 16]', fits })
      return new LeNet1989({ classes })
    },
  },
  {
    name: 'mlp',
    description: 'multilayer perceptron with hidden layers of 256 and 128 units',
    source: 'Rumelhart et al. 1986',
    ...grey28,
    create: ({ inputShape, classes }) => flattened(mlp([product(inputShape), 256, 128, classes])),
  },
  {
    name: 'linear',
    description: 'one linear layer: softmax regression',
    source: 'Bishop 2006, section 4.3.4',
    ...grey28,
    create: ({ inputShape, classes }) => flattened(mlp([product(inputShape), classes])),
  },
  ...imageNetworks,
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
