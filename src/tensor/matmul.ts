/** Matrix products on nodes with NumPy's rules for vectors and batches. */
import { at } from '../base/arrays.ts'
import { ShapeError } from '../base/errors.ts'
import { makeNode } from '../ir/build.ts'
import type { Node } from '../ir/node.ts'
import { broadcastTo, cast } from '../ir/operations.ts'
import { broadcastShapes, formatShape } from '../shape/shape.ts'
import { reshape } from './movement.ts'

/**
 * a · b: `[..., m, k] · [..., k, n] → [..., m, n]`; a vector counts as one row on the left and as one column on the right.
 * Throws ShapeError when the inner sizes or the batch axes do not fit.
 */
export function matmul(a: Node, b: Node): Node {
  if (a.shape.length === 0 || b.shape.length === 0) {
    throw new ShapeError('matmul takes vectors, matrices or batches of them, given a scalar; use mul.')
  }
  const left = a.shape.length === 1 ? reshape(a, [1, -1]) : a
  const right = b.shape.length === 1 ? reshape(b, [-1, 1]) : b
  const inner = at(left.shape, left.shape.length - 1)
  if (inner !== right.shape.at(-2)) {
    throw new ShapeError(
      `matmul of ${formatShape(a.shape)} and ${formatShape(b.shape)}: the inner sizes ${inner} and ${right.shape.at(-2)} differ; ` +
        'perhaps one operand wants transposing.',
    )
  }
  const result = product(cast(left, 'float32'), cast(right, 'float32'))
  const shape = [...result.shape]
  if (b.shape.length === 1) shape.splice(-1, 1)
  if (a.shape.length === 1) shape.splice(b.shape.length === 1 ? -1 : -2, 1)
  return reshape(result, shape)
}

function product(a: Node, b: Node): Node {
  if (b.shape.length === 2 && a.shape.length > 2) {
    // One tall matrix instead of many equal right sides.
    const flat = makeNode('matmul', [reshape(a, [-1, at(a.shape, a.shape.length - 1)]), b], {})
    return reshape(flat, [...a.shape.slice(0, -1), at(b.shape, 1)])
  }
  const batch = broadcastShapes(a.shape.slice(0, -2), b.shape.slice(0, -2))
  const left = broadcastTo(a, [...batch, ...a.shape.slice(-2)])
  const right = broadcastTo(b, [...batch, ...b.shape.slice(-2)])
  return makeNode('matmul', [left, right], {})
}
