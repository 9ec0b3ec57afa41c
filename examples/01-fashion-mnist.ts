/**
 * Lesson 1: clothes. FashionSimpleNet learns Fashion-MNIST with Adam and stops by itself when the held-back pictures no longer
 * gain: early stopping with a patience of five epochs.
 *
 * With `--data-dir ../shared/data` (or the four files of Fashion-MNIST in a folder) it learns from 54,000 pictures; without, from a
 * few thousand drawn digits. The figure shows the curves of both losses with the epoch whose weights are kept.
 * Source: Xiao, Rasul, Vollgraf, "Fashion-MNIST", arXiv:1708.07747; the network is the one of the lecture.
 */
import { data, loss, manualSeed, metrics, models, optim, train } from 'cognitron'
import { loadDataSet } from 'cognitron/data/node'
import { dataFolder, figureName } from './data.ts'
import { saveFigure } from './figure.ts'
import { narrate, percent } from './narrate.ts'

const folder = dataFolder('fashion-mnist')
const { train: all, test } = folder
  ? await loadDataSet('fashion-mnist', { dataDir: folder })
  : { train: data.syntheticDigits('train', { count: 2400 }), test: data.syntheticDigits('test', { count: 500 }) }
const [training, validation] = data.split(all, [0.9, 0.1], { seed: 0, stratified: true })
if (!training || !validation) throw new Error('the pictures cannot be split')
console.log(`${training.length} pictures to learn from, ${validation.length} held back, ${test.length} to test`)

manualSeed(0)
const net = new models.FashionSimpleNet()
const { history, best, message, ...result } = await train.fit(net, {
  train: training,
  validation,
  test,
  loss: loss.crossEntropy,
  optimizer: new optim.Adam(net.parameters(), { lr: 1e-3 }),
  epochs: folder ? 50 : 12,
  batchSize: 64,
  seed: 0,
  callbacks: [train.earlyStopping({ patience: folder ? 5 : 3 }), narrate()],
})
const reached = result.test?.accuracy ?? 0
console.log(message ?? 'all epochs done')
console.log(`test: ${percent(reached)} right with the weights of epoch ${best?.epoch}`)

// Which classes are taken for which: predictions against labels, class by class.
const scores = await train.predict(net, test)
const matrix = new metrics.ConfusionMatrix(10)
matrix.add(metrics.predictedClasses(scores.data, 10), data.labelsOf(test))
const names = test.classNames ?? []
const recalls = matrix.report().map(({ recall }, index) => ({ name: names[index] ?? String(index), value: recall }))

const keptEpoch = best?.epoch ?? history.length
const lowest = best?.value ?? 0
const figure = saveFigure(
  figureName('01-fashion-mnist', folder !== undefined),
  `FashionSimpleNet on ${test.name}: ${percent(reached)} of the test pictures right`,
  [
    {
      title: 'Learning goes on, generalising does not',
      xLabel: 'epoch',
      yLabel: 'cross-entropy',
      series: [
        { name: 'training', points: history.map((record) => [record.epoch, record.trainLoss]) },
        { name: 'held back', points: history.map((record) => [record.epoch, record.validationLoss ?? 0]) },
        { name: '', points: [[keptEpoch, lowest]], dots: true, colour: '#000000' },
      ],
      notes: [{ at: [keptEpoch, lowest], text: 'kept' }],
    },
    {
      title: 'Share of each class that is recognised',
      bars: recalls.toSorted((a, b) => b.value - a.value),
      format: percent,
    },
  ],
)
console.log(`figure: ${figure}`)
