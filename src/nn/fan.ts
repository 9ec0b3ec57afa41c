/** How many numbers go into and out of each unit of a layer, from the shape of its weight. */
import { at, product } from '../base/arrays.ts'
import { ArgumentError } from '../base/errors.ts'
import { formatShape, type Shape } from '../shape/shape.ts'
import { Parameter } from '../tensor/index.ts'
import { uniformLater } from '../tensor/random.ts'

/**
 * Inputs of one output unit: `[out, in, ...kernel] → in · kernel`. Throws ArgumentError below two axes.
 *
 * @example
 * import { nn } from 'cognitron'
 * console.log(nn.init.fanIn([16, 3, 5, 5])) // 75
 */
export function fanIn(shape: Shape): number {
  checkMatrix(shape)
  return product(shape.slice(1))
}

/**
 * Outputs that one input unit reaches: `[out, in, ...kernel] → out · kernel`. Throws ArgumentError below two axes.
 *
 * @example
 * import { nn } from 'cognitron'
 * console.log(nn.init.fanOut([16, 3, 5, 5])) // 400
 */
export function fanOut(shape: Shape): number {
  checkMatrix(shape)
  return at(shape, 0) * product(shape.slice(2))
}

function checkMatrix(shape: Shape): void {
  if (shape.length >= 2) return
  throw new ArgumentError(`fan-in and fan-out need a weight of at least two axes, given shape ${formatShape(shape)}.`)
}

/** A parameter with PyTorch's default: uniform in ±1 / √`fan`, which for weights is Kaiming's rule with a = √5. */
export function defaultParameter(shape: Shape, fan: number): Parameter {
  const bound = fan > 0 ? 1 / Math.sqrt(fan) : 0
  return new Parameter(uniformLater(shape, -bound, bound), shape)
}
