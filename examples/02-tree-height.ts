/**
 * Lesson 2: how tall are the trees? A multilayer perceptron predicts a height from numbers that describe a place.
 *
 *     node examples/02-tree-height.ts eu_x_y_height_predictors_select.txt    the table of the course (Spatial Ecology)
 *     node examples/02-tree-height.ts --data-dir ../shared/data              house values in California instead
 *     node examples/02-tree-height.ts                                        a generated forest
 *
 * The recipe is the course's: heights through a quantile transform to a normal distribution, then to (−1, 1)
 * and divided by its 0.99 quantile; inputs to (0, 1); two
 * hidden layers, ReLU, tanh at the end; squared error; plain gradient descent on the whole training set. It is judged by Pearson's r
 * on the held-out 30 %, and one linear layer is what it has to beat.
 */
import { data, loss, manualSeed, metrics, models, type nn, optim, train } from 'cognitron'
import { dataFolder, figureName, words } from './data.ts'
import { saveFigure } from './figure.ts'
import { openTable } from './tables.ts'

const seed = 31
const [tablePath] = words
const housing = dataFolder('california-housing')
const source = await openTable(tablePath, housing, seed)
const inputs = source.table.columns
  .map(({ name }) => name)
  .filter((name) => name !== source.target && !source.left.includes(name))
const everything = data.tableDataset(source.table, { target: source.target, inputs })
const count = Math.min(source.samples, everything.length)
const [training, held] = data.split(everything, [Math.round(0.7 * count), count - Math.round(0.7 * count)], { seed })
if (!training || !held) throw new Error('the table cannot be split')
console.log(
  `${source.name}: ${training.length} rows to learn from, ${held.length} held out, ${everything.inputShape[0]} predictors`,
)

// The scalers see the training rows alone.
const toUnit = new data.MinMaxScaler().fit(data.inputMatrix(training))
const toNormal = new data.QuantileTransformer({ quantiles: 500, output: 'normal' }).fit(data.targetMatrix(training))
const spread = new data.MinMaxScaler({ range: [-1, 1] }).fit(toNormal.transform(data.targetMatrix(training)))
const sorted = spread.transform(toNormal.transform(data.targetMatrix(training))).data.sort()
const high = sorted[Math.floor(0.99 * sorted.length)] ?? 1
const toRange = new data.MinMaxScaler({ range: [-1 / high, 1 / high] }).fit(
  toNormal.transform(data.targetMatrix(training)),
)
const scaled = (part: data.Subset): data.ArrayDataset =>
  data.scaleDataset(data.scaleDataset(part, { inputs: toUnit, targets: toNormal }), { targets: toRange })
const [learned, judged] = [scaled(training), scaled(held)]
const truth = data.targetMatrix(judged).data

interface Outcome {
  readonly name: string
  readonly r: number
  readonly predictions: Float32Array
  readonly curve: readonly (readonly [number, number])[]
}

/** Full-batch gradient descent, with Pearson's r on the held-out rows as it goes. */
async function run(name: string, net: nn.Sequential, lr: number): Promise<Outcome> {
  const curve: [number, number][] = []
  const options = { loss: loss.mse, optimizer: new optim.SGD(net.parameters(), { lr }) }
  const every = Math.ceil(source.epochs / 40)
  const judge: train.Callback = {
    name: 'judge',
    async onEpochEnd(_, { epoch }) {
      if (epoch % every === 0) curve.push([epoch, metrics.pearson((await train.predict(net, judged)).data, truth)])
    },
  }
  await train.fit(net, {
    ...options,
    train: learned,
    batchSize: learned.length,
    epochs: source.epochs,
    seed,
    callbacks: [judge],
  })
  const predictions = (await train.predict(net, judged)).data
  const r = metrics.pearson(predictions, truth)
  console.log(`${name}: r = ${r.toFixed(3)}`)
  return { name, r, predictions, curve }
}

const width = everything.inputShape[0] ?? 1
const { hidden } = source
const mlp = (...sizes: number[]): nn.Sequential => {
  manualSeed(seed)
  return models.mlp([width, ...sizes, 1], { outputActivation: 'tanh' })
}
const outcomes = [
  await run('linear', mlp(), 0.1),
  await run('rate 0.01', mlp(hidden, hidden), 0.01),
  await run('rate 0.1', mlp(hidden, hidden), 0.1),
  await run('rate 0.5', mlp(hidden, hidden), 0.5),
]
const best = outcomes.reduce((a, b) => (b.r > a.r ? b : a))
const shown = Array.from({ length: Math.min(600, truth.length) }, (_, index) => index)
const figure = saveFigure(
  figureName('02-tree-height', tablePath !== undefined || housing !== undefined),
  `${source.name}: r = ${best.r.toFixed(3)} on ${truth.length} unseen places (linear: ${outcomes[0]?.r.toFixed(3)})`,
  [
    {
      title: 'The learning rate decides how far it gets',
      xLabel: 'epochs of gradient descent',
      yLabel: "Pearson's r, held out",
      series: outcomes.map(({ name, curve }) => ({ name, points: curve })),
    },
    {
      title: `Predicted against measured, ${best.name}`,
      xLabel: 'measured (scaled)',
      yLabel: 'predicted (scaled)',
      xRange: [-1, 1],
      yRange: [-1, 1],
      series: [
        { name: '', dots: true, points: shown.map((row) => [truth[row] ?? 0, best.predictions[row] ?? 0]) },
        {
          name: 'equal',
          dashed: true,
          colour: '#000000',
          points: [
            [-1, -1],
            [1, 1],
          ],
        },
      ],
    },
  ],
)
console.log(`figure: ${figure}`)
