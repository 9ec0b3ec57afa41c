/**
 * Lesson 5: the optimizers compared, first on two surfaces whose whole landscape can be seen, then on a real network.
 *
 * A ravine, steep across and flat along: plain gradient descent swings from wall to wall, momentum gains speed along the floor. A
 * saddle: plain descent hangs where the slope is small, the adaptive methods leave at once because they divide by it. With
 * `--data-dir ../shared/data` LeNet-5 learns clothes, otherwise drawn digits; each optimizer with a rate that suits it.
 */
import { compile, data, loss, manualSeed, models, optim, Parameter, type Tensor, train } from 'cognitron'
import { loadDataSet } from 'cognitron/data/node'
import { dataFolder, figureName } from './data.ts'
import { colours, type Panel, type Point, type Series, saveFigure } from './figure.ts'

type Optimizers = Readonly<Record<string, (parameters: readonly Parameter[]) => optim.Optimizer>>

/** Follows one optimizer down a surface from a starting point. */
async function descend(
  surface: (x: Tensor, y: Tensor) => Tensor,
  start: Point,
  steps: number,
  make: Optimizers[string],
): Promise<Point[]> {
  const place = new Parameter(Float32Array.from(start), [2])
  const optimizer = make([place])
  const step = compile(() => {
    const height = surface(place.slice(0, 0, 1), place.slice(0, 1, 2)).sum()
    optimizer.minimize(height)
    return height
  })
  const path: Point[] = [start]
  for (let index = 0; index < steps; index++) {
    await step()
    const [x = 0, y = 0] = await place.data()
    path.push([x, y])
  }
  return path
}

async function paths(
  surface: (x: Tensor, y: Tensor) => Tensor,
  start: Point,
  steps: number,
  all: Optimizers,
): Promise<Series[]> {
  const found: Series[] = []
  for (const [name, make] of Object.entries(all)) {
    const points = await descend(surface, start, steps, make)
    const colour = colours[Object.keys(onSurfaces).indexOf(name)] ?? colours[0]
    found.push({ name, points, colour })
    const [x, y] = points.at(-1) ?? start
    console.log(`  ${name.padEnd(9)} ends at (${x.toFixed(2)}, ${y.toFixed(2)})`)
  }
  return found
}

const onSurfaces: Optimizers = {
  SGD: (place) => new optim.SGD(place, { lr: 0.9 }),
  momentum: (place) => new optim.SGD(place, { lr: 0.12, momentum: 0.85 }),
  Nesterov: (place) => new optim.SGD(place, { lr: 0.12, momentum: 0.85, nesterov: true }),
  Adagrad: (place) => new optim.Adagrad(place, { lr: 0.9 }),
  RMSprop: (place) => new optim.RMSprop(place, { lr: 0.15 }),
  Adadelta: (place) => new optim.Adadelta(place, { lr: 30 }),
  Adam: (place) => new optim.Adam(place, { lr: 0.4 }),
}
const pick = (names: readonly string[]): Optimizers =>
  Object.fromEntries(Object.entries(onSurfaces).filter(([name]) => names.includes(name)))

/** How high a place lies, as a tint: low is blue, high is orange. */
const tinted = (height: (x: number, y: number) => number, middle: number) => (x: number, y: number) =>
  Math.tanh((middle - height(x, y)) / middle)

console.log('a ravine, x² / 20 + y²')
const ravine = (x: Tensor, y: Tensor): Tensor => x.square().div(20).add(y.square())
const view = { xRange: [-10, 3], yRange: [-3, 3], ground: tinted((x, y) => x ** 2 / 20 + y ** 2, 2) } as const
const swinging = await paths(ravine, [-9, 2.5], 40, pick(['SGD', 'momentum', 'Nesterov']))
const adaptive = await paths(ravine, [-9, 2.5], 40, pick(['Adagrad', 'RMSprop', 'Adadelta', 'Adam']))

console.log('a saddle, x² − y² + y⁴ / 8')
const saddle = (x: Tensor, y: Tensor): Tensor => x.square().sub(y.square()).add(y.square().square().div(8))
const slower: Optimizers = {
  ...onSurfaces,
  SGD: (place) => new optim.SGD(place, { lr: 0.05 }),
  momentum: (place) => new optim.SGD(place, { lr: 0.05, momentum: 0.85 }),
  Nesterov: (place) => new optim.SGD(place, { lr: 0.05, momentum: 0.85, nesterov: true }),
  Adam: (place) => new optim.Adam(place, { lr: 0.15 }),
}
const leaving = await paths(saddle, [-2, 0.001], 60, slower)
const heights = leaving.map(
  ({ name, points, colour }): Series => ({
    name,
    ...(colour ? { colour } : {}),
    points: points.map(([x, y], step) => [step, x ** 2 - y ** 2 + y ** 4 / 8]),
  }),
)

const folder = dataFolder('fashion-mnist')
const digits = folder
  ? data.split((await loadDataSet('fashion-mnist', { dataDir: folder })).train, [12_000], { seed: 0 })[0]
  : data.syntheticDigits('train', { count: 1000 })
if (!digits) throw new Error('there are no pictures')
console.log(`LeNet-5 on ${digits.length} pictures of ${digits.name}`)
const onNetwork: Optimizers = {
  SGD: (weights) => new optim.SGD(weights, { lr: 0.1 }),
  momentum: (weights) => new optim.SGD(weights, { lr: 0.02, momentum: 0.9 }),
  Nesterov: (weights) => new optim.SGD(weights, { lr: 0.02, momentum: 0.9, nesterov: true }),
  Adagrad: (weights) => new optim.Adagrad(weights, { lr: 0.02 }),
  RMSprop: (weights) => new optim.RMSprop(weights, { lr: 0.001 }),
  Adadelta: (weights) => new optim.Adadelta(weights, { lr: 1 }),
  Adam: (weights) => new optim.Adam(weights, { lr: 0.002 }),
}
const curves: Series[] = []
for (const [name, make] of Object.entries(onNetwork)) {
  manualSeed(0)
  const net = models.leNet5()
  const options = { train: digits, loss: loss.crossEntropy, epochs: 6, batchSize: 32, seed: 0 }
  const { history } = await train.fit(net, { ...options, optimizer: make(net.parameters()) })
  curves.push({ name, points: history.map(({ epoch, trainLoss }) => [epoch, trainLoss]) })
  console.log(`  ${name.padEnd(9)} loss ${history.map(({ trainLoss }) => trainLoss.toFixed(3)).join(' ')}`)
}

const axes = { xLabel: 'x', yLabel: 'y' }
const panels: Panel[] = [
  { title: 'Ravine: swinging against gathering speed', ...axes, ...view, series: swinging },
  { title: 'Ravine: a rate of its own for each axis', ...axes, ...view, series: adaptive },
  { title: 'Saddle: who leaves first', xLabel: 'step', yLabel: 'height', series: heights },
  {
    title: `LeNet-5 on ${digits.length} pictures`,
    xLabel: 'epoch',
    yLabel: 'training loss',
    yScale: 'log',
    series: curves,
  },
]
const figure = saveFigure(
  figureName('05-optimizers', folder !== undefined),
  'Seven optimizers on the same ground',
  panels,
)
console.log(`figure: ${figure}`)
