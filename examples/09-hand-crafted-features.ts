/**
 * Lesson 9: features made by hand against features that are learned. Histograms of oriented gradients (HOG), worked out by hand in
 * 2005, go into a linear support vector machine; so do the bare pixels; and a small convolutional network learns its own features.
 * All see the same growing sets of pictures. A hundred small grey ones are about as good for all three; the more there are, the farther
 * the network gets ahead of what people wrote down, and of a plane through the pixels.
 *
 * With `--data-dir ../shared/data` the pictures are Fashion-MNIST, otherwise drawn digits.
 * Source: Dalal and Triggs, "Histograms of oriented gradients for human detection", CVPR 2005.
 */
import { data, loss, manualSeed, models, nn, optim, train } from 'cognitron'
import { loadDataSet } from 'cognitron/data/node'
import { dataFolder, figureName } from './data.ts'
import { type Point, saveFigure } from './figure.ts'
import { percent } from './narrate.ts'

const [side, cell, bins] = [28, 7, 9]
const cells = side / cell

/** Histograms of 4 × 4 cells: gradient directions, 0 to 180°, weighed by strength and shared between the two nearest bins. */
function histograms(picture: Float32Array): Float32Array {
  const found = new Float32Array(cells * cells * bins)
  const pixel = (x: number, y: number): number =>
    picture[Math.max(0, Math.min(side - 1, y)) * side + Math.max(0, Math.min(side - 1, x))] ?? 0
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const [dx, dy] = [pixel(x + 1, y) - pixel(x - 1, y), pixel(x, y + 1) - pixel(x, y - 1)]
      const turn = (((Math.atan2(dy, dx) / Math.PI) % 1) + 1) % 1
      const place = turn * bins - 0.5
      const low = Math.floor(place)
      const start = (Math.floor(y / cell) * cells + Math.floor(x / cell)) * bins
      for (const [bin, share] of [
        [low, low + 1 - place],
        [low + 1, place - low],
      ] as const) {
        const index = start + ((bin + bins) % bins)
        found[index] = (found[index] ?? 0) + share * Math.hypot(dx, dy)
      }
    }
  }
  return found
}

/** The features of a picture: blocks of 2 × 2 cells, each brought to length 1, so that light and shade do not count. */
function hog(picture: Float32Array): Float32Array {
  const histogram = histograms(picture)
  const features: number[] = []
  for (let row = 0; row + 1 < cells; row++) {
    for (let column = 0; column + 1 < cells; column++) {
      const block = [0, 1, cells, cells + 1].flatMap((offset) => {
        const start = (row * cells + column + offset) * bins
        return [...histogram.subarray(start, start + bins)]
      })
      const length = Math.sqrt(block.reduce((sum, value) => sum + value * value, 1e-4))
      features.push(...block.map((value) => value / length))
    }
  }
  return Float32Array.from(features)
}

/** A data set whose inputs are the features of another's pictures. */
function describedBy(set: data.Dataset, describe: (picture: Float32Array) => Float32Array): data.ArrayDataset {
  const rows = Array.from({ length: set.length }, (_, index) => describe(Float32Array.from(set.get(index).input)))
  const width = rows[0]?.length ?? 0
  const inputs = new Float32Array(rows.length * width)
  for (const [index, row] of rows.entries()) inputs.set(row, index * width)
  return new data.ArrayDataset({ inputs, targets: data.labelsOf(set), inputShape: [width], name: set.name })
}

/** Trains and tells the share of test pictures that are right. */
async function score(
  net: nn.Layer,
  of: typeof loss.crossEntropy,
  seen: data.Dataset,
  unseen: data.Dataset,
  decay: number,
): Promise<number> {
  const epochs = Math.max(6, Math.min(60, Math.round(30_000 / seen.length)))
  const optimizer = new optim.AdamW(net.parameters(), { lr: 0.003, weightDecay: decay })
  const schedule = new optim.CosineAnnealingLR(optimizer, { tMax: epochs })
  await train.fit(net, { train: seen, loss: of, optimizer, schedule, epochs, batchSize: 32, seed: 0 })
  return (await train.evaluate(net, unseen, { loss: of })).accuracy ?? 0
}

const folder = dataFolder('fashion-mnist')
const parts = folder
  ? await loadDataSet('fashion-mnist', { dataDir: folder })
  : { train: data.syntheticDigits('train', { count: 1000 }), test: data.syntheticDigits('test', { count: 500 }) }
const sizes = folder ? [100, 300, 1000, 3000, 10_000, 30_000] : [50, 100, 300, 1000]
const [largest] = data.split(parts.train, [sizes.at(-1) ?? 1], { seed: 0, stratified: true })
if (!largest) throw new Error('there are no pictures')
const hogOf = { train: describedBy(largest, hog), test: describedBy(parts.test, hog) }
console.log(`${hogOf.train.inputShape[0]} features of gradients for each picture of ${side * side} pixels`)

const hinge = loss.multiClassHinge as typeof loss.crossEntropy
const curves = { 'HOG + linear SVM': [] as Point[], 'pixels + linear SVM': [] as Point[], 'learned CNN': [] as Point[] }
for (const size of sizes) {
  const first = (set: data.Dataset): data.Subset =>
    new data.Subset(
      set,
      Int32Array.from({ length: size }, (_, index) => index),
    )
  manualSeed(0)
  const shares = {
    'HOG + linear SVM': await score(
      new nn.Linear(hogOf.train.inputShape[0] ?? 1, 10),
      hinge,
      first(hogOf.train),
      hogOf.test,
      0.01,
    ),
    'pixels + linear SVM': await score(
      new nn.Sequential(new nn.Flatten(), new nn.Linear(side * side, 10)),
      hinge,
      first(largest),
      parts.test,
      0.01,
    ),
    'learned CNN': await score(new models.FashionSimpleNet(), loss.crossEntropy, first(largest), parts.test, 0.01),
  }
  for (const [name, share] of Object.entries(shares)) curves[name as keyof typeof shares].push([size, 100 * share])
  console.log(
    `${size} pictures: ${Object.entries(shares)
      .map(([name, share]) => `${name} ${percent(share)}`)
      .join(', ')}`,
  )
}

const figure = saveFigure(
  figureName('09-hand-crafted-features', folder !== undefined),
  `${parts.test.name}: knowledge against data`,
  [
    {
      title: 'Test pictures recognised',
      xLabel: 'training pictures',
      yLabel: '%',
      xScale: 'log',
      series: Object.entries(curves).map(([name, points]) => ({ name: name.replace(' linear', ''), points })),
    },
  ],
)
console.log(`figure: ${figure}`)
