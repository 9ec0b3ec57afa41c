/**
 * Lowering: from the simplified graph to kernels. Element-wise chains and movement are folded into the kernels that need them, and
 * into the end of the reduction or contraction that they follow. Works through the nodes in order, so a kernel only meets
 * operands that have their buffers. Memory is not placed here (see `plan`).
 */
import { at, range } from '../base/arrays.ts'
import type { DType } from '../base/dtype.ts'
import { invariant } from '../base/errors.ts'
import { remembered } from '../base/remembered.ts'
import type { Graph, Node, NodeOf, PrimitiveName } from '../ir/node.ts'
import { constantValue } from '../ir/operations.ts'
import { elementCount, type Shape } from '../shape/shape.ts'
import type { Affine, BufferId, Expression } from './expression.ts'
import { type Accumulators, ExpressionBuilder, NotFusible, noAccumulators } from './expression-builder.ts'
import { type FusionPlan, isInlinable, isView, planFusion } from './fusion.ts'
import { delinearize, type IndexMap, identityMap, linearize, type ViewOp, viewRules } from './index-map.ts'
import type { Kernel, ProgramBuffer, ReductionOp, Store } from './kernel.ts'
import { lowerContraction } from './lower-contraction.ts'
import { byteIndices, lowerScatter, lowerWindow } from './lower-window.ts'
import { type BufferView, type LoweringContext, mapPositions } from './lowering-context.ts'

/** A graph in kernels, before buffers have places. */
export interface LoweredGraph {
  readonly buffers: ProgramBuffer[]
  readonly kernels: Kernel[]
  readonly outputs: BufferId[]
  /** For each update the buffer of the variable and the buffer that holds its new value. */
  readonly updates: { readonly variable: BufferId; readonly value: BufferId }[]
}

export class Lowering implements LoweringContext {
  readonly buffers: ProgramBuffer[] = []
  readonly kernels: Kernel[] = []
  readonly plan: FusionPlan
  readonly #bufferOf = new Map<Node, BufferId>()
  readonly #shared = new Map<string, unknown>()
  readonly #bytes: ReadonlySet<Node>
  readonly #tables = new Map<string, { buffer: BufferId; offsets: Int32Array }>()

  readonly winograd: boolean

  constructor(
    graph: Graph,
    leaves: ReadonlyMap<Node, BufferId>,
    buffers: readonly ProgramBuffer[],
    options: { winograd: boolean },
  ) {
    this.winograd = options.winograd
    this.plan = planFusion(graph)
    this.#bytes = byteIndices(graph, this.plan.order)
    this.buffers.push(...buffers)
    for (const [node, buffer] of leaves) this.#bufferOf.set(node, buffer)
    for (const node of this.plan.order) if (this.#wantsKernelNow(node)) this.materialize(node)
  }

  /** A reduction or contraction with a single element-wise user waits for it, to end with it. */
  #wantsKernelNow(node: Node): boolean {
    if (this.#bufferOf.has(node)) return false
    if (this.plan.roots.has(node)) return true
    if (isInlinable(node)) return false
    return !(this.plan.waiting.has(node) && hasEpilogue(node))
  }

  newBuffer(dtype: DType, length: number): BufferId {
    this.buffers.push({ dtype, length, role: { kind: 'temporary' } })
    return this.buffers.length - 1
  }

  once<T>(name: string, make: () => T): T {
    return remembered(this.#shared, name, make) as T
  }

  table(name: string, make: () => Int32Array): { buffer: BufferId; offsets: Int32Array } {
    return remembered(this.#tables, name, () => {
      const offsets = make()
      const data = repeatLast(offsets)
      this.buffers.push({ dtype: 'int32', length: data.length, role: { kind: 'table', data } })
      return { buffer: this.buffers.length - 1, offsets }
    })
  }

  /** The contiguous buffer that holds a node, computed now if need be. */
  materialize(node: Node): BufferId {
    const known = this.#bufferOf.get(node)
    if (known !== undefined) return known
    if (node.op === 'reshape' && constantValue(node) === undefined) return this.#alias(node, at(node.inputs, 0))
    const buffer = this.newBuffer(this.#bytes.has(node) ? 'uint8' : node.dtype, elementCount(node.shape))
    if (elementCount(node.shape) > 0) this.#emit(node, buffer)
    // Known only from here on: while its kernel is built, the node stands for its expression.
    this.#bufferOf.set(node, buffer)
    return buffer
  }

  #alias(node: Node, operand: Node): BufferId {
    const buffer = this.materialize(operand)
    this.#bufferOf.set(node, buffer)
    return buffer
  }

  #emit(node: Node, buffer: BufferId): void {
    if (isInlinable(node)) {
      if (!this.#fuseWithProducer(node, buffer)) {
        const store = this.store(buffer, node, node.shape, noAccumulators)
        this.kernels.push({ kind: 'map', extents: node.shape, stores: [store] })
      }
      return
    }
    const rule = (emitRules as { readonly [op in PrimitiveName]?: EmitRule<never> })[node.op]
    invariant(rule, `no kernel for ${node.op}`)
    rule(this, node as never, buffer)
  }

  store(buffer: BufferId, node: Node, extents: Shape, accumulators: Accumulators): Store {
    const linear = linearize(identityMap(extents), extents, extents.length)
    const map = delinearize(linear, node.shape, extents)
    if (!map) throw new NotFusible()
    return { buffer, at: linear, value: this.expression(node, map, extents, accumulators) }
  }

  /** Ends a waiting reduction or contraction with the element-wise chain of `node`; false when there is none that fits. */
  #fuseWithProducer(node: Node, buffer: BufferId): boolean {
    const producer = this.#waitingProducer(node)
    if (!producer || elementCount(producer.shape) !== elementCount(node.shape)) return false
    const extents = producer.shape
    const held: Accumulators = new Map([[producer, { index: 0, map: identityMap(extents) }]])
    try {
      const store = this.store(buffer, node, extents, held)
      emitProducer(this, producer, [store])
      return true
    } catch (error) {
      if (!(error instanceof NotFusible)) throw error
      return false
    }
  }

  /** The waiting node that the inlined chain of `root` reaches first. */
  #waitingProducer(root: Node): Node | undefined {
    const stack = [root]
    const seen = new Set<Node>()
    for (let node = stack.pop(); node; node = stack.pop()) {
      for (const operand of node.inputs) {
        if (seen.has(operand) || this.#bufferOf.has(operand)) continue
        seen.add(operand)
        if (!isInlinable(operand)) return operand
        stack.push(operand)
      }
    }
    return undefined
  }

  /** The value of `node` at the point that `map` names, as an expression over loops of the given extents. */
  expression(node: Node, map: IndexMap, extents: Shape, accumulators: Accumulators = noAccumulators): Expression {
    return new ExpressionBuilder(this, extents, accumulators).build(node, map)
  }

  /** Where the elements of `node` lie over loops of the node's own extents; movement is looked through. */
  view(node: Node): BufferView {
    let map: IndexMap = identityMap(node.shape)
    let source = node
    const loops = node.shape.length
    while (this.#bufferOf.get(source) === undefined && isView(source) && constantValue(source) === undefined) {
      const operand = at(source.inputs, 0)
      const next =
        source.op === 'reshape'
          ? delinearize(linearize(map, source.shape, loops), operand.shape, node.shape)
          : (viewRules[source.op as ViewOp] as (node: Node, map: IndexMap, loops: number) => IndexMap)(
              source,
              map,
              loops,
            )
      if (!next) break
      map = next
      source = operand
    }
    return { buffer: this.materialize(source), at: linearize(map, source.shape, loops) }
  }

  knownBuffer(node: Node): BufferId | undefined {
    return this.#bufferOf.get(node)
  }
}

/** Sixteen more entries like the last, so that code may read a table by sixteens. */
function repeatLast(offsets: Int32Array): Int32Array {
  const data = new Int32Array(offsets.length + 16).fill(offsets.at(-1) ?? 0)
  data.set(offsets)
  return data
}

type EmitRule<P extends PrimitiveName> = (lowering: Lowering, node: NodeOf<P>, buffer: BufferId) => void

const reductions = {
  reduceSum: 'sum',
  reduceMax: 'max',
  reduceMin: 'min',
  reduceProduct: 'product',
  argmax: 'argmax',
} as const satisfies Partial<Record<PrimitiveName, ReductionOp>>

type ReductionName = keyof typeof reductions

function isReduction(node: Node): node is NodeOf<ReductionName> & Node {
  return node.op in reductions
}

/** Whether the kernel of a node can go on with element-wise work on its result. */
function hasEpilogue(node: Node): boolean {
  return isReduction(node) || node.op === 'matmul' || node.op === 'conv'
}

function emitProducer(lowering: Lowering, node: Node, stores: readonly Store[]): void {
  if (isReduction(node)) emitReduction(lowering, node, stores)
  else if (node.op === 'matmul' || node.op === 'conv' || node.op === 'convWeightGrad') {
    lowerContraction(lowering, node, stores)
  } else throw new NotFusible()
}

/** Stores over the node's own extents become stores over the kept loops followed by nothing. */
function emitReduction(lowering: Lowering, node: NodeOf<ReductionName>, stores: readonly Store[]): void {
  const operand = at(node.inputs, 0)
  const axes = 'axes' in node.attributes ? node.attributes.axes : [node.attributes.axis]
  const kept = range(operand.shape.length).filter((axis) => !axes.includes(axis))
  const loops = [...kept, ...axes]
  const extents = loops.map((axis) => at(operand.shape, axis))
  const map: Affine[] = []
  loops.forEach((axis, loop) => {
    map[axis] = { offset: 0, strides: extents.map((_, index) => (index === loop ? 1 : 0)) }
  })
  const keptOnly = (affine: Affine): Affine => ({
    offset: affine.offset,
    strides: kept.map((axis) => at(affine.strides, axis)),
  })
  const value = lowering.expression(operand, map, extents)
  lowering.kernels.push({
    kind: 'reduce',
    extents,
    reducedAxes: axes.length,
    reductions: [{ op: reductions[node.op], value }],
    stores: stores.map((store) => ({
      buffer: store.buffer,
      at: keptOnly(store.at),
      value: mapPositions(store.value, keptOnly),
    })),
  })
}

/** Writes the result of a reduction or contraction as it is. */
function plain<P extends ReductionName | 'matmul' | 'conv' | 'convWeightGrad'>(
  lowering: Lowering,
  node: NodeOf<P>,
  buffer: BufferId,
): void {
  const extents = node.shape
  const value: Expression = { kind: 'accumulator', dtype: node.dtype, index: 0 }
  const store = { buffer, at: linearize(identityMap(extents), extents, extents.length), value }
  emitProducer(lowering, node as Node, [store])
}

/** A border by filling each padded plane before its inside is stored. */
function emitPad(lowering: Lowering, node: NodeOf<'pad'>, buffer: BufferId): void {
  const operand = at(node.inputs, 0)
  const { padding, value } = node.attributes
  const loops = operand.shape.length
  const level = padding.findIndex(([before, after]) => before + after > 0)
  const inside = operand.shape.map((_, axis) => ({
    offset: at(padding, axis)[0],
    strides: range(loops).map((loop) => (loop === axis ? 1 : 0)),
  }))
  const start = linearize(inside, node.shape, loops)
  // The filled plane begins where the inside would with all inner indices and the border at 0.
  const outer = inside.map((axis, index) => (index < level ? axis : { offset: 0, strides: range(loops).map(() => 0) }))
  lowering.kernels.push({
    kind: 'map',
    extents: operand.shape,
    stores: [{ buffer, at: start, value: lowering.expression(operand, identityMap(operand.shape), operand.shape) }],
    fill: {
      buffer,
      at: linearize(outer, node.shape, loops),
      level: Math.max(0, level),
      length: elementCount(node.shape.slice(Math.max(0, level))),
      value,
    },
  })
}

/** Each part is stored where it belongs. */
function emitConcat(lowering: Lowering, node: NodeOf<'concat'>, buffer: BufferId): void {
  const { axis } = node.attributes
  let offset = 0
  for (const part of node.inputs) {
    const place = identityMap(part.shape).map((each, index) => (index === axis ? { ...each, offset } : each))
    offset += at(part.shape, axis)
    if (elementCount(part.shape) === 0) continue
    const value = lowering.expression(part, identityMap(part.shape), part.shape)
    const store = { buffer, at: linearize(place, node.shape, part.shape.length), value }
    lowering.kernels.push({ kind: 'map', extents: part.shape, stores: [store] })
  }
}

const emitRules = {
  reduceSum: plain,
  reduceMax: plain,
  reduceMin: plain,
  reduceProduct: plain,
  argmax: plain,
  matmul: plain,
  conv: plain,
  convWeightGrad: plain,
  pad: emitPad,
  concat: emitConcat,
  scatterAdd: lowerScatter,
  maxPool: lowerWindow,
  maxPoolIndices: lowerWindow,
  windowGather: lowerWindow,
  windowScatter: lowerWindow,
  sumPool: lowerWindow,
  sumPoolGrad: lowerWindow,
} satisfies { [P in PrimitiveName]?: EmitRule<P> }
