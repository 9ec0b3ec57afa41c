/**
 * Kernels: the five shapes of work that a program consists of, and the program itself. `lower` makes them from a graph, `plan`
 * places their buffers, backends turn each into code. Nothing here depends on a machine.
 */
import type { DType } from '../base/dtype.ts'
import type { WindowAxis } from '../shape/shape.ts'
import { type Affine, type BufferId, type Expression, visitExpressions } from './expression.ts'

/** Writes the value of an expression at each point of the iteration space. */
export interface Store {
  readonly buffer: BufferId
  readonly at: Affine
  readonly value: Expression
}

/** An element-wise chain over `extents`. At each point everything is read before anything is written. */
export interface MapKernel {
  readonly kind: 'map'
  readonly extents: readonly number[]
  readonly stores: readonly Store[]
  /**
   * A buffer that is filled first, where the stores leave gaps (padding): `level` outer loops in, each iteration fills `length`
   * elements from `at`.
   */
  readonly fill?: {
    readonly buffer: BufferId
    readonly at: Affine
    readonly level: number
    readonly length: number
    readonly value: number
  }
}

export type ReductionOp = 'sum' | 'max' | 'min' | 'product' | 'argmax'

/** Reduces expressions over the trailing `reduced` axes of `extents`, then maps the results over the leading ones. */
export interface ReduceKernel {
  readonly kind: 'reduce'
  /** Kept axes, then reduced axes. */
  readonly extents: readonly number[]
  readonly reducedAxes: number
  readonly reductions: readonly { readonly op: ReductionOp; readonly value: Expression }[]
  /** Over the kept axes only; may use accumulators. */
  readonly stores: readonly Store[]
}

/** Positions along one axis of a contraction operand: a constant step, or a table of element offsets in an int32 buffer. */
export type Steps =
  | { readonly kind: 'stride'; readonly stride: number }
  | { readonly kind: 'table'; readonly buffer: BufferId; readonly offsets: Int32Array }

/**
 * C[b, m, n] = Σ over o, k of A[b, o, m, k] · B[b, o, k, n], then the epilogue's stores over [...batch, m, n].
 * The sum runs over `outer` (images of a weight gradient) and `k`. A is read in place, B is packed panel by panel.
 */
export interface ContractKernel {
  readonly kind: 'contract'
  readonly batch: readonly number[]
  readonly m: number
  readonly n: number
  readonly k: number
  readonly outer: number
  readonly a: {
    readonly buffer: BufferId
    readonly offset: number
    readonly batchStrides: readonly number[]
    readonly outerStride: number
    readonly strideM: number
    readonly strideK: number
  }
  readonly b: {
    readonly buffer: BufferId
    readonly offset: number
    readonly batchStrides: readonly number[]
    readonly outerStride: number
    readonly rows: Steps
    readonly columns: Steps
  }
  readonly stores: readonly Store[]
}

/** The 4×4 tiles that cover the outputs of a convolution, all images one after the other; neighbouring input tiles overlap. */
export interface TileGrid {
  readonly tiles: number
  /** Int32 table: where each tile begins in channel 0 of the padded input. */
  readonly inputOffsets: BufferId
  /** Elements between channels and between rows. */
  readonly inputPlane: number
  readonly inputPitch: number
  readonly outputOffsets: BufferId
  readonly outputPlane: number
  readonly outputPitch: number
  /** Int32 table, rows + 256 · columns of each tile that lie inside the output; absent where all of every tile does. */
  readonly sizes?: BufferId
}

/**
 * A 3×3 convolution of stride 1 by tiles (see `winograd-scheme`): the transformed input tiles times the transformed kernels,
 * transformed back, then the store over [image, channel, row, column].
 */
export interface WinogradKernel {
  readonly kind: 'winograd'
  readonly inputs: number
  readonly outputs: number
  /** The padded input. */
  readonly source: BufferId
  readonly weights: WinogradWeights
  readonly grid: TileGrid
  readonly store: Store
}

/** Kernels that were transformed before, or that this kernel transforms on its way where they outweigh the tiles. */
export type WinogradWeights =
  /** `[36, outputs, inputs]`, with `position` elements from one matrix to the next. */
  | { readonly kind: 'transformed'; readonly buffer: BufferId; readonly position: number }
  /** Nine neighbouring taps each, in reverse where they are `turned`. */
  | {
      readonly kind: 'taps'
      readonly buffer: BufferId
      readonly offset: number
      readonly alongOutputs: number
      readonly alongInputs: number
      readonly turned: boolean
    }

/** The weight gradient of such a convolution: Σ over tiles of the transformed gradient times the transformed input, transformed back. */
export interface WinogradGradKernel {
  readonly kind: 'winogradGrad'
  readonly inputs: number
  readonly outputs: number
  /** The padded input. */
  readonly source: BufferId
  readonly gradient: BufferId
  readonly grid: TileGrid
  /** Room for the sums of all positions while there are tiles to come; absent where GRAD_BLOCK tiles or fewer are all. */
  readonly sums?: BufferId
  /** `[outputs, inputs, 3, 3]` */
  readonly target: BufferId
}

/** Pooling and its relatives on planes: the leading axes are one, the spatial ones stay. Windows have no padding. */
interface WindowShape {
  readonly kind: 'window'
  readonly planes: number
  /** Sizes of the larger side: the input of pooling, the output of the scatters. */
  readonly inputSize: readonly number[]
  /** Sizes of the smaller side, one element per window. */
  readonly outputSize: readonly number[]
  readonly window: readonly WindowAxis[]
  /** Pooling: input. Gather: input. Scatter and gradient: values per window. */
  readonly source: BufferId
}

export interface MaximumKernel extends WindowShape {
  readonly op: 'maxPool'
  /** Pooling may be wanted for its indices alone. */
  readonly target?: BufferId
  /** Taps per window, where they are wanted. */
  readonly indices?: BufferId
}

export interface WindowSumKernel extends WindowShape {
  readonly op: 'sumPool' | 'sumPoolGrad'
  readonly target: BufferId
  readonly indices?: undefined
}

/** Reads or writes the element of each window that its tap in `indices` names. */
export interface WindowChoiceKernel extends WindowShape {
  readonly op: 'windowGather' | 'windowScatter'
  readonly target: BufferId
  readonly indices: BufferId
}

export type WindowKernel = MaximumKernel | WindowSumKernel | WindowChoiceKernel

/** target = 0, then target[at + clamp(index) · stride] += value, over `extents`; planes along the first axis are independent. */
export interface ScatterKernel {
  readonly kind: 'scatter'
  readonly extents: readonly number[]
  readonly buffer: BufferId
  readonly length: number
  readonly at: Affine
  readonly index: Expression
  readonly stride: number
  readonly size: number
  readonly value: Expression
}

export type Kernel =
  | MapKernel
  | ReduceKernel
  | ContractKernel
  | WinogradKernel
  | WinogradGradKernel
  | WindowKernel
  | ScatterKernel

/** Where the content of a buffer comes from and how long it lives. */
export type BufferRole =
  | { readonly kind: 'input'; readonly index: number }
  | { readonly kind: 'variable'; readonly index: number }
  /** Tables that are written once when the program is loaded. */
  | { readonly kind: 'table'; readonly data: Int32Array }
  | { readonly kind: 'temporary' }

export interface ProgramBuffer {
  readonly dtype: DType
  readonly length: number
  readonly role: BufferRole
}

export interface Program {
  readonly buffers: readonly ProgramBuffer[]
  readonly kernels: readonly Kernel[]
  /** The buffer of each result, in order. */
  readonly outputs: readonly BufferId[]
  /** Byte offset in the arena of every input and temporary buffer. */
  readonly offsets: ReadonlyMap<BufferId, number>
  readonly arenaBytes: number
  readonly multiplyAdds: number
}

/** Called with a buffer and, where one point is read at each point of the iteration space, the position. */
type BufferVisit = (buffer: BufferId, at?: Affine) => void

/** The buffers that a kernel reads. */
export function buffersRead(kernel: Kernel, visit: BufferVisit): void {
  const expressions: Expression[] = []
  switch (kernel.kind) {
    case 'map':
      expressions.push(...kernel.stores.map((store) => store.value))
      break
    case 'reduce':
      expressions.push(...kernel.reductions.map((each) => each.value), ...kernel.stores.map((store) => store.value))
      break
    case 'contract':
      visit(kernel.a.buffer)
      visit(kernel.b.buffer)
      for (const steps of [kernel.b.rows, kernel.b.columns]) if (steps.kind === 'table') visit(steps.buffer)
      expressions.push(...kernel.stores.map((store) => store.value))
      break
    case 'winograd':
      for (const buffer of [kernel.source, kernel.weights.buffer, ...gridTables(kernel.grid)]) visit(buffer)
      expressions.push(kernel.store.value)
      break
    case 'winogradGrad':
      for (const buffer of [kernel.source, kernel.gradient, ...gridTables(kernel.grid)]) visit(buffer)
      break
    case 'window':
      visit(kernel.source)
      if (kernel.op === 'windowGather' || kernel.op === 'windowScatter') visit(kernel.indices)
      break
    case 'scatter':
      expressions.push(kernel.index, kernel.value)
  }
  visitLoads(expressions, visit)
}

function gridTables({ inputOffsets, outputOffsets, sizes }: TileGrid): BufferId[] {
  return sizes === undefined ? [inputOffsets, outputOffsets] : [inputOffsets, outputOffsets, sizes]
}

/** The buffers that a kernel writes. */
export function buffersWritten(kernel: Kernel): BufferId[] {
  switch (kernel.kind) {
    case 'window': {
      const written = kernel.target === undefined ? [] : [kernel.target]
      return kernel.op === 'maxPool' && kernel.indices !== undefined ? [...written, kernel.indices] : written
    }
    case 'scatter':
      return [kernel.buffer]
    case 'winograd':
      return [kernel.store.buffer]
    case 'winogradGrad':
      return kernel.sums === undefined ? [kernel.target] : [kernel.target, kernel.sums]
    default:
      return kernel.stores.map((store) => store.buffer)
  }
}

function visitLoads(roots: readonly Expression[], visit: BufferVisit): void {
  visitExpressions(roots, (expression) => {
    if (expression.kind === 'load') visit(expression.buffer, expression.at)
    if (expression.kind === 'random') visit(expression.counter)
    if (expression.kind === 'gather') visit(expression.buffer)
  })
}
