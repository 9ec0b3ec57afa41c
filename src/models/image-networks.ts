/** The named networks for pictures: classifiers of ImageNet and CIFAR-10, and segmentation. */
import type * as nn from '../nn/index.ts'
import { AlexNet, AlexNetPaper } from './alexnet.ts'
import { CifarResNet } from './cifar-resnet.ts'
import { densenet121, densenet169, densenet201, densenetBc } from './densenet.ts'
import { googlenet } from './googlenet.ts'
import { mobilenetV2 } from './mobilenet-v2.ts'
import { type ModelEntry, type ModelSetting, pictureOptions, squarePicture } from './model-entry.ts'
import {
  type ResNetBuilderOptions,
  resnet18,
  resnet34,
  resnet50,
  resnet101,
  resnet152,
  resnext50,
  wideResnet50,
} from './resnet.ts'
import { DeconvNet } from './segmentation/deconv-net.ts'
import { UNet } from './segmentation/u-net.ts'
import { squeezenet10, squeezenet11 } from './squeezenet.ts'
import {
  type VggBuilderOptions,
  vgg11,
  vgg11Bn,
  vgg11Lrn,
  vgg13,
  vgg13Bn,
  vgg16,
  vgg16Bn,
  vgg16C,
  vgg19,
  vgg19Bn,
} from './vgg.ts'

type Make<Options = object> = (options: Options & { classes: number; inChannels: number }) => nn.Layer

const imagenetInput = { inputShape: [3, 224, 224], classes: 1000 }
const cifarInput = { inputShape: [3, 32, 32], classes: 10 }

/** A network for pictures of any size that was made for ImageNet. */
function imagenet(name: string, description: string, source: string, make: Make): ModelEntry {
  const create = (setting: ModelSetting): nn.Layer => make(pictureOptions(name, setting))
  return { name, description, source, ...imagenetInput, create }
}

function vgg(name: string, description: string, make: Make<VggBuilderOptions>): ModelEntry {
  return imagenet(name, description, 'Simonyan and Zisserman 2014', make)
}

const LARGEST_SMALL = 64

/** A residual network, which gets a small stem for small pictures. */
function resnet(
  name: string,
  description: string,
  make: Make<ResNetBuilderOptions>,
  source = 'He et al. 2015',
): ModelEntry {
  const create = (setting: ModelSetting): nn.Layer => {
    const small = Math.max(...setting.inputShape.slice(1)) <= LARGEST_SMALL
    return make({ ...pictureOptions(name, setting), stem: small ? 'cifar' : 'imagenet' })
  }
  return { name, description: `${description}; a small stem up to 64 pixels`, source, ...imagenetInput, create }
}

function cifar(name: string, description: string, source: string, make: Make): ModelEntry {
  return { name, description, source, ...cifarInput, create: (setting) => make(pictureOptions(name, setting)) }
}

function cifarResnet(depth: number): ModelEntry {
  const description = `ResNet-${depth} for small pictures: ${depth - 1} convolutions of 3 × 3 with shortcuts`
  return cifar(
    `cifar-resnet${depth}`,
    description,
    'He et al. 2015',
    (options) => new CifarResNet({ ...options, depth }),
  )
}

function densenetBcEntry(depth: number): ModelEntry {
  const description = `DenseNet-BC of ${depth} layers and growth 12 for small pictures`
  return cifar(`densenet-bc-${depth}-12`, description, 'Huang et al. 2016', (options) =>
    densenetBc({ ...options, depth }),
  )
}

const deconvNet: ModelEntry = {
  name: 'deconvnet',
  description: 'segmentation: VGG-16 and its mirror image, unpooling and transposed convolutions',
  source: 'Noh et al. 2015',
  inputShape: [3, 224, 224],
  classes: 21,
  create: ({ inputShape, classes }) => {
    const wanted = '[channels, size, size] with a size that is a multiple of 32'
    const [inChannels, inputSize] = squarePicture('deconvnet', inputShape, { wanted, fits: (size) => size % 32 === 0 })
    return new DeconvNet({ classes, inChannels, inputSize })
  },
}

const uNet: ModelEntry = {
  name: 'unet',
  description: 'segmentation: encoder and decoder with bridges; sides are multiples of 16',
  source: 'Ronneberger et al. 2015',
  inputShape: [3, 256, 256],
  classes: 2,
  create: (setting) => new UNet(pictureOptions('unet', setting)),
}

export const imageNetworks: readonly ModelEntry[] = [
  ...[20, 32, 44, 56, 110].map(cifarResnet),
  densenetBcEntry(40),
  densenetBcEntry(100),
  resnet('resnet18', 'ResNet-18: eight blocks of two convolutions', resnet18),
  resnet('resnet34', 'ResNet-34: sixteen blocks of two convolutions', resnet34),
  resnet('resnet50', 'ResNet-50: sixteen bottlenecks', resnet50),
  resnet('resnet101', 'ResNet-101: 33 bottlenecks', resnet101),
  resnet('resnet152', 'ResNet-152: 50 bottlenecks', resnet152),
  resnet('resnext50-32x4d', 'ResNeXt-50: bottlenecks of 32 towers', resnext50, 'Xie et al. 2016'),
  resnet('wide-resnet50-2', 'Wide ResNet-50: bottlenecks twice as wide', wideResnet50, 'Zagoruyko and Komodakis 2016'),
  imagenet('alexnet', 'AlexNet in the form of torchvision', 'Krizhevsky 2014', (options) => new AlexNet(options)),
  {
    name: 'alexnet-paper',
    description: 'AlexNet as published: two groups, local response normalisation',
    source: 'Krizhevsky et al. 2012',
    ...imagenetInput,
    create: (setting) => {
      const fits = (size: number): boolean => size >= 195 && size <= 226
      squarePicture('alexnet-paper', setting.inputShape, { wanted: '[channels, 224, 224]', fits })
      return new AlexNetPaper(pictureOptions('alexnet-paper', setting))
    },
  },
  vgg('vgg11', 'VGG configuration A', vgg11),
  vgg('vgg11-lrn', 'VGG configuration A-LRN, with local response normalisation', vgg11Lrn),
  vgg('vgg13', 'VGG configuration B', vgg13),
  vgg('vgg16-c', 'VGG configuration C, with 1 × 1 convolutions', vgg16C),
  vgg('vgg16', 'VGG configuration D', vgg16),
  vgg('vgg19', 'VGG configuration E', vgg19),
  vgg('vgg11-bn', 'VGG configuration A with batch normalisation', vgg11Bn),
  vgg('vgg13-bn', 'VGG configuration B with batch normalisation', vgg13Bn),
  vgg('vgg16-bn', 'VGG configuration D with batch normalisation', vgg16Bn),
  vgg('vgg19-bn', 'VGG configuration E with batch normalisation', vgg19Bn),
  imagenet('googlenet', 'GoogLeNet: nine inception modules', 'Szegedy et al. 2014', googlenet),
  imagenet('densenet121', 'DenseNet-121: dense blocks of 6, 12, 24 and 16 layers', 'Huang et al. 2016', densenet121),
  imagenet('densenet169', 'DenseNet-169: dense blocks of 6, 12, 32 and 32 layers', 'Huang et al. 2016', densenet169),
  imagenet('densenet201', 'DenseNet-201: dense blocks of 6, 12, 48 and 32 layers', 'Huang et al. 2016', densenet201),
  imagenet('squeezenet1-0', 'SqueezeNet 1.0: eight fire modules', 'Iandola et al. 2016', squeezenet10),
  imagenet('squeezenet1-1', 'SqueezeNet 1.1: the same with less work', 'Iandola et al. 2016', squeezenet11),
  imagenet('mobilenet-v2', 'MobileNetV2: seventeen inverted residual blocks', 'Sandler et al. 2018', mobilenetV2),
  deconvNet,
  uNet,
]
