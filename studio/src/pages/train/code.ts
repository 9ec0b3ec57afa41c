/** The set-up as a program for the library: the same pictures, the same seed, the same order, so the same figures. */
import { type LayerSpec, shapeLayers, withOutput } from '../../base/layer-spec.ts'
import type { DataInfo } from './protocol.ts'
import type { AugmentationName, OptimizerName, TrainSetup } from './setup.ts'

const optimizers: Readonly<Record<OptimizerName, readonly [name: string, more: string]>> = {
  adam: ['Adam', ''],
  adamw: ['AdamW', ''],
  sgd: ['SGD', ''],
  momentum: ['SGD', ', momentum: 0.9'],
  rmsprop: ['RMSprop', ''],
}

const steps: Readonly<Record<AugmentationName, string>> = {
  none: '',
  shift: 'data.shift()',
  turn: 'data.rotate({ degrees: 15 }), data.shift()',
  flip: 'data.flipHorizontal(), data.shift()',
}

function layerCode(layer: LayerSpec, [channels = 1, ...sides]: readonly number[]): string {
  switch (layer.kind) {
    case 'conv': {
      const options = [
        ...(layer.stride === 1 ? [] : [`stride: ${layer.stride}`]),
        ...(layer.padding === 0 ? [] : [`padding: ${layer.padding}`]),
      ]
      const last = options.length > 0 ? `, { ${options.join(', ')} }` : ''
      return `new nn.Conv2d(${channels}, ${layer.channels}, ${layer.size}${last})`
    }
    case 'maxPool':
      return `new nn.MaxPool2d(${layer.size})`
    case 'avgPool':
      return `new nn.AvgPool2d(${layer.size})`
    case 'linear':
      return `new nn.Linear(${channels}, ${layer.units})`
    case 'dropout':
      return `new nn.Dropout(${layer.rate})`
    case 'batchNorm':
      return `new nn.BatchNorm${sides.length > 0 ? '2d' : '1d'}(${channels})`
    case 'globalPool':
      return 'new nn.Sequential(new nn.AdaptiveAvgPool2d(1), new nn.Flatten())'
    default:
      return `new nn.${{ relu: 'ReLU', leakyRelu: 'LeakyReLU', gelu: 'GELU', tanh: 'Tanh', sigmoid: 'Sigmoid', flatten: 'Flatten' }[layer.kind]}()`
  }
}

function dataCode(setup: TrainSetup, info: DataInfo | undefined): string {
  const { count, seed, size, colour } = setup
  if (setup.data === 'digits') {
    const test = info?.test.labels.length ?? Math.max(200, count / 4)
    return `const train = data.syntheticDigits('train', { count: ${count}, seed: ${seed} })
const test = data.syntheticDigits('test', { count: ${test}, seed: ${seed} })`
  }
  return `// A folder for each class; for IDX files see data.readIdx and data.idxDataset.
const index = data.classFolderIndex(paths)
const { dataset } = await data.loadPictures(index, source, {
  size: { channels: ${colour ? 3 : 1}, height: ${size}, width: ${size} },
})
const [train, test] = data.split(dataset, [0.8, 0.2], { seed: ${seed}, stratified: true })`
}

export function trainCode(setup: TrainSetup, info: DataInfo | undefined): string {
  const { seed, optimizer, learningRate, weightDecay, batchSize, epochs, augmentation } = setup
  const inputShape = info?.inputShape ?? [1, 28, 28]
  const layers = withOutput(setup.layers, inputShape, info?.classNames.length ?? 10)
  const lines = shapeLayers(layers, inputShape).map(({ layer, input }) => `  ${layerCode(layer, input)},`)
  const [name, more] = optimizers[optimizer]
  const decay = weightDecay === 0 ? '' : `, weightDecay: ${weightDecay}`
  const loader =
    augmentation === 'none'
      ? ''
      : `\nconst transform = data.augment(${steps[augmentation]})
const loader = new data.DataLoader(train, { batchSize: ${batchSize}, shuffle: true, seed: ${seed}, transform })\n`
  return `import { data, loss, manualSeed, nn, optim, train as training } from 'cognitron'

${dataCode(setup, info)}

manualSeed(${seed})
const net = new nn.Sequential(
${lines.join('\n')}
)
${loader}
const { history } = await training.fit(net, {
  train${loader === '' ? '' : ': loader'},
  validation: test,
  loss: loss.crossEntropy,
  optimizer: new optim.${name}(net.parameters(), { lr: ${learningRate}${more}${decay} }),
  epochs: ${epochs},
  batchSize: ${batchSize},
  seed: ${seed},
})
for (const { epoch, trainLoss, validationAccuracy } of history) console.log(epoch, trainLoss, validationAccuracy)
`
}
