/**
 * Lesson 6, third part: each regulariser's effect. A network of two layers of 100 units learns 100 points of two noisy half moons.
 * Left to itself it draws islands around single points; each of the means of the lectures (fewer units, weight decay, an L1 penalty,
 * dropout, early stopping, noise on the inputs) gives up points it has seen and gets more of those it has not.
 * The bars are means over five sets of points; the maps show one of them.
 */
import { data, loss, manualSeed, models, type nn, optim, tensor, train } from 'cognitron'
import { type Panel, type Point, saveFigure } from './figure.ts'
import { percent } from './narrate.ts'

/** One way to learn; what is left out is as in plain training. */
interface Recipe {
  readonly width?: number
  readonly dropout?: number
  readonly weightDecay?: number
  readonly l1?: number
  readonly stopEarly?: boolean
  /** Deviation of noise on the inputs. */
  readonly noise?: number
}

const recipes: Readonly<Record<string, Recipe>> = {
  none: {},
  'fewer units': { width: 8 },
  'weight decay (L2)': { weightDecay: 0.02 },
  'L1 penalty': { l1: 0.002 },
  dropout: { dropout: 0.5 },
  'early stopping': { stopEarly: true },
  'noise on inputs': { noise: 0.8 },
}

const moons = (count: number, seed: number): data.ArrayDataset =>
  data.toys.moons({ count, noise: 0.3, seed, target: 'class' })

interface Outcome {
  readonly net: nn.Sequential
  readonly train: number
  readonly test: number
}

async function learn(recipe: Recipe, seed: number): Promise<Outcome> {
  const { width = 100, dropout = 0, weightDecay = 0, l1 = 0, stopEarly = false, noise = 0 } = recipe
  const [training, test] = [moons(100, seed), moons(2000, 1000 + seed)]
  manualSeed(seed)
  const net = models.mlp([2, width, width, 2], { dropout })
  const transform: data.SampleTransform = ({ input, target }, _, random) => ({
    input: Float32Array.from(input, (value) => value + noise * random.normal()),
    target,
  })
  const loader = new data.DataLoader(training, {
    batchSize: 50,
    shuffle: true,
    seed,
    ...(noise > 0 ? { transform } : {}),
  })
  await train.fit(net, {
    train: loader,
    loss: loss.crossEntropy,
    optimizer: new optim.Adam(net.parameters(), { lr: 0.01, weightDecay }),
    epochs: 300,
    seed,
    ...(l1 > 0 ? { penalty: () => loss.l1Penalty(net.parameters()).mul(l1) } : {}),
    ...(stopEarly ? { validation: moons(100, 500 + seed), callbacks: [train.earlyStopping({ patience: 10 })] } : {}),
  })
  const share = async (set: data.ArrayDataset): Promise<number> =>
    (await train.evaluate(net, set, { loss: loss.crossEntropy })).accuracy ?? 0
  return { net, train: await share(training), test: await share(test) }
}

/** How sure the network is of the second class, over the plane: −1 to 1. */
async function map(title: string, net: nn.Sequential): Promise<Panel> {
  const [side, reach] = [61, 6]
  const at = (index: number): number => -reach + (2 * reach * index) / (side - 1)
  const places = Array.from({ length: side * side }, (_, index) => [at(index % side), at(Math.floor(index / side))])
  const scores = (await net.forward(tensor(places)).data()) as Float32Array
  const sure = (row: number, column: number): number => {
    const place = 2 * (row * side + column)
    return Math.tanh((scores[place + 1] ?? 0) - (scores[place] ?? 0))
  }
  const cell = (value: number): number =>
    Math.max(0, Math.min(side - 1, Math.round(((value + reach) / (2 * reach)) * (side - 1))))
  const shown = moons(100, 1)
  const labels = shown.labels()
  const ofClass = (label: number): Point[] =>
    [...labels.keys()]
      .filter((index) => labels[index] === label)
      .map((index) => [shown.rawInputs[2 * index] ?? 0, shown.rawInputs[2 * index + 1] ?? 0])
  return {
    title,
    xRange: [-reach, reach],
    yRange: [-reach, reach],
    ground: (x, y) => sure(cell(y), cell(x)),
    series: [
      { name: 'first', dots: true, points: ofClass(0), colour: '#b35c00' },
      { name: 'second', dots: true, points: ofClass(1), colour: '#00507d' },
    ],
  }
}

const seeds = [1, 2, 3, 4, 5]
const means: { name: string; train: number; test: number }[] = []
const maps: Panel[] = []
for (const [name, recipe] of Object.entries(recipes)) {
  const outcomes: Outcome[] = []
  for (const seed of seeds) outcomes.push(await learn(recipe, seed))
  const mean = (of: 'train' | 'test'): number => outcomes.reduce((sum, outcome) => sum + outcome[of] / seeds.length, 0)
  means.push({ name, train: mean('train'), test: mean('test') })
  console.log(`${name.padEnd(18)} ${percent(mean('train'))} of seen points, ${percent(mean('test'))} of unseen ones`)
  const [first] = outcomes
  if (first && ['none', 'weight decay (L2)', 'dropout', 'early stopping'].includes(name)) {
    maps.push(await map(`${name}: ${percent(first.test)} of unseen points`, first.net))
  }
}
const plain = means[0]?.test ?? 0
const bars = (of: 'train' | 'test') =>
  means.map(({ name, ...shares }) => ({
    name,
    value: 1 - shares[of],
    colour: shares[of] >= plain && name !== 'none' ? '#009e73' : '#0072b2',
  }))
const figure = saveFigure('06-regularisers', 'What each regulariser does to two noisy half moons', [
  ...maps,
  { title: 'Errors on points that were seen', bars: bars('train'), format: percent },
  { title: 'Errors on points that were not', bars: bars('test'), format: percent },
])
console.log(`figure: ${figure}`)
