/** The landscapes: formulas, the part that is shown, where the race starts, and rates at which every racer does well. */
import { type Formula, FormulaError, parseFormula, valueAt } from './formula.ts'

export const landscapeNames = [
  'bowl',
  'valley',
  'saddle',
  'rosenbrock',
  'beale',
  'himmelblau',
  'neuron',
  'own',
] as const
export type LandscapeName = (typeof landscapeNames)[number]

export type Place = readonly [x: number, y: number]

export interface View {
  readonly x: readonly [number, number]
  readonly y: readonly [number, number]
}

export interface Landscape {
  readonly title: string
  /** What is to be seen here, in one sentence. */
  readonly lesson: string
  readonly formula: string
  readonly view: View
  readonly start: Place
  /** The lowest places, where they are known. */
  readonly minima: readonly Place[]
  /** In the order of the racers. */
  readonly rates: readonly number[]
}

const square = (side: number): View => ({ x: [-side, side], y: [-side, side] })

/** Points t → s that the neuron of one weight and one bias is to learn, the last against the rest. */
const neuronPoints: readonly (readonly [number, number])[] = [
  [-2, -0.9],
  [-1, -0.8],
  [-0.5, -0.2],
  [0.5, 0.6],
  [1, 0.8],
  [2, -0.3],
]

export const landscapes: Readonly<Record<LandscapeName, Landscape>> = {
  bowl: {
    title: 'Bowl',
    lesson: 'Every way leads down. Plain descent is as good as any, and momentum swings past the middle.',
    formula: 'x^2 + 2*y^2',
    view: square(4),
    start: [-3.4, 2.6],
    minima: [[0, 0]],
    rates: [0.1, 0.03, 0.03, 1, 0.1, 10, 0.3, 0.3],
  },
  valley: {
    title: 'Long valley',
    lesson:
      'Steep across, nearly flat along: a rate that is safe across is slow along. Momentum and one rate for each axis help.',
    formula: '0.05*x^2 + 5*y^2',
    view: { x: [-10, 10], y: [-5, 5] },
    start: [-9, 3.4],
    minima: [[0, 0]],
    rates: [0.1, 0.1, 0.1, 1, 0.1, 10, 0.3, 0.3],
  },
  saddle: {
    title: 'Saddle',
    lesson:
      'On the ridge the slope is almost none, and it takes long to leave it; those who measure each axis leave first.',
    formula: 'x^2 - y^2 + 0.125*y^4',
    view: square(3.2),
    start: [-2.8, 0.01],
    minima: [
      [0, 2],
      [0, -2],
    ],
    rates: [0.1, 0.03, 0.03, 0.3, 0.03, 10, 0.1, 0.1],
  },
  rosenbrock: {
    title: 'Rosenbrock',
    lesson: 'The valley is found at once; following its bend to the end takes patience.',
    formula: '(1 - x)^2 + 100*(y - x^2)^2',
    view: { x: [-2, 2], y: [-1, 3] },
    start: [-1.3, 2.7],
    minima: [[1, 1]],
    rates: [0.001, 0.0003, 0.0003, 0.3, 0.03, 3, 0.1, 0.1],
  },
  beale: {
    title: 'Beale',
    lesson: 'Flat plains between steep walls: a rate that crosses the plain is thrown out at the wall.',
    formula: '(1.5 - x + x*y)^2 + (2.25 - x + x*y^2)^2 + (2.625 - x + x*y^3)^2',
    view: square(4.5),
    start: [1, 1.6],
    minima: [[3, 0.5]],
    rates: [0.01, 0.003, 0.003, 0.3, 0.03, 10, 0.1, 0.1],
  },
  himmelblau: {
    title: 'Himmelblau',
    lesson: 'Four lowest places: where a racer ends depends on how it starts, not on how good it is.',
    formula: '(x^2 + y - 11)^2 + (x + y^2 - 7)^2',
    view: square(5),
    start: [-0.4, -1.2],
    minima: [
      [3, 2],
      [-2.805118, 3.131312],
      [-3.77931, -3.283186],
      [3.584428, -1.848126],
    ],
    rates: [0.01, 0.003, 0.003, 1, 0.1, 10, 0.3, 0.3],
  },
  neuron: {
    title: 'A neuron',
    lesson:
      'The loss of one tanh neuron with weight x and bias y on six points: a real network, with plateaus where it is sure and wrong.',
    formula: neuronPoints
      .map(([input, target]) => `(tanh(${input}*x + y) ${target < 0 ? '+' : '-'} ${Math.abs(target)})^2/6`)
      .join(' + '),
    view: square(6),
    start: [-3.2, -2.6],
    minima: [],
    rates: [1, 0.3, 0.3, 1, 0.1, 10, 0.3, 0.3],
  },
  own: {
    title: 'Your formula',
    lesson: 'Type any formula in x and y.',
    formula: 'sin(2*x) + cos(2*y) + 0.2*x^2 + 0.2*y^2',
    view: square(4),
    start: [-3, 3],
    minima: [],
    rates: [0.1, 0.03, 0.03, 0.3, 0.03, 10, 0.1, 0.1],
  },
}

/** The formula in force, or why there is none. */
export function formulaOf(name: LandscapeName, typed: string): { formula: Formula } | { problem: string } {
  try {
    return { formula: parseFormula(name === 'own' && typed !== '' ? typed : landscapes[name].formula) }
  } catch (error) {
    if (error instanceof FormulaError) return { problem: error.message }
    throw error
  }
}

/** Values over a view, row by row from the top. */
export interface Relief {
  readonly columns: number
  readonly rows: number
  readonly values: Float64Array
  readonly lowest: number
  readonly highest: number
}

export function reliefOf(formula: Formula, view: View, columns: number, rows: number): Relief {
  const values = new Float64Array(columns * rows)
  let [lowest, highest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (let row = 0; row < rows; row++) {
    const y = view.y[1] - ((row + 0.5) / rows) * (view.y[1] - view.y[0])
    for (let column = 0; column < columns; column++) {
      const x = view.x[0] + ((column + 0.5) / columns) * (view.x[1] - view.x[0])
      const value = valueAt(formula, x, y)
      values[row * columns + column] = value
      if (!Number.isFinite(value)) continue
      lowest = Math.min(lowest, value)
      highest = Math.max(highest, value)
    }
  }
  return { columns, rows, values, lowest, highest }
}

/** The lowest value: that of the known minima, else of a fine grid. */
export function lowestOf(formula: Formula, { minima, view }: Pick<Landscape, 'minima' | 'view'>): number {
  const known = minima.map(([x, y]) => valueAt(formula, x, y))
  return known.length > 0 ? Math.min(...known) : reliefOf(formula, view, 241, 241).lowest
}
