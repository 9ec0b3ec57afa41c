/**
 * Builds the expression of a node over a kernel's loops: follows movement by arithmetic on index maps, inlines what has no buffer
 * of its own, and asks for a buffer where it cannot go on.
 */
import { at } from '../base/arrays.ts'
import { invariant } from '../base/errors.ts'
import { remembered } from '../base/remembered.ts'
import type { Node, NodeOf } from '../ir/node.ts'
import { constantValue } from '../ir/operations.ts'
import { primitives } from '../ir/primitives.ts'
import { elementCount, type Shape } from '../shape/shape.ts'
import type { Affine, BufferId, ElementwiseOp, Expression } from './expression.ts'
import { isInlinable } from './fusion.ts'
import { delinearize, type IndexMap, linearize, sameAffine, viewRules } from './index-map.ts'

/** What the builder asks of the lowering. */
export interface Materializer {
  /** The contiguous buffer that holds a node, computed now if need be. */
  materialize(node: Node): BufferId
  /** The buffer of a node that has one already. */
  knownBuffer(node: Node): BufferId | undefined
}

/** Nodes whose values a kernel is about to hold in registers, each with the map under which they are at hand. */
export type Accumulators = ReadonlyMap<Node, { readonly index: number; readonly map: IndexMap }>

export const noAccumulators: Accumulators = new Map()

/** Thrown inside a fusion attempt when a value is needed at another place than the kernel has it. */
export class NotFusible extends Error {}

/** Builds expressions over one iteration space; equal parts come out as one object. */
export class ExpressionBuilder {
  readonly #lowering: Materializer
  readonly #extents: Shape
  readonly #accumulators: Accumulators
  readonly #memo = new Map<string, Expression>()

  constructor(lowering: Materializer, extents: Shape, accumulators: Accumulators) {
    this.#lowering = lowering
    this.#extents = extents
    this.#accumulators = accumulators
  }

  build(node: Node, map: IndexMap): Expression {
    return remembered(this.#memo, `${node.id}:${keyOf(map)}`, () => this.#make(node, map))
  }

  #make(node: Node, map: IndexMap): Expression {
    const value = constantValue(node)
    if (value !== undefined) return { kind: 'constant', dtype: node.dtype, value }
    const held = this.#accumulators.get(node)
    if (held) {
      const same = held.map.every((axis, index) => node.shape[index] === 1 || sameAffine(axis, at(map, index)))
      if (!same) throw new NotFusible()
      return { kind: 'accumulator', dtype: node.dtype, index: held.index }
    }
    if (this.#lowering.knownBuffer(node) !== undefined || !isInlinable(node)) return this.#load(node, map)
    switch (node.op) {
      case 'iota':
        return { kind: 'index', dtype: 'int32', at: at(map, node.attributes.axis) }
      case 'random':
        return {
          kind: 'random',
          dtype: 'float32',
          counter: this.#lowering.materialize(at(node.inputs, 0)),
          stream: node.attributes.stream,
          at: this.#linear(map, node.shape),
        }
      case 'gather':
        return this.#gather(node, map)
      case 'reshape':
        return this.#reshape(node, map)
      case 'transpose':
        return this.build(at(node.inputs, 0), viewRules.transpose(node, map, this.#extents.length))
      case 'broadcast':
        return this.build(at(node.inputs, 0), viewRules.broadcast(node, map, this.#extents.length))
      case 'slice':
        return this.build(at(node.inputs, 0), viewRules.slice(node, map, this.#extents.length))
      case 'flip':
        return this.build(at(node.inputs, 0), viewRules.flip(node, map, this.#extents.length))
      default: {
        invariant(primitives[node.op].kind === 'elementwise', `${node.op} is not element-wise`)
        const operands = node.inputs.map((operand) => this.build(operand, map))
        return { kind: 'op', dtype: node.dtype, op: node.op as ElementwiseOp, operands }
      }
    }
  }

  #linear(map: IndexMap, shape: Shape): Affine {
    return linearize(map, shape, this.#extents.length)
  }

  #load(node: Node, map: IndexMap): Expression {
    if (
      this.#accumulators.size > 0 &&
      this.#lowering.knownBuffer(node) === undefined &&
      reaches(node, this.#accumulators)
    ) {
      throw new NotFusible()
    }
    const buffer = this.#lowering.materialize(node)
    return { kind: 'load', dtype: node.dtype, buffer, at: this.#linear(map, node.shape) }
  }

  #reshape(node: Node, map: IndexMap): Expression {
    const operand = at(node.inputs, 0)
    const linear = this.#linear(map, node.shape)
    const inner = delinearize(linear, operand.shape, this.#extents)
    if (inner) return this.build(operand, inner)
    if (this.#accumulators.has(operand) || reaches(operand, this.#accumulators)) throw new NotFusible()
    return { kind: 'load', dtype: node.dtype, buffer: this.#lowering.materialize(operand), at: linear }
  }

  #gather(node: NodeOf<'gather'>, map: IndexMap): Expression {
    const [source, indices] = node.inputs as readonly [Node, Node]
    const { axis } = node.attributes
    const size = at(source.shape, axis)
    const index = this.build(indices, map)
    if (size === 0) return { kind: 'constant', dtype: node.dtype, value: 0 }
    const origin = map.map((each, position) =>
      position === axis ? { offset: 0, strides: each.strides.map(() => 0) } : each,
    )
    return {
      kind: 'gather',
      dtype: node.dtype,
      buffer: this.#lowering.materialize(source),
      at: this.#linear(origin, source.shape),
      index,
      stride: elementCount(source.shape.slice(axis + 1)),
      size,
    }
  }
}

/** Whether computing `node` now would need one of the values that the kernel under construction is to produce. */
function reaches(node: Node, accumulators: Accumulators): boolean {
  if (accumulators.size === 0) return false
  const stack = [node]
  const seen = new Set<Node>()
  const oldest = Math.min(...[...accumulators.keys()].map((each) => each.id))
  for (let next = stack.pop(); next; next = stack.pop()) {
    if (accumulators.has(next)) return true
    if (seen.has(next) || next.id < oldest) continue
    seen.add(next)
    stack.push(...next.inputs)
  }
  return false
}

function keyOf(map: IndexMap): string {
  let key = ''
  for (const { offset, strides } of map) key += `${offset}+${strides};`
  return key
}
