/** The networks that have a name, for the command line and the studio: what they take and how to build one for given data. */
import { product } from '../base/arrays.ts'
import { ArgumentError } from '../base/errors.ts'
import { nearest } from '../base/nearest.ts'
import * as nn from '../nn/index.ts'
import { formatShape } from '../shape/shape.ts'
import { AlexNet } from './alexnet.ts'
import { cifarResnet20 } from './cifar-resnet.ts'
import { densenet121 } from './densenet.ts'
import { FashionSimpleNet } from './fashion-simple-net.ts'
import { googlenet } from './googlenet.ts'
import { leNet5 } from './lenet5.ts'
import { mlp } from './mlp.ts'
import { mobilenetV2 } from './mobilenet-v2.ts'
import { type ResNetBuilderOptions, resnet18, resnet34, resnet50 } from './resnet.ts'
import { squeezenet11 } from './squeezenet.ts'
import { vgg11, vgg16 } from './vgg.ts'

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
  {
    name: 'cifar-resnet20',
    description: 'ResNet-20 for small pictures (2015): 19 convolutions of 3 × 3 with shortcuts',
    inputShape: [3, 32, 32],
    classes: 10,
    create: (setting) => cifarResnet20(pictures('cifar-resnet20', setting)),
  },
  resnet('resnet18', 'ResNet-18 (2015); for pictures up to 64 pixels with a small stem', resnet18),
  resnet('resnet34', 'ResNet-34 (2015); for pictures up to 64 pixels with a small stem', resnet34),
  resnet('resnet50', 'ResNet-50 (2015); for pictures up to 64 pixels with a small stem', resnet50),
  imagenet('alexnet', 'AlexNet (2012) in the form of torchvision', (options) => new AlexNet(options)),
  imagenet('vgg11', 'VGG configuration A (2014)', vgg11),
  imagenet('vgg16', 'VGG configuration D (2014)', vgg16),
  imagenet('googlenet', 'GoogLeNet (2014): nine inception modules', googlenet),
  imagenet('densenet121', 'DenseNet-121 (2016)', densenet121),
  imagenet('squeezenet', 'SqueezeNet 1.1 (2016)', squeezenet11),
  imagenet('mobilenet-v2', 'MobileNetV2 (2018)', mobilenetV2),
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

/** A network for pictures of any size that was made for ImageNet. */
function imagenet(
  name: string,
  description: string,
  make: (options: { classes: number; inChannels: number }) => nn.Layer,
): ModelEntry {
  const create = (setting: ModelSetting): nn.Layer => make(pictures(name, setting))
  return { name, description, inputShape: [3, 224, 224], classes: 1000, create }
}

const LARGEST_SMALL = 64

function resnet(name: string, description: string, make: (options: ResNetBuilderOptions) => nn.Layer): ModelEntry {
  const create = (setting: ModelSetting): nn.Layer => {
    const small = Math.max(...setting.inputShape.slice(1)) <= LARGEST_SMALL
    return make({ ...pictures(name, setting), stem: small ? 'cifar' : 'imagenet' })
  }
  return { name, description, inputShape: [3, 224, 224], classes: 1000, create }
}

/** The options of a network for pictures of any size. Throws ArgumentError for other inputs. */
function pictures(name: string, { inputShape, classes }: ModelSetting): { classes: number; inChannels: number } {
  const [inChannels] = inputShape
  if (inputShape.length === 3 && inChannels !== undefined) return { classes, inChannels }
  throw new ArgumentError(
    `${name} takes pictures [channels, height, width], given inputs of shape ${formatShape(inputShape)}; choose another model (mlp takes any shape).`,
  )
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
