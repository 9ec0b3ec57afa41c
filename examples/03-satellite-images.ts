/**
 * Lesson 3: what grows where? A convolutional network, from scratch, tells land use from satellite pictures.
 *
 * With `--data-dir ../shared/data` it learns from 2,400 EuroSAT pictures (Sentinel-2, 64 × 64, ten classes) and is tested on 600
 * others; without, from small generated landscapes. Seen from above there is no up: pictures are flipped and turned by quarters.
 * Source: Helber et al., "EuroSAT: a novel dataset and deep learning benchmark for land use and land cover classification", 2019.
 */
import { data, loss, manualSeed, metrics, nn, optim, train } from 'cognitron'
import { dataFolder, figureName, pictureFolder } from './data.ts'
import { saveFigure } from './figure.ts'
import { landscapes } from './landscapes.ts'
import { narrate, percent } from './narrate.ts'

const folder = dataFolder('eurosat-rgb-subset')
const epochs = folder ? 50 : 6

async function loadAll(): Promise<data.ArrayDataset> {
  if (!folder) return landscapes(1500, 1)
  const { paths, source } = await pictureFolder(folder)
  const size = { channels: 3, height: 64, width: 64 } as const
  return (await data.loadPictures(data.classFolderIndex(paths), source, { size, name: 'EuroSAT' })).dataset
}

/** Turns a square picture by a random number of quarters. */
const quarterTurn: data.Augmentation = (picture, random) => {
  if (random.uniform() < 0.5) return picture
  const { channels, height: side } = picture
  const turned = new Float32Array(picture.data.length)
  for (let place = 0; place < channels * side * side; place++) {
    const [plane, row, column] = [Math.floor(place / side / side), Math.floor(place / side) % side, place % side]
    turned[(plane * side + column) * side + side - 1 - row] = picture.data[place] ?? 0
  }
  return { ...picture, data: turned }
}

const convolution = (from: number, to: number): nn.Layer[] => [
  new nn.Conv2d(from, to, 3, { padding: 1, bias: false }),
  new nn.BatchNorm2d(to),
  new nn.ReLU(),
]

/** The set with every channel of mean 0 and deviation 1, as measured on the training part. */
async function standardised(set: data.ArrayDataset): Promise<[data.Subset, data.Subset]> {
  const parts = { seed: 1, stratified: true }
  const [measured] = data.split(set, [0.8, 0.2], parts)
  if (!measured) throw new Error('the pictures cannot be split')
  const normalize = { ...set.normalization, ...(await data.channelStatistics(measured)) }
  const { rawInputs: inputs, rawTargets: targets, inputShape, name } = set
  const ready = new data.ArrayDataset({ inputs, targets, inputShape, classNames, name, normalize })
  return data.split(ready, [0.8, 0.2], parts) as [data.Subset, data.Subset]
}

const all = await loadAll()
const classNames = all.classNames ?? []
const [training, test] = await standardised(all)

manualSeed(1)
const net = new nn.Sequential(
  ...convolution(3, 16),
  new nn.MaxPool2d(2),
  ...convolution(16, 32),
  new nn.MaxPool2d(2),
  ...convolution(32, 64),
  ...convolution(64, 64),
  new nn.MaxPool2d(2),
  ...convolution(64, 128),
  ...convolution(128, 128),
  new nn.MaxPool2d(2),
  new nn.AdaptiveAvgPool2d(1),
  new nn.Flatten(),
  new nn.Linear(128, classNames.length),
)
const transform = data.augment(data.flipHorizontal(), data.flipVertical(), quarterTurn)
const loader = new data.DataLoader(training, { batchSize: 32, shuffle: true, seed: 1, transform })
const optimizer = new optim.AdamW(net.parameters(), { weightDecay: 0.01 })
const schedule = new optim.OneCycleLR(optimizer, { maxLr: 0.003, totalSteps: epochs * loader.length })

console.log(`${training.length} pictures to learn from, ${test.length} to test, ${classNames.length} classes`)
const { history } = await train.fit(net, {
  train: loader,
  validation: test,
  loss: loss.crossEntropy,
  optimizer,
  schedule,
  epochs,
  seed: 1,
  restoreBest: false,
  callbacks: [narrate()],
})

const reached = await train.evaluate(net, test, { loss: loss.crossEntropy })
const scores = await train.predict(net, test)
const matrix = new metrics.ConfusionMatrix(classNames.length)
matrix.add(metrics.predictedClasses(scores.data, classNames.length), test.labels())
console.log(`test: ${percent(reached.accuracy ?? 0)} right`)

const figure = saveFigure(
  figureName('03-satellite-images', folder !== undefined),
  `${all.name}: ${percent(reached.accuracy ?? 0)} of ${test.length} unseen pictures right`,
  [
    {
      title: 'Pictures recognised while learning',
      xLabel: 'epoch',
      yLabel: 'accuracy',
      series: [
        { name: 'training', points: history.map(({ epoch, trainAccuracy }) => [epoch, trainAccuracy ?? 0]) },
        { name: 'test', points: history.map(({ epoch, validationAccuracy }) => [epoch, validationAccuracy ?? 0]) },
      ],
    },
    {
      title: 'Share of each class that is recognised',
      bars: matrix.report().map(({ recall }, index) => ({ name: classNames[index] ?? '', value: recall })),
      format: percent,
    },
  ],
)
console.log(`figure: ${figure}`)
