/**
 * How a contraction is cut into pieces that suit registers and caches. All choices follow from shapes, so results do not depend on
 * the machine or the number of threads.
 */
import { product, range } from '../../../base/arrays.ts'
import type { BufferId } from '../../../compile/expression.ts'
import type { ContractKernel } from '../../../compile/kernel.ts'
import { MAX_IN_PLACE_ROWS } from '../../../compile/lower-contraction.ts'
import { isRepeatable } from './expression-emitter.ts'

/** A register tile: its sums, with a row of B and one splat of A, fill the 15 registers that engines hand out. */
export interface TileForm {
  readonly maxRows: number
  /** Columns of a panel of B. */
  readonly panel: 8 | 16
}

/** The best tile for results of so many columns. Registers hold four numbers, or eight where the engine has `wide` vectors. */
export function tileForm(wide: boolean, columns: number): TileForm {
  if (!wide) return { maxRows: 6, panel: 8 }
  return columns > 8 ? { maxRows: 6, panel: 16 } : { maxRows: 12, panel: 8 }
}

/** How rows are cut into tiles: the first `tallTiles` have `rows` rows, the others one less. */
export interface RowTiles {
  readonly rows: number
  readonly tiles: number
  readonly tallTiles: number
}

/** As few tiles as registers allow, as even as they can be. */
export function tileRows(count: number, maxRows: number): RowTiles {
  const tiles = Math.ceil(count / maxRows)
  const rows = Math.ceil(count / tiles)
  return { rows, tiles, tallTiles: count - tiles * (rows - 1) }
}

/** Sum length of one pass: a panel of B and a tile of A of this length share the first-level cache. */
const MAX_DEPTH = 512
/** Packed panels of B that stay in the second-level cache. */
const PACKED_BYTES = 256 * 1024
/** Up to this many rows packing costs more than it saves. */
const DIRECT_ROWS = 12
/** Up to this many rows sums run along the columns of B where those lie in memory as rows. */
const DOT_ROWS = 8
/** Columns whose sums are in flight then, at most. */
export const DOT_COLUMNS = 8
/** Longest run of rows of B whose distances are constants in the code. */
const MAX_RUN = 12

/** A table of rows read by runs: only where each begins is looked up. */
export interface RowRuns {
  readonly table: BufferId
  readonly length: number
  /** Elements from row to row within a run. */
  readonly stride: number
}

export interface ContractPlan extends RowTiles, TileForm {
  /** Panels of one batch item, and of all. */
  readonly panels: number
  readonly items: number
  /** Panels that are packed before they are used. */
  readonly blockPanels: number
  /** The sum is cut into passes of this many outer steps and this depth. */
  readonly outerStep: number
  readonly depth: number
  readonly passes: number
  /** B is read where it lies, without packing. */
  readonly direct: boolean
  /** How its rows are found then, if they lie in no even distance. */
  readonly runs: RowRuns | undefined
  /** Sums run along the columns of B, several columns at a time, without packing. */
  readonly dot: boolean
  /** Threads divide row tiles instead of panels. */
  readonly divideRows: boolean
  readonly packedBytes: number
  readonly sumBytes: number
}

export function planContract(kernel: ContractKernel, wide: boolean): ContractPlan {
  const { m, n, k, outer, b } = kernel
  const { maxRows, panel } = tileForm(wide, n)
  const { rows, tiles, tallTiles } = tileRows(m, maxRows)
  const panels = Math.ceil(n / panel)
  const items = panels * product(kernel.batch)
  const inRows = b.columns.kind === 'stride' && b.columns.stride === 1
  const runs = inRows && m <= MAX_IN_PLACE_ROWS ? rowRuns(kernel) : undefined
  const direct = runs !== undefined || (m <= DIRECT_ROWS && inRows && b.rows.kind === 'stride' && b.rows.stride >= 0)
  const dot =
    m <= DOT_ROWS &&
    n >= DOT_COLUMNS &&
    outer === 1 &&
    kernel.a.strideK === 1 &&
    b.rows.kind === 'stride' &&
    b.rows.stride === 1 &&
    b.columns.kind === 'stride' &&
    b.columns.stride > 1 &&
    isRepeatable(kernel.stores)
  const cuts = runs ? 1 : Math.max(1, Math.ceil(k / MAX_DEPTH))
  const depth = Math.max(1, cuts === 1 ? k : Math.ceil(k / cuts / 4) * 4)
  const outerStep = runs ? outer : cuts > 1 ? 1 : Math.min(outer, Math.max(1, Math.floor(MAX_DEPTH / Math.max(1, k))))
  const passes = Math.ceil(outer / outerStep) * Math.max(1, Math.ceil(k / depth))
  const panelBytes = outerStep * depth * panel * 4
  const blockPanels = Math.max(1, Math.min(64, items, Math.floor(PACKED_BYTES / panelBytes)))
  return {
    maxRows,
    panel,
    rows,
    tiles,
    tallTiles,
    panels,
    items,
    blockPanels,
    outerStep,
    depth,
    passes,
    direct,
    runs,
    dot,
    divideRows: items <= 3 && tiles >= 4,
    packedBytes: direct || dot ? 0 : blockPanels * panelBytes,
    sumBytes: dot ? 32 * DOT_COLUMNS : (passes > 1 ? blockPanels * tiles : 1) * rows * panel * 4,
  }
}

/** The longest runs that a table of rows falls into; undefined where rows lie in an even distance. */
function rowRuns({ k, b: { rows } }: ContractKernel): RowRuns | undefined {
  if (rows.kind === 'stride') return undefined
  const { buffer, offsets } = rows
  const entry = (index: number): number => offsets[index] as number
  const stride = k > 1 ? entry(1) - entry(0) : 0
  const isRun = (length: number): boolean =>
    offsets.every((offset, index) => index % length === 0 || offset - entry(index - 1) === stride)
  const lengths = range(MAX_RUN).map((less) => MAX_RUN - less)
  const length = lengths.find((each) => k % each === 0 && isRun(each)) ?? 1
  return { table: buffer, length, stride }
}
