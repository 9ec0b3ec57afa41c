/** What the lowering offers to the files that make kernels of one shape. */
import type { DType } from '../base/dtype.ts'
import { remembered } from '../base/remembered.ts'
import type { Node } from '../ir/node.ts'
import type { Shape } from '../shape/shape.ts'
import { type Affine, type BufferId, type Expression, withParts } from './expression.ts'
import type { IndexMap } from './index-map.ts'
import type { Kernel, ProgramBuffer } from './kernel.ts'

/** A buffer and where the elements of a node lie in it. */
export interface BufferView {
  readonly buffer: BufferId
  readonly at: Affine
}

export interface LoweringContext {
  readonly kernels: Kernel[]
  readonly buffers: readonly ProgramBuffer[]
  newBuffer(dtype: DType, length: number): BufferId
  materialize(node: Node): BufferId
  view(node: Node): BufferView
  /** A buffer that holds the numbers that `make` gives, with eight more like the last; kernels that ask by the same name share it. */
  table(name: string, make: () => Int32Array): { readonly buffer: BufferId; readonly offsets: Int32Array }
  /** What `make` gives, made once for all kernels that ask by the same name. */
  once<T>(name: string, make: () => T): T
  /** Whether 3×3 convolutions may be computed by transformed tiles. */
  readonly winograd: boolean
  expression(node: Node, map: IndexMap, extents: Shape): Expression
}

/** The expression with every position rewritten. */
export function mapPositions(
  expression: Expression,
  rewrite: (affine: Affine) => Affine,
  done = new Map<Expression, Expression>(),
): Expression {
  const walk = (each: Expression): Expression =>
    remembered(done, each, () => {
      const moved = withParts(each, walk)
      return 'at' in moved ? { ...moved, at: rewrite(moved.at) } : moved
    })
  return walk(expression)
}
