/** The Playground's data: the library's toy sets or own points, cut into training and test points. */
import { data } from 'cognitron'
import { MOST_POINTS, type Points, trainCount, unpackPoints } from '../points.ts'
import type { Thumbnail } from '../protocol.ts'
import { classCount, classSets, MOST_CLASSES, manyClassSets, regressionSets, type Setup } from '../setup.ts'

export interface PointsData {
  readonly train: Points
  readonly test: Points
}

const toyOf = {
  circle: data.toys.circle,
  xor: data.toys.xor,
  gauss: data.toys.gauss,
  spiral: data.toys.spiral,
  moons: data.toys.moons,
  checkerboard: data.toys.checkerboard,
  'reg-plane': data.toys.plane,
  'reg-gauss': data.toys.multiGaussian,
} as const

function wholeSet(setup: Setup, options: { count?: number } = {}): data.Dataset {
  const name = setup.problem === 'regression' ? setup.regDataset : setup.dataset
  if (name === 'own') {
    const { x, target } = unpackPoints(setup.points, setup.problem === 'regression', classCount(setup))
    return new data.ArrayDataset({ inputs: x, inputShape: [2], targets: target, targetShape: [1], name: 'own points' })
  }
  const shared = { noise: setup.noise / 100, seed: setup.seed, ...options }
  if (setup.problem === 'regression') return toyOf[name](shared)
  const classes = manyClassSets.includes(name) ? setup.classes : 2
  return toyOf[name]({ ...shared, classes, target: 'class' })
}

/** Targets are class numbers or, for regression, numbers from −1 to 1. */
export function makeData(setup: Setup): PointsData {
  const whole = wholeSet(setup)
  const train = trainCount(whole.length, setup.percTrainData)
  if (train === whole.length)
    return { train: toPoints(whole), test: { x: new Float32Array(), target: new Float32Array() } }
  const parts = data.split(whole, [train, whole.length - train], { seed: setup.seed })
  const [first, second] = parts.map(toPoints) as [Points, Points]
  return { train: first, test: second }
}

function toPoints(set: data.Dataset): Points {
  const x = new Float32Array(2 * set.length)
  const target = new Float32Array(set.length)
  for (let index = 0; index < set.length; index++) {
    const sample = set.get(index)
    x.set(sample.input, 2 * index)
    target[index] = typeof sample.target === 'number' ? sample.target : (sample.target[0] as number)
  }
  return { x, target }
}

const THUMBNAIL_POINTS = 160

/** A few points of every set, with the noise and classes of `setup`. */
export function thumbnails(setup: Setup): Thumbnail[] {
  const names = setup.problem === 'regression' ? regressionSets : classSets
  return names.map((name) => {
    const key = setup.problem === 'regression' ? 'regDataset' : 'dataset'
    const count =
      name === 'own' ? {} : { count: setup.problem === 'regression' ? 2 * THUMBNAIL_POINTS : THUMBNAIL_POINTS }
    return { name, points: toPoints(wholeSet({ ...setup, [key]: name }, count)) }
  })
}

/** Columns x₁, x₂ and target; columns that leave −6…6 are scaled to −5…5 and the note says so. */
export function readCsvPoints(text: string, regression: boolean): { points: Points; note: string } {
  const table = data.parseTable(text, { name: 'the table' })
  const columns = table.columns
  if (columns.length !== 3) {
    throw new Error(
      `The table has ${columns.length} columns; give three: x₁, x₂ and the ${regression ? 'target' : 'class'}.`,
    )
  }
  const [first, second, last] = columns as [data.Column, data.Column, data.Column]
  const count = Math.min(MOST_POINTS, table.length)
  const notes = count < table.length ? [`The first ${MOST_POINTS} of ${table.length} rows were taken.`] : []
  const a = fitted(numbersOf(first), 5, notes)
  const b = fitted(numbersOf(second), 5, notes)
  const target = regression ? fitted(numbersOf(last), 1, notes) : classesOf(last, notes)
  const x = new Float32Array(2 * count)
  for (let index = 0; index < count; index++) {
    x[2 * index] = a[index] as number
    x[2 * index + 1] = b[index] as number
  }
  return { points: { x, target: target.slice(0, count) }, note: [`${count} points.`, ...notes].join(' ') }
}

function numbersOf(column: data.Column): { name: string; values: Float64Array } {
  if (column.kind !== 'numeric') throw new Error(`Column "${column.name}" holds text; expected numbers.`)
  const bad = column.values.findIndex((value) => !Number.isFinite(value))
  if (bad >= 0)
    throw new Error(`Column "${column.name}" has no number in row ${bad + 1}; fill it in or leave the row out.`)
  return { name: column.name, values: column.values }
}

/** The values as they are when they lie within the plane, else scaled to ±limit. */
function fitted(
  { name, values }: { name: string; values: Float64Array },
  limit: number,
  notes: string[],
): Float32Array {
  const [low, high] = [Math.min(...values), Math.max(...values)]
  const most = limit === 1 ? 1 : limit + 1
  if (low >= -most && high <= most) return Float32Array.from(values)
  notes.push(`Column "${name}" (${low} to ${high}) was scaled to −${limit} to ${limit}.`)
  const middle = (low + high) / 2
  const half = (high - low) / 2 || 1
  return Float32Array.from(values, (value) => ((value - middle) / half) * limit)
}

function classesOf(column: data.Column, notes: string[]): Float32Array {
  const words =
    column.kind === 'numeric'
      ? Array.from(column.values, String)
      : Array.from(column.codes, (code) => column.categories[code] ?? '')
  const names = [...new Set(words)].sort()
  if (names.length < 2 || names.length > MOST_CLASSES) {
    throw new Error(`Column "${column.name}" has ${names.length} classes; expected 2 to ${MOST_CLASSES}.`)
  }
  notes.push(`Classes: ${names.map((name, index) => `${index} = ${name}`).join(', ')}.`)
  return Float32Array.from(words, (word) => names.indexOf(word))
}
