/** Interpreter rules of the reductions; the empty reduction gives the neutral element. */
import { at, product } from '../../base/arrays.ts'
import type { NodeOf } from '../../ir/node.ts'
import { contiguousStrides, elementCount } from '../../shape/shape.ts'
import { addIn } from './arithmetic.ts'
import { type RuleTable, walk } from './rule.ts'

type Reduction = 'reduceSum' | 'reduceMax' | 'reduceMin' | 'reduceProduct'

interface Fold {
  readonly neutral: number
  readonly combine: (accumulated: number, x: number) => number
}

function reduce(float: Fold, integer: Fold) {
  return (node: NodeOf<Reduction>, operands: readonly Float64Array[]): Float64Array => {
    const { neutral, combine } = node.dtype === 'float32' ? float : integer
    const shape = at(node.inputs, 0).shape
    const x = at(operands, 0)
    const result = new Float64Array(elementCount(node.shape)).fill(neutral)
    // A stride of 0 along the reduced axes sends all their elements to one result.
    const strides = contiguousStrides(node.shape).map((s, axis) => (node.attributes.axes.includes(axis) ? 0 : s))
    walk(shape, { offset: 0, strides: contiguousStrides(shape) }, { offset: 0, strides }, (from, to) => {
      result[to] = combine(result[to] as number, x[from] as number)
    })
    return result
  }
}

export const reductionRules = {
  reduceSum: reduce({ neutral: 0, combine: addIn.float32 }, { neutral: 0, combine: addIn.int32 }),
  reduceMax: reduce(
    { neutral: Number.NEGATIVE_INFINITY, combine: (a, x) => Math.max(a, x) },
    { neutral: -(2 ** 31), combine: (a, x) => Math.max(a, x) },
  ),
  reduceMin: reduce(
    { neutral: Number.POSITIVE_INFINITY, combine: (a, x) => Math.min(a, x) },
    { neutral: 2 ** 31 - 1, combine: (a, x) => Math.min(a, x) },
  ),
  reduceProduct: reduce({ neutral: 1, combine: (a, x) => a * x }, { neutral: 1, combine: Math.imul }),
  argmax(node, operands) {
    const shape = at(node.inputs, 0).shape
    const x = at(operands, 0)
    const size = at(shape, node.attributes.axis)
    const inner = product(shape.slice(node.attributes.axis + 1))
    return new Float64Array(elementCount(node.shape)).map((_, index) => {
      const start = Math.floor(index / inner) * size * inner + (index % inner)
      let best = 0
      for (let i = 1; i < size; i++) if (isLarger(x[start + i * inner], x[start + best * inner])) best = i
      return best
    })
  },
} satisfies Partial<RuleTable>

/** NaN is larger than every number, and the first NaN stays. */
export function isLarger(candidate: number | undefined, best: number | undefined): boolean {
  const [x, y] = [candidate as number, best as number]
  return x > y || (Number.isNaN(x) && !Number.isNaN(y))
}
