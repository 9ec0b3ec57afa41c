/**
 * Interpreter rules of pooling. Padding never takes part: it cannot be the maximum and adds nothing. A window that lies in
 * the padding altogether has maximum −∞ at tap 0, gathers 0, and scatters nowhere.
 */
import { at, product } from '../../base/arrays.ts'
import { windowTaps } from '../../ir/primitives.ts'
import { elementCount, type Shape, type WindowAxis } from '../../shape/shape.ts'
import { addIn } from './arithmetic.ts'
import { isLarger } from './reduction.ts'
import type { RuleTable } from './rule.ts'
import { windowOffsets } from './sliding.ts'

interface Sliding {
  readonly taps: number
  /** `touched(position, tap)`: the flat element of the whole input, or −1; `position` counts over the whole output. */
  readonly touched: (position: number, tap: number) => number
}

function slide(input: Shape, output: Shape, window: readonly WindowAxis[]): Sliding {
  const lead = input.length - window.length
  const taps = windowTaps(window)
  const [inSize, outSize] = [product(input.slice(lead)), product(output.slice(lead))]
  const offsets = windowOffsets(input.slice(lead), output.slice(lead), window)
  const touched = (position: number, tap: number): number => {
    const offset = offsets[(position % outSize) * taps + tap] as number
    return offset < 0 ? -1 : Math.floor(position / outSize) * inSize + offset
  }
  return { taps, touched }
}

/** The tap of the maximum of the window at `position`, or −1 when all taps lie in the padding. */
function largestTap(x: Float64Array, { taps, touched }: Sliding, position: number): number {
  let best = -1
  let bestValue = 0
  for (let tap = 0; tap < taps; tap++) {
    const from = touched(position, tap)
    if (from < 0) continue
    const value = x[from] as number
    if (best >= 0 && !isLarger(value, bestValue)) continue
    best = tap
    bestValue = value
  }
  return best
}

export const windowRules = {
  maxPool(node, operands) {
    const x = at(operands, 0)
    const sliding = slide(at(node.inputs, 0).shape, node.shape, node.attributes.window)
    return new Float64Array(elementCount(node.shape)).map((_, position) => {
      const tap = largestTap(x, sliding, position)
      return tap < 0 ? Number.NEGATIVE_INFINITY : at(x, sliding.touched(position, tap))
    })
  },
  maxPoolIndices(node, operands) {
    const x = at(operands, 0)
    const sliding = slide(at(node.inputs, 0).shape, node.shape, node.attributes.window)
    return new Float64Array(elementCount(node.shape)).map((_, position) =>
      Math.max(0, largestTap(x, sliding, position)),
    )
  },
  windowGather(node, operands) {
    const [x, indices] = [at(operands, 0), at(operands, 1)]
    const { touched } = slide(at(node.inputs, 0).shape, node.shape, node.attributes.window)
    return indices.map((tap, position) => {
      const from = touched(position, tap)
      return from < 0 ? 0 : at(x, from)
    })
  },
  windowScatter(node, operands) {
    const [values, indices] = [at(operands, 0), at(operands, 1)]
    const { touched } = slide(node.shape, at(node.inputs, 0).shape, node.attributes.window)
    const add = addIn[node.dtype]
    const result = new Float64Array(elementCount(node.shape))
    values.forEach((value, position) => {
      const to = touched(position, at(indices, position))
      if (to >= 0) result[to] = add(result[to] as number, value)
    })
    return result
  },
  sumPool(node, operands) {
    const x = at(operands, 0)
    const { taps, touched } = slide(at(node.inputs, 0).shape, node.shape, node.attributes.window)
    return new Float64Array(elementCount(node.shape)).map((_, position) => {
      let sum = 0
      for (let tap = 0; tap < taps; tap++) {
        const from = touched(position, tap)
        if (from >= 0) sum += x[from] as number
      }
      return sum
    })
  },
  sumPoolGrad(node, operands) {
    const gradient = at(operands, 0)
    const { taps, touched } = slide(node.shape, at(node.inputs, 0).shape, node.attributes.window)
    const result = new Float64Array(elementCount(node.shape))
    for (let position = 0; position < gradient.length; position++) {
      for (let tap = 0; tap < taps; tap++) {
        const to = touched(position, tap)
        if (to >= 0) result[to] = (result[to] as number) + (gradient[position] as number)
      }
    }
    return result
  },
} satisfies Partial<RuleTable>
