/**
 * Lesson 7: knowledge that was paid for already. A network that has learned something else gets a new output layer; its early layers
 * stay frozen at first and learn later, the deeper the later and the slower.
 *
 * The first part builds a detector of injured retinas from 40 labelled pictures. A network from scratch, a new head on the frozen layers
 * of a network that knows other findings from 2,000 eyes, and the same network with layers that are unfrozen step by step are compared.
 * What counts is how many of the injured are found (sensitivity) and how many of the healthy are left in peace (specificity). The eyes
 * are drawn here.
 *
 * With `--data-dir ../shared/data` the second part takes MobileNetV2, trained on photographs, to satellite pictures it has never seen the
 * like of: what it makes of each is computed once, and a head learns on that within seconds; the same head on bare pixels shows what
 * that is worth.
 * Sources: Yosinski et al., "How transferable are features in deep neural networks?", 2014; Howard and Ruder, "Universal language model
 * fine-tuning", 2018; Evci et al., "Head2Toe", 2022; Helber et al., "EuroSAT", 2019.
 */
import { BinaryReader } from '@bufbuild/protobuf/wire'
import { data, io, loss, manualSeed, metrics, nn, optim, train } from 'cognitron'
import { readBytes } from 'cognitron/data/node'
import { dataFolder, figureName, pictureFolder } from './data.ts'
import { type Bars, type Panel, saveFigure } from './figure.ts'
import { percent } from './narrate.ts'
import { knownFindings, newFinding, retinas } from './retinas.ts'

const satellite = dataFolder('eurosat-rgb-subset')
const networks = dataFolder('pretrained')

/** Convolution, normalisation, ReLU, half the size. */
const stage = (from: number, to: number): nn.Sequential =>
  new nn.Sequential(
    new nn.Conv2d(from, to, 3, { padding: 1, bias: false }),
    new nn.BatchNorm2d(to),
    new nn.ReLU(),
    new nn.MaxPool2d(2),
  )

function makeNet(classes: number): nn.Sequential {
  manualSeed(1)
  const ends = [new nn.AdaptiveAvgPool2d(1), new nn.Flatten(), new nn.Linear(48, classes)]
  return new nn.Sequential(stage(3, 16), stage(16, 32), stage(32, 48), ...ends)
}

/** A network that knows other findings from 2,000 eyes. */
async function eyeNet(): Promise<nn.Sequential> {
  const net = makeNet(knownFindings.length)
  const { test } = await train.fit(net, {
    train: retinas(knownFindings, 2000, 3),
    test: retinas(knownFindings, 400, 4),
    loss: loss.crossEntropy,
    optimizer: new optim.Adam(net.parameters(), { lr: 3e-3 }),
    epochs: 10,
    batchSize: 40,
    seed: 1,
  })
  console.log(`before: ${percent(test?.accuracy ?? 0)} of known findings recognised`)
  return net
}

const few = retinas(newFinding, 40, 1)
const eyes = retinas(newFinding, 600, 2)
const epochs = 40

interface Detector {
  readonly name: string
  readonly matrix: metrics.ConfusionMatrix
  /** Accuracy on unseen eyes by epoch. */
  readonly curve: [number, number][]
}

/** Trains on the few pictures, judges on the many. */
async function learn(
  name: string,
  net: train.Transfer['model'],
  optimizer: optim.Optimizer,
  callback?: train.Callback,
): Promise<Detector> {
  const batchSize = 20
  const tMax = epochs * Math.ceil(few.length / batchSize)
  const { history } = await train.fit(net, {
    train: few,
    validation: eyes,
    loss: loss.crossEntropy,
    optimizer,
    schedule: new optim.CosineAnnealingLR(optimizer, { tMax }),
    epochs,
    batchSize,
    seed: 1,
    restoreBest: false,
    callbacks: callback ? [callback] : [],
  })
  const matrix = new metrics.ConfusionMatrix(2)
  matrix.add(metrics.predictedClasses((await train.predict(net, eyes)).data, 2), eyes.labels())
  const [healthy, injured] = matrix.report()
  console.log(
    `${name}: ${percent(matrix.accuracy)} right; finds ${percent(injured?.recall ?? 0)} of the injured, ` +
      `leaves ${percent(healthy?.recall ?? 0)} of the healthy in peace`,
  )
  return { name, matrix, curve: history.map(({ epoch, validationAccuracy }) => [epoch, validationAccuracy ?? 0]) }
}

async function detectors(): Promise<Detector[]> {
  const scratch = makeNet(2)
  const fromScratch = await learn('from scratch', scratch, new optim.Adam(scratch.parameters(), { lr: 3e-3 }))
  const frozen = train.transfer(await eyeNet(), { head: 2 })
  const headAlone = await learn('new head', frozen.model, new optim.Adam(frozen.parameterGroups(0.01)), frozen.callback)
  // Convolutions alone: statistics of normalisation are better kept than taken from so few pictures.
  const gradual = train.transfer(await eyeNet(), {
    head: 2,
    unfreezeAt: { 6: ['2.0'], 12: ['1.0'], 18: ['0.0'] },
    discriminativeRates: 0.5,
  })
  const groups = gradual.parameterGroups(0.01)
  const unfrozen = await learn('thawed', gradual.model, new optim.Adam(groups), gradual.callback)
  return [fromScratch, headAlone, unfrozen]
}

/** The head of the second part, on any kind of features. */
const headFor = (features: number): nn.Sequential =>
  new nn.Sequential(new nn.BatchNorm1d(features), new nn.Dropout(0.5), new nn.Linear(features, 10))

/** Trains a head on rows of numbers; gives the share of the test part that is right. */
async function learnHead(label: string, head: nn.Layer, rows: data.ArrayDataset, perClass: number): Promise<number> {
  const [all, test] = data.split(rows, [0.8, 0.2], { seed: 0, stratified: true })
  if (!all || !test) throw new Error('the pictures cannot be split')
  const [part] =
    perClass < 240 ? data.split(all, [perClass * 10, all.length - perClass * 10], { seed: 0, stratified: true }) : [all]
  const optimizer = new optim.AdamW(head.parameters(), { weightDecay: 0.05 })
  const steps = 30
  const totalSteps = steps * Math.ceil((part ?? all).length / 50)
  await train.fit(head, {
    train: part ?? all,
    loss: (scores, labels) => loss.crossEntropy(scores, labels, { labelSmoothing: 0.1 }),
    optimizer,
    schedule: new optim.OneCycleLR(optimizer, { maxLr: 3e-3, totalSteps }),
    epochs: steps,
    batchSize: 50,
    seed: 0,
    restoreBest: false,
  })
  const { accuracy = 0 } = await train.evaluate(head, test, { loss: loss.crossEntropy })
  console.log(`${label}, ${perClass} pictures of each class: ${percent(accuracy)} of ${test.length} unseen ones right`)
  return accuracy
}

/** MobileNetV2 on satellite pictures: test accuracy by number of pictures of each class, on features and on pixels. */
async function satelliteCurves(
  folder: string,
  weights: string,
): Promise<{ features: [number, number][]; pixels: [number, number][] }> {
  const { paths, source } = await pictureFolder(folder)
  const index = data.classFolderIndex(paths)
  const size = { channels: 3, height: 128, width: 128 } as const
  const pictures = new data.ClassFolderDataset(index, source, { size, normalize: { mean: 0.5, std: 0.5 } })
  const path = `${weights}/mobilenetv2-imagenet/mobilenetv2_1.0_224.onnx`
  const model = new io.onnx.OnnxModel(io.onnx.readOnnxFile(new BinaryReader(await readBytes(path)), path))
  const inputShape = [3, 128, 128]
  // The last level's means are what enters the last layer anyway.
  const levels = train.featureLevels(model, inputShape).slice(0, -1)
  const transfer = train.transfer(model, { head: headFor, levels, inputShape })
  const started = performance.now()
  const features = await transfer.cacheFeatures(pictures, { batchSize: 16 })
  console.log(
    `${features.length} × ${features.inputShape} features in ${((performance.now() - started) / 1000).toFixed(0)} s`,
  )
  const { dataset } = await data.loadPictures(index, source, { size: { channels: 3, height: 64, width: 64 } })
  const pixels = new data.ArrayDataset({
    inputs: dataset.rawInputs,
    targets: dataset.rawTargets,
    inputShape: [3 * 64 * 64],
    classNames: dataset.classNames,
    normalize: { scale: 1 / 255 },
  })
  const found: { features: [number, number][]; pixels: [number, number][] } = { features: [], pixels: [] }
  for (const perClass of [5, 15, 40, 100, 240]) {
    manualSeed(1)
    found.features.push([
      perClass,
      await learnHead('features', headFor(features.inputShape[0] ?? 0), features, perClass),
    ])
    found.pixels.push([perClass, await learnHead('pixels', headFor(3 * 64 * 64), pixels, perClass)])
  }
  return found
}

const compared = await detectors()
const rates: Bars = {
  title: `Unseen eyes judged rightly, ${few.length} to learn from`,
  bars: compared.flatMap(({ name, matrix }) => {
    const [healthy, injured] = matrix.report()
    return [
      { name: `${name}: injured`, value: injured?.recall ?? 0, colour: '#d55e00' },
      { name: 'healthy', value: healthy?.recall ?? 0, colour: '#0072b2' },
    ]
  }),
  format: percent,
}
const panels: (Panel | Bars)[] = [
  {
    title: 'Unseen eyes told apart',
    xLabel: 'epoch',
    yLabel: 'accuracy',
    series: compared.map(({ name, curve }) => ({ name, points: curve })),
  },
  rates,
]
let title = compared.map(({ name, matrix }) => `${name} ${percent(matrix.accuracy)}`).join(', ')
if (satellite && networks) {
  const { features, pixels } = await satelliteCurves(satellite, networks)
  panels.push({
    title: 'Satellite pictures: a head on MobileNetV2',
    xLabel: 'pictures of each class',
    yLabel: 'accuracy on 600 unseen pictures',
    xScale: 'log',
    series: [
      { name: 'features', points: features },
      { name: 'pixels', points: pixels },
    ],
  })
  const last = (points: readonly (readonly [number, number])[]): string => percent(points.at(-1)?.[1] ?? 0)
  title = `A head on MobileNetV2 tells ${last(features)} of satellite pictures apart, on pixels ${last(pixels)}`
}
const figure = saveFigure(figureName('07-transfer-learning', satellite !== undefined), title, panels)
console.log(`figure: ${figure}`)
