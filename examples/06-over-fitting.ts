/**
 * Lesson 6, first part: model order. Three networks see the same 30 noisy points of a curve. One unit bends too little, a few units
 * find the curve, and a large network that is trained for long goes through every point, noise and all: its training error is the
 * smallest and its test error is not. The last panel sweeps the width and shows
 * both errors as means over three such sets.
 */
import { data, loss, manualSeed, models, type nn, optim, train } from 'cognitron'
import { type Panel, type Point, saveFigure } from './figure.ts'
import { uniformNumbers } from './landscapes.ts'

const uniform = uniformNumbers(4)
const curve = (x: number): number => Math.sin(2.2 * x) + 0.3 * x

/** Points of the curve, with noise of about the given deviation. */
function points(count: number, noise: number): data.ArrayDataset {
  const inputs = Float32Array.from({ length: count }, (_, index) => -3 + (6 * (index + uniform())) / count)
  const targets = inputs.map((x) => curve(x) + noise * 2 * (uniform() + uniform() + uniform() - 1.5))
  return new data.ArrayDataset({ inputs, targets, inputShape: [1], targetShape: [1], name: 'curve' })
}

const sets = [points(30, 0.4), points(30, 0.4), points(30, 0.4)]
const test = points(200, 0)
const grid = new data.ArrayDataset({
  inputs: Float32Array.from({ length: 241 }, (_, index) => -3 + index / 40),
  targets: new Float32Array(241),
  inputShape: [1],
  targetShape: [1],
})

interface Outcome {
  readonly net: nn.Sequential
  readonly train: number
  readonly test: number
}

/** Trains two hidden layers of `width` units on all points of a set at once. */
async function learn(width: number, training: data.ArrayDataset): Promise<Outcome> {
  const epochs = 2000
  manualSeed(3)
  const net = models.mlp([1, width, width, 1], { activation: 'tanh' })
  const optimizer = new optim.Adam(net.parameters(), { lr: 0.02 })
  const schedule = new optim.CosineAnnealingLR(optimizer, { tMax: epochs })
  await train.fit(net, { train: training, loss: loss.mse, optimizer, schedule, epochs, batchSize: 30, seed: 1 })
  const error = async (set: data.ArrayDataset): Promise<number> =>
    (await train.evaluate(net, set, { loss: loss.mse })).loss
  return { net, train: await error(training), test: await error(test) }
}

const [shown] = sets
const scattered: Point[] = Array.from(shown?.rawInputs ?? [], (x, index) => [x, shown?.rawTargets[index] ?? 0])

async function drawn(title: string, { net, train: seen, test: unseen }: Outcome): Promise<Panel> {
  const fitted = (await train.predict(net, grid)).data
  const xs = Array.from(grid.rawInputs)
  console.log(`${title}: mean squared error ${seen.toFixed(3)} on the points, ${unseen.toFixed(3)} on the curve`)
  return {
    title: `${title}: ${seen.toFixed(3)} seen, ${unseen.toFixed(3)} unseen`,
    xLabel: 'x',
    yLabel: 'y',
    yRange: [-2.6, 2.6],
    series: [
      { name: 'truth', dashed: true, colour: '#57606a', points: xs.map((x) => [x, curve(x)]) },
      { name: 'network', points: xs.map((x, index) => [x, fitted[index] ?? 0]) },
      { name: '', dots: true, colour: '#000000', points: scattered },
    ],
  }
}

const widths = [1, 2, 3, 4, 6, 8, 16, 32, 64, 128]
const outcomes = new Map<number, Outcome[]>()
for (const width of widths) {
  const runs: Outcome[] = []
  for (const set of sets) runs.push(await learn(width, set))
  outcomes.set(width, runs)
}
const first = (width: number): Outcome => {
  const [outcome] = outcomes.get(width) ?? []
  if (!outcome) throw new Error(`width ${width} was not trained`)
  return outcome
}
/** The mean over the sets of points, for every width. */
const errors = (of: 'train' | 'test'): Point[] =>
  [...outcomes].map(([width, runs]) => [width, runs.reduce((sum, run) => sum + run[of] / runs.length, 0)])

const figure = saveFigure('06-over-fitting', 'Too little, right, too much: the same 30 points', [
  await drawn('1 unit a layer', first(1)),
  await drawn('4 units a layer', first(4)),
  await drawn('128 units a layer', first(128)),
  {
    title: 'Training error falls, test error turns',
    xLabel: 'units a layer',
    yLabel: 'mean squared error',
    xScale: 'log',
    yScale: 'log',
    series: [
      { name: 'training', points: errors('train') },
      { name: 'test', points: errors('test') },
    ],
  },
])
console.log(`figure: ${figure}`)
