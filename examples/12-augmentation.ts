/**
 * Lesson 12: more pictures for nothing. The same network learns from the same 3,200 pictures of CIFAR-10 with the same rates, once as
 * they are and once mirrored and moved at random each time they are seen; 800 others tell what that is worth.
 *
 * With `--data-dir ../shared/data` it reads 4,000 lossless records; otherwise it uses generated landscapes and is done in seconds.
 * Sources: Krizhevsky, "Learning multiple layers of features from tiny images", 2009; He et al., arXiv:1512.03385, section 4.2.
 */
import { data, loss, manualSeed, nn, optim, train } from 'cognitron'
import { readBytes } from 'cognitron/data/node'
import { dataFolder, figureName } from './data.ts'
import { saveFigure } from './figure.ts'
import { landscapes } from './landscapes.ts'
import { narrate, percent } from './narrate.ts'

const folder = dataFolder('cifar10-lossless-4000')
const epochs = folder ? 40 : 10

async function loadAll(): Promise<data.ArrayDataset> {
  if (!folder) return landscapes(480, 3)
  const name = `${folder}/data_batch_1_first4000.bin.gz`
  const normalize = { scale: 1 / 255, mean: [0.4914, 0.4822, 0.4465], std: [0.247, 0.2435, 0.2616] }
  return data.readCifar10([{ name, bytes: await readBytes(name) }], { normalize })
}

const all = await loadAll()
const [training, test] = data.split(all, [0.8, 0.2], { seed: 1, stratified: true })
if (!training || !test) throw new Error('the pictures cannot be split')
const classes = all.classNames?.length ?? 10

const stage = (from: number, to: number): nn.Layer[] => [
  new nn.Conv2d(from, to, 3, { padding: 1, bias: false }),
  new nn.BatchNorm2d(to),
  new nn.ReLU(),
  new nn.MaxPool2d(2),
]

/** Trains the network anew; returns accuracies by epoch. */
async function learn(label: string, transform: data.SampleTransform | undefined): Promise<train.FitResult['history']> {
  manualSeed(1)
  const net = new nn.Sequential(
    ...stage(3, 32),
    ...stage(32, 64),
    ...stage(64, 128),
    new nn.AdaptiveAvgPool2d(1),
    new nn.Flatten(),
    new nn.Linear(128, classes),
  )
  const loader = new data.DataLoader(training as data.Subset, {
    batchSize: 32,
    shuffle: true,
    seed: 1,
    ...(transform ? { transform } : {}),
  })
  const optimizer = new optim.AdamW(net.parameters(), { weightDecay: 0.01 })
  const schedule = new optim.OneCycleLR(optimizer, {
    maxLr: folder ? 0.006 : 0.003,
    totalSteps: epochs * loader.length,
  })
  const options = {
    train: loader,
    validation: test as data.Subset,
    loss: loss.crossEntropy,
    optimizer,
    schedule,
    epochs,
  }
  const { history } = await train.fit(net, { ...options, seed: 1, restoreBest: false, callbacks: [narrate(label)] })
  return history
}

const bare = await learn('as they are: ', undefined)
const varied = await learn('augmented: ', data.augment(data.flipHorizontal(), data.randomCrop({ padding: 4 })))

const final = (history: train.FitResult['history']): number => history.at(-1)?.validationAccuracy ?? 0
const gain = 100 * (final(varied) - final(bare))
console.log(`test: ${percent(final(bare))} as they are, ${percent(final(varied))} augmented: ${gain.toFixed(1)} points`)
const curve = (history: train.FitResult['history'], of: 'trainAccuracy' | 'validationAccuracy'): [number, number][] =>
  history.map((record) => [record.epoch, 100 * (record[of] ?? 0)])
const figure = saveFigure(
  figureName('12-augmentation', folder !== undefined),
  `Augmentation gains ${gain.toFixed(1)} points on ${test.length} unseen pictures of ${all.name}`,
  [
    {
      title: 'Test pictures recognised',
      xLabel: 'epoch',
      yLabel: '%',
      series: [
        { name: 'augmented', points: curve(varied, 'validationAccuracy') },
        { name: 'as they are', points: curve(bare, 'validationAccuracy') },
      ],
    },
    {
      title: 'Training pictures recognised',
      xLabel: 'epoch',
      yLabel: '%',
      series: [
        { name: 'augmented', points: curve(varied, 'trainAccuracy') },
        { name: 'as they are', points: curve(bare, 'trainAccuracy') },
      ],
    },
  ],
)
console.log(`figure: ${figure}`)
