/** The tables of the tree-height lesson: the course's own, house values in California, or a generated forest. */
import { data } from 'cognitron'
import { readText } from './data.ts'
import { uniformNumbers } from './landscapes.ts'

/** Rows of numbers, what is predicted from them, and how large a network and how long a run they are worth. */
export interface Source {
  readonly name: string
  readonly table: data.Table
  readonly target: string
  /** Columns that are no predictors. */
  readonly left: readonly string[]
  /** At most so many rows are used. */
  readonly samples: number
  readonly hidden: number
  readonly epochs: number
}

/** The table at `path`, else that in the folder of house values, else a generated one. */
export async function openTable(path: string | undefined, housing: string | undefined, seed: number): Promise<Source> {
  if (path !== undefined) {
    const table = lowerThan(7000, data.parseTable(await readText(path), { delimiter: ' ', name: path }))
    const left = ['ID', 'forestheight']
    return { name: 'tree height', table, target: 'h', left, samples: 100_000, hidden: 512, epochs: 300 }
  }
  const size = { left: [], samples: 100_000, hidden: 128, epochs: 1000 }
  if (housing !== undefined) {
    const table = data.parseTable(await readText(`${housing}/housing.csv`), { name: 'housing.csv', missing: 'drop' })
    return { name: 'house value', table, target: 'median_house_value', ...size }
  }
  const name = 'height of a generated forest'
  return { name, table: generatedForest(2000, seed), target: 'h', ...size, hidden: 64, epochs: 400 }
}

/** The rows whose height `h`, in centimetres, is below a limit. */
function lowerThan(limit: number, table: data.Table): data.Table {
  const heights = table.columns.find((column) => column.name === 'h')
  if (heights?.kind !== 'numeric') throw new Error(`${table.name} has no column h of heights`)
  const rows = [...heights.values.keys()].filter((row) => (heights.values[row] ?? 0) < limit)
  return data.takeRows(table, Int32Array.from(rows))
}

/** Places whose height `h` in metres depends on soil, climate and terrain, but not by a straight line: `rows` of them with twelve predictors, drawn
 * from a seed. */
function generatedForest(rows: number, seed: number): data.Table {
  const uniform = uniformNumbers(seed)
  const names = [
    'elev',
    'northness',
    'eastness',
    'treecover',
    'clay',
    'ph',
    'rain',
    'rain_season',
    'warmth',
    'frost',
    'slope',
    'wetness',
  ]
  const columns = names.map((name) => ({
    name,
    kind: 'numeric' as const,
    values: Float64Array.from({ length: rows }, uniform),
  }))
  const [elev, north, , cover, clay, , rain, , warmth, , slope, wet] = columns.map(({ values }) => values)
  const h = Float64Array.from({ length: rows }, (_, row) => {
    const value = (column: Float64Array | undefined): number => column?.[row] ?? 0
    const climate = Math.exp(-(((value(warmth) - 0.5) / 0.25) ** 2)) * Math.min(value(rain), 0.6)
    const ground = Math.sin(3 * value(clay)) * (1 - value(slope)) + value(wet) * (value(north) > 0.5 ? 1 : 0.3)
    const noise = uniform() + uniform() + uniform() - 1.5
    return Math.max(0, 24 * climate + 5 * ground + 6 * value(cover) * (1 - value(elev)) + 3.5 * noise)
  })
  return { name: 'generated forest', length: rows, columns: [...columns, { name: 'h', kind: 'numeric', values: h }] }
}
