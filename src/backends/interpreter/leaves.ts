/** Interpreter rules of the leaves: what stands in the graph or is bound from outside. */
import { at, product } from '../../base/arrays.ts'
import { invariant } from '../../base/errors.ts'
import { uniformAt } from '../../random/threefry.ts'
import { elementCount, formatShape } from '../../shape/shape.ts'
import type { BoundLeaf, LeafValues, RuleTable } from './rule.ts'

// A copy, so that what the caller does to its array afterwards cannot reach a result.
function bound(leaf: BoundLeaf, valuesOf: LeafValues): Float64Array {
  const values = new Float64Array(valuesOf(leaf))
  invariant(
    values.length === elementCount(leaf.shape),
    `${leaf.op} ${leaf.id} of shape ${formatShape(leaf.shape)} was bound to ${values.length} values`,
  )
  return values
}

export const leafRules = {
  constant: (node) => Float64Array.of(node.attributes.value),
  input: (node, _, valuesOf) => bound(node, valuesOf),
  variable: (node, _, valuesOf) => bound(node, valuesOf),
  iota(node) {
    const { shape, axis } = node.attributes
    const inner = product(shape.slice(axis + 1))
    return new Float64Array(elementCount(shape)).map((_, index) => Math.floor(index / inner) % at(shape, axis))
  },
  random(node, [counter]) {
    invariant(counter?.length === 2, 'random takes the counter [seed, offset]')
    const [seed, offset] = [at(counter, 0), at(counter, 1)]
    const { shape, stream } = node.attributes
    return new Float64Array(elementCount(shape)).map((_, index) => uniformAt(seed, stream, offset, index))
  },
} satisfies Partial<RuleTable>
