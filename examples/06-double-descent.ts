/**
 * Lesson 6, second part: more parameters than data. A layer of random ReLU units, whose weights stay as they were drawn, is followed by
 * a linear output that is fitted exactly: least squares, and the smallest of all solutions where there are many. As units are added
 * the test error falls, rises to a peak where there are as many units as training points, and falls again, below where it began: the
 * double descent. A little weight decay takes the peak away.
 * Sources: Belkin, Hsu, Ma, Mandal, "Reconciling modern machine-learning practice and the classical bias–variance trade-off", 2019;
 * Nakkiran et al., "Optimal regularization can mitigate double descent", arXiv:2003.01897.
 */
import { manualSeed, nn, type Tensor, tensor } from 'cognitron'
import { type Point, saveFigure } from './figure.ts'
import { uniformNumbers } from './landscapes.ts'

const [points, unseen, predictors, draws] = [60, 300, 8, 6]

interface Rows {
  readonly x: Tensor
  readonly y: Float64Array
}

/** Places in a cube and a smooth function of them, with noise. */
function rows(count: number, noise: number, uniform: () => number): Rows {
  const x = Float32Array.from({ length: count * predictors }, () => 2 * uniform() - 1)
  const y = Float64Array.from({ length: count }, (_, row) => {
    const [a = 0, b = 0, c = 0, d = 0] = x.subarray(row * predictors)
    return a + Math.sin(2 * b) + c * d + noise * 2 * (uniform() + uniform() + uniform() - 1.5)
  })
  return { x: tensor(x, { shape: [count, predictors] }), y }
}

/** Solves A z = b for a symmetric positive A by elimination; the rows of `system` are those of A with b behind. */
function solve(system: Float64Array[]): Float64Array {
  for (const [pivot, chosen] of system.entries()) {
    const scale = chosen[pivot] as number
    for (let column = 0; column < chosen.length; column++) chosen[column] = (chosen[column] as number) / scale
    for (const row of system) {
      const factor = row === chosen ? 0 : (row[pivot] as number)
      for (let column = pivot; column < row.length; column++)
        row[column] = (row[column] as number) - factor * (chosen[column] as number)
    }
  }
  return Float64Array.from(system, (row) => row.at(-1) ?? 0)
}

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0
  for (let index = 0; index < a.length; index++) sum += (a[index] as number) * (b[index] as number)
  return sum
}

/** The hidden layer's answers for every row. */
async function features(layer: nn.Sequential, width: number, x: Tensor): Promise<Float32Array[]> {
  const values = (await layer.forward(x).div(Math.sqrt(width)).data()) as Float32Array
  return Array.from({ length: x.shape[0] ?? 0 }, (_, row) => values.subarray(row * width, (row + 1) * width))
}

/** Output weights of least squares with weight decay: in the space of units, or of points where there are fewer of those. */
function leastSquares(seen: readonly Float32Array[], y: Float64Array, width: number, decay: number): Float64Array {
  const columns = Array.from({ length: width }, (_, unit) => Float64Array.from(seen, (row) => row[unit] as number))
  const few = width < seen.length ? columns : seen
  const rightOf = (index: number): number =>
    width < seen.length ? dot(columns[index] as Float64Array, y) : (y[index] as number)
  const system = few.map((a, i) => Float64Array.of(...few.map((b, j) => dot(a, b) + (i === j ? decay : 0)), rightOf(i)))
  const solution = solve(system)
  return width < seen.length ? solution : Float64Array.from(columns, (column) => dot(column, solution))
}

const meanSquare = (known: readonly Float32Array[], y: Float64Array, weights: Float64Array): number =>
  known.reduce((sum, row, index) => sum + (dot(row, weights) - (y[index] as number)) ** 2 / known.length, 0)

const widths = [4, 8, 15, 25, 35, 45, 52, 56, 60, 64, 70, 80, 100, 140, 200, 350, 700, 1500]
const settings = [
  { name: 'no decay', decay: 1e-9 },
  { name: 'weight decay', decay: 0.03 },
]
const test = settings.map((): Point[] => [])
const training: Point[] = []
for (const width of widths) {
  const errors = settings.map(() => ({ train: [] as number[], test: [] as number[] }))
  for (let draw = 0; draw < draws; draw++) {
    const uniform = uniformNumbers(100 + draw)
    const [seen, held] = [rows(points, 0.5, uniform), rows(unseen, 0, uniform)]
    manualSeed(draw)
    const layer = new nn.Sequential(new nn.Linear(predictors, width), new nn.ReLU())
    const [hidden, hiddenHeld] = [await features(layer, width, seen.x), await features(layer, width, held.x)]
    for (const [index, { decay }] of settings.entries()) {
      const weights = leastSquares(hidden, seen.y, width, decay)
      errors[index]?.train.push(meanSquare(hidden, seen.y, weights))
      errors[index]?.test.push(meanSquare(hiddenHeld, held.y, weights))
    }
  }
  for (const [index, { test: values }] of errors.entries()) test[index]?.push([width, median(values)])
  training.push([width, Math.max(1e-3, median(errors[0]?.train ?? []))])
  const [plain, decayed] = test.map((curve) => curve.at(-1)?.[1].toFixed(3))
  console.log(`${String(width).padStart(5)} units: test error ${plain}, with weight decay ${decayed}`)
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return ((sorted[(sorted.length - 1) >> 1] ?? 0) + (sorted[sorted.length >> 1] ?? 0)) / 2
}

const [plain = [], decayed = []] = test
const peak = plain.reduce((a, b) => (b[1] > a[1] ? b : a))
const figure = saveFigure('06-double-descent', `Double descent: ${points} points, a peak at ${peak[0]} units`, [
  {
    title: 'Test error falls, rises, and falls again',
    xLabel: 'hidden units',
    yLabel: 'mean squared error',
    xScale: 'log',
    yScale: 'log',
    series: [
      { name: 'no decay', points: plain },
      { name: 'weight decay', points: decayed },
      { name: 'training', dashed: true, points: training.filter(([, error]) => error > 1e-3) },
    ],
    notes: [{ at: peak, text: 'units = points' }],
  },
])
console.log(`figure: ${figure}`)
