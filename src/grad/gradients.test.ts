/** Gradients against finite differences in double precision for every sample, and by hand where differences cannot tell. */
import { describe, expect, it } from 'vitest'
import {
  type DerivativeCase,
  derivativeError,
  firstDerivative,
  nextDerivative,
} from '../../test/conformance/derivatives.ts'
import { opSamples, sampleInputs } from '../../test/op-samples.ts'
import { evaluateNode } from '../backends/interpreter/index.ts'
import { at } from '../base/arrays.ts'
import { DTypeError, ShapeError } from '../base/errors.ts'
import { makeNode } from '../ir/build.ts'
import { topologicalOrder } from '../ir/graph.ts'
import type { Node } from '../ir/node.ts'
import * as ir from '../ir/operations.ts'
import { gradients } from './gradients.ts'
import { gradientRules } from './rules.ts'

const TOLERANCE = 1e-7

function inputNode(values: readonly number[], shape: readonly number[] = [values.length]): Node {
  return makeNode('input', [], { source: { data: Float32Array.from(values) }, shape, dtype: 'float32' })
}

/** Compares gradients with finite differences. */
function expectDerivative(wanted: DerivativeCase): void {
  const { outputs, seeds, wrt } = wanted
  gradients(outputs, seeds, wrt).forEach((gradient, index) => {
    if (gradient) expect([gradient.dtype, gradient.shape]).toEqual(['float32', at(wrt, index).shape])
  })
  expect(derivativeError(wanted)).toBeLessThan(TOLERANCE)
}

const differentiable = opSamples.filter((sample) => sample.differentiable)

describe('the gradient agrees with central differences:', () => {
  it.each(differentiable)('$name', (sample) => {
    expectDerivative(firstDerivative(sample))
  })

  it('for every primitive that has a rule', () => {
    const covered = new Set(
      differentiable.flatMap(({ build, operands, ...rest }) => {
        const inputs = sampleInputs({ build, operands, ...rest })
        return topologicalOrder([build(...inputs)]).map((node) => node.op)
      }),
    )
    const ruled = Object.entries(gradientRules).filter(([, rule]) => rule !== 'notDifferentiable')
    expect(ruled.map(([name]) => name).filter((name) => !covered.has(name as Node['op']))).toEqual([])
  })
})

describe('the gradient of the gradient agrees with central differences:', () => {
  it.each(differentiable)('$name', (sample) => {
    expectDerivative(nextDerivative(firstDerivative(sample)))
  })
})

/** Gradients with respect to each input, all values of the output counting once. */
function gradientValues(build: (...inputs: Node[]) => Node, ...inputs: Node[]): (number[] | undefined)[] {
  const output = build(...inputs)
  return gradients([output], [ir.scalarLike(output, 1)], inputs).map((node) => node && Array.from(evaluateNode(node)))
}

describe('at kinks the gradient is PyTorch’s:', () => {
  it('max and min halve it at ties', () => {
    const a = inputNode([1, 2, 3])
    const b = inputNode([3, 2, 1])
    expect(gradientValues(ir.max, a, b)).toEqual([
      [0, 0.5, 1],
      [1, 0.5, 0],
    ])
    expect(gradientValues(ir.min, a, b)).toEqual([
      [1, 0.5, 0],
      [0, 0.5, 1],
    ])
  })

  it('abs has 0 at 0', () => {
    expect(gradientValues(ir.abs, inputNode([-2, 0, 3]))).toEqual([[-1, 0, 1]])
  })

  it('reduceMax and reduceMin split it evenly among ties', () => {
    const x = inputNode([1, 3, 3, 2, 2, 2], [2, 3])
    expect(gradientValues((y) => ir.reduceMax(y, [1]), x)).toEqual([[0, 0.5, 0.5, 1 / 3, 1 / 3, 1 / 3]])
    expect(gradientValues((y) => ir.reduceMin(y, [1]), x)).toEqual([[1, 0, 0, 1 / 3, 1 / 3, 1 / 3]])
  })

  it('maxPool gives it to the first of equal values', () => {
    const window = [2, 2].map((kernel) => ({ kernel, stride: 2, padding: [0, 0] as const, dilation: 1 }))
    const x = inputNode([1, 1, 1, 1], [1, 1, 2, 2])
    expect(gradientValues((y) => makeNode('maxPool', [y], { window }), x)).toEqual([[1, 0, 0, 0]])
  })

  it('pow of 0 has no NaN', () => {
    // torch.pow(x, y) at these pairs: y · x^(y−1), and x^y · ln x with 0 where x = 0 and y ≥ 0.
    const [base, exponent] = gradientValues(ir.pow, inputNode([0, 0, 0, 0, 2]), inputNode([0, 1, 2, 3, 0]))
    expect(base).toEqual([0, 1, 0, 0, 0])
    expect(exponent?.slice(0, 4)).toEqual([0, 0, 0, 0])
    expect(exponent?.[4]).toBeCloseTo(Math.log(2), 12)
  })

  it('pow of 0 with a constant exponent has no NaN, also in the second derivative', () => {
    const x = inputNode([0, 0])
    for (const [exponent, second] of [
      [1, undefined],
      [2, [2, 2]],
      [3, [0, 0]],
    ] as const) {
      const [first] = gradients([ir.pow(x, ir.scalarLike(x, exponent))], [ir.scalarLike(x, 1)], [x])
      expect(first && Array.from(evaluateNode(first))).toEqual(exponent === 1 ? [1, 1] : [0, 0])
      expect(first && gradientValues(() => first, x)).toEqual([second])
    }
  })

  it('a product with zeros has the product of the others', () => {
    const x = inputNode([0, 2, 3, 4, 0, 5, 0, 7], [2, 4])
    expect(gradientValues((y) => ir.reduceProduct(y, [1]), x)).toEqual([[24, 0, 0, 0, 0, 0, 0, 0]])
    const one = inputNode([2, 0, 3])
    expect(gradientValues((y) => ir.reduceProduct(y, [0]), one)).toEqual([[0, 6, 0]])
  })

  it('mod passes to the dividend and takes the quotient from the divisor', () => {
    expect(gradientValues(ir.mod, inputNode([7.5, -7.5]), inputNode([2, 2]))).toEqual([
      [1, 1],
      [-3, 4],
    ])
  })

  it('a branch that is not taken spoils nothing', () => {
    const x = inputNode([0, 4])
    const root = (y: Node) => ir.where(ir.less(ir.scalarLike(y, 0), y), ir.sqrt(ir.max(y, ir.scalarLike(y, 1))), y)
    expect(gradientValues(root, x)).toEqual([[1, 0.25]])
  })
})

describe('gradients', () => {
  it('are undefined where nothing depends', () => {
    const [x, y] = [inputNode([1, 2]), inputNode([3, 4])]
    expect(gradientValues((a) => ir.mul(a, a), x, y)).toEqual([[2, 4], undefined])
    expect(gradientValues((a) => ir.floor(a), x)).toEqual([undefined])
    expect(gradientValues((a) => ir.cast(ir.cast(a, 'int32'), 'float32'), x)).toEqual([undefined])
  })

  it('add up over all uses and all outputs', () => {
    const x = inputNode([3])
    const found = gradients([ir.mul(x, x), ir.exp(x), x], [undefined, ir.scalarLike(x, 2), undefined], [x])
    expect(evaluateNode(at(found, 0) as Node)[0]).toBeCloseTo(6 + 2 * Math.exp(3) + 1, 9)
  })

  it('reach nodes in the middle of a graph', () => {
    const x = inputNode([2])
    const middle = ir.mul(x, x)
    const found = gradients([ir.mul(middle, middle)], [undefined], [middle, x])
    expect(found.map((node) => node && Array.from(evaluateNode(node)))).toEqual([[8], [32]])
  })

  it('stop at detached nodes, which may themselves be asked for', () => {
    const x = inputNode([3])
    const held = ir.detach(x)
    const found = gradients([ir.mul(x, held)], [undefined], [x, held])
    expect(found.map((node) => node && Array.from(evaluateNode(node)))).toEqual([[3], [3]])
    const zero = ir.detach(ir.scalarLike(x, 0))
    expect(gradientValues(ir.add, x, zero)).toEqual([[1], [1]])
  })

  it('reach a node that itself has no gradient', () => {
    const x = inputNode([2.7])
    const whole = ir.floor(x)
    const found = gradients([ir.mul(whole, x)], [undefined], [whole, x])
    expect(found.map((node) => node && Array.from(evaluateNode(node)))).toEqual([[Math.fround(2.7)], [2]])
  })

  it('go through graphs deeper than the stack', () => {
    let y: Node = inputNode([1])
    const x = y
    for (let depth = 0; depth < 20000; depth++) y = ir.sigmoid(y)
    expect(gradients([y], [undefined], [x])[0]?.shape).toEqual([1])
  })

  it('leave constants and factors of one out', () => {
    const x = inputNode([1, 2, 3])
    const [gradient] = gradients([ir.reduceSum(ir.scale(x, 2), [0])], [undefined], [x])
    expect(gradient && topologicalOrder([gradient]).filter((node) => node.op === 'mul')).toEqual([])
  })

  it('say what is wrong with their arguments', () => {
    const x = inputNode([1, 2])
    expect(() => gradients([x], [undefined], [x])).toThrow(ShapeError)
    expect(() => gradients([x], [undefined], [x])).toThrow(
      'the gradient of an output of shape [2] must be given, for only an output of one element has the gradient 1; ' +
        'reduce it with sum() or mean(), or pass a gradient of its shape.',
    )
    expect(() => gradients([x], [ir.scalar(1)], [x])).toThrow(
      'an output of shape [2] needs a gradient of that shape, given [].',
    )
    expect(() => gradients([x], [ir.scalar(1, [2], 'int32')], [x])).toThrow(
      'an output of float32 needs a gradient of float32, given int32.',
    )
    expect(() => gradients([ir.cast(x, 'int32')], [undefined], [x])).toThrow(DTypeError)
    expect(() => gradients([ir.cast(x, 'int32')], [undefined], [x])).toThrow(
      'only float32 tensors have gradients, given one of int32; cast it before.',
    )
  })
})
