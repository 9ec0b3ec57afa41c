/**
 * Lesson 8: what is every pixel? Two networks that shrink a picture to what it shows and grow it again to where that is. The
 * deconvolution network remembers only where its maxima stood; the U-Net hands whole features over at every size.
 *
 * With `--data-dir ../shared/data` they learn from 45 aerial pictures of Dubai (water, land, road, building, vegetation) and are tested
 * on 9 others; without, from generated scenes. Pictures and masks are flipped and cut out alike. The loss is the cross-entropy of the
 * pixels plus Dice, which keeps rare classes from being forgotten; the judge is intersection over union by class, and what has to be
 * beaten is calling everything the most frequent class.
 * Sources: Noh, Hong and Han, "Learning deconvolution network for semantic segmentation", 2015; Ronneberger, Fischer and Brox, "U-Net",
 * 2015; data: Humans in the Loop, "Semantic segmentation of aerial imagery", 2020.
 */
import {
  compile,
  data,
  explain,
  fromTypedArray,
  loss,
  manualSeed,
  metrics,
  models,
  type nn,
  optim,
  type Tensor,
  train,
} from 'cognitron'
import { dataFolder, figureName } from './data.ts'
import { saveFigure, savePicture } from './figure.ts'
import { dubai, scenes } from './masks.ts'
import { narrate, percent } from './narrate.ts'

const folder = dataFolder('dubai-aerial-segmentation')
const { name, training, test, classNames, colours, side } = folder ? await dubai(folder) : scenes()
const classes = classNames.length
const epochs = folder ? 14 : 30
const ignore = { ignoreIndex: data.IGNORED_PIXEL }
console.log(`${training.length} pictures of ${side} × ${side} to learn from, ${test.length} to test`)

const transform = data.augmentPair([
  data.flipHorizontal(),
  ...(folder ? [data.flipVertical(), data.randomResizedCrop({ scale: [0.4, 1] })] : []),
  data.colourJitter({ brightness: 0.1, contrast: 0.1, saturation: 0.1, hue: 0 }),
])

interface Outcome {
  readonly net: nn.Layer
  readonly matrix: metrics.ConfusionMatrix
  /** Mean intersection over union by epoch. */
  readonly curve: [number, number][]
}

async function learn(label: string, net: nn.Layer): Promise<Outcome> {
  const loader = new data.DataLoader(training, { batchSize: 8, shuffle: true, seed: 1, transform })
  const optimizer = new optim.AdamW(net.parameters(), { weightDecay: 0.01 })
  const curve: [number, number][] = []
  const judge: train.Callback = {
    name: 'judge',
    async onEpochEnd(_, { epoch }) {
      curve.push([epoch, (await train.judgeMasks(net, test, ignore)).meanIoU])
    },
  }
  await train.fit(net, {
    train: loader,
    loss: (scores, mask) => loss.crossEntropy(scores, mask, ignore).add(loss.softDice(scores, mask, ignore)),
    ...ignore,
    metrics: {},
    optimizer,
    schedule: new optim.OneCycleLR(optimizer, { maxLr: 0.008, totalSteps: epochs * loader.length }),
    epochs,
    seed: 1,
    callbacks: [narrate(`${label}: `), judge],
  })
  const matrix = await train.judgeMasks(net, test, ignore)
  console.log(`${label}: mean IoU ${matrix.meanIoU.toFixed(3)}, ${percent(matrix.accuracy)} of all pixels`)
  return { net, matrix, curve }
}

/** What calling every pixel the most frequent class of the training pictures comes to. */
function majority(): metrics.ConfusionMatrix {
  const pixels = Int32Array.from(training.rawTargets)
  const counts = classNames.map((_, code) => pixels.filter((each) => each === code).length)
  const most = counts.indexOf(Math.max(...counts))
  const matrix = new metrics.ConfusionMatrix(classes)
  matrix.add(new Int32Array(test.rawTargets.length).fill(most), test.rawTargets, ignore)
  console.log(
    `all ${classNames[most]}: mean IoU ${matrix.meanIoU.toFixed(3)}, ${percent(matrix.accuracy)} of all pixels`,
  )
  return matrix
}

/** A row for each of a few test pictures: the picture, its mask, and what each network makes of it. */
async function overlays(nets: readonly nn.Layer[], shown: readonly number[]): Promise<explain.Drawing> {
  const predictions = nets.map((net) => compile((x: Tensor) => net.eval().forward(x).argmax(1)))
  const tiles: explain.Drawing[] = []
  for (const index of shown) {
    const { input, target } = test.get(index)
    const place = (i: number): number => (i % 3) * side * side + Math.floor(i / 3)
    const pixels = Uint8Array.from({ length: input.length }, (_, i) => Math.round(255 * (input[place(i)] ?? 0)))
    const picture = { width: side, height: side, channels: 3, pixels } as const
    tiles.push(explain.drawRaster(picture), explain.drawMask(target, picture, { picture, colours }))
    for (const predict of predictions) {
      const labels = await predict(fromTypedArray(Float32Array.from(input), [1, 3, side, side], 'float32'))
      tiles.push(explain.drawMask(await labels.data(), picture, { picture, colours }))
    }
  }
  return explain.mosaic(tiles, { columns: 2 + nets.length, gap: 2, zoom: folder ? 2 : 4 })
}

const baseline = majority()
manualSeed(1)
const deconvNet = new models.DeconvNet({ classes, inputSize: side, width: 8, hidden: 128 })
const uNet = new models.UNet({ classes, width: folder ? 16 : 8, depth: folder ? 3 : 2 })
const deconvolution = await learn('deconvolution network', deconvNet)
const bridged = await learn('U-Net', uNet)

const bars = ({ matrix }: Pick<Outcome, 'matrix'>): { name: string; value: number }[] => [
  ...matrix.intersectionOverUnion().map((value, code) => ({ name: classNames[code] ?? '', value })),
  { name: 'mean', value: matrix.meanIoU },
]
const figure = saveFigure(
  figureName('08-segmentation', folder !== undefined),
  `${name}: mean IoU ${bridged.matrix.meanIoU.toFixed(3)} (U-Net), ${deconvolution.matrix.meanIoU.toFixed(3)} ` +
    `(deconvolution), ${baseline.meanIoU.toFixed(3)} (always the same)`,
  [
    {
      title: 'Mean intersection over union of unseen pictures',
      xLabel: 'epoch',
      series: [
        { name: 'U-Net', points: bridged.curve },
        { name: 'deconvolution', points: deconvolution.curve },
        { name: 'always the same', dashed: true, points: bridged.curve.map(([epoch]) => [epoch, baseline.meanIoU]) },
      ],
    },
    { title: 'U-Net: intersection over union', bars: bars(bridged), format: (value) => value.toFixed(3) },
    { title: 'Deconvolution network', bars: bars(deconvolution), format: (value) => value.toFixed(3) },
    { title: 'Always the most frequent class', bars: bars({ matrix: baseline }), format: (value) => value.toFixed(3) },
  ],
)
const shown = folder ? [2, 13, 22] : [0, 1, 2, 3]
const pictures = await savePicture(
  figureName('08-segmentation-overlays', folder !== undefined),
  await overlays([deconvNet, uNet], shown),
)
console.log(`figure: ${figure}, overlays (picture, truth, deconvolution network, U-Net): ${pictures}`)
