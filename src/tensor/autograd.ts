/** Gradients as a function: of any output by any input, again differentiable. */
import { ArgumentError, ShapeError } from '../base/errors.ts'
import { elementCount, formatShape } from '../shape/shape.ts'
import { zeros } from './create.ts'
import { gradientsOf, recall } from './history.ts'
import { concat, Tensor } from './tensor.ts'

/**
 * ∂output/∂input for each input; zeros where the output does not depend on it. The results are tensors like any other, so
 * gradients of gradients need nothing new. `output` has one element unless `upstream` gives the gradient that flows into it.
 *
 * @throws ShapeError when the output has several elements and no upstream gradient is given; CognitronError when it
 * would go back through more tensors that were read than are kept (64 MiB of them).
 * @example
 * import { grad, tensor } from 'cognitron'
 * const x = tensor(3)
 * const [first] = grad(x.pow(3), [x]) // 3x²
 * const [second] = grad(first, [x]) // 6x
 * console.log(await first.item(), await second.item()) // 27 18
 */
export function grad<const Inputs extends readonly Tensor[]>(
  output: Tensor,
  inputs: Inputs,
  upstream?: Tensor,
): { -readonly [K in keyof Inputs]: Tensor } {
  if (!upstream && output.size !== 1) {
    throw new ShapeError(
      `grad differentiates a tensor of one element, given shape ${formatShape(output.shape)}; reduce it or pass the upstream gradient.`,
    )
  }
  const nodes = inputs.map((input) => input.node)
  const found = gradientsOf(recall(output.node, nodes), upstream?.node)
  const results = inputs.map((input, index) => {
    const node = found[index]
    return node ? new Tensor(node) : zeros(input.shape)
  })
  return results as { -readonly [K in keyof Inputs]: Tensor }
}

/**
 * All first derivatives of a tensor by another, J[i, j] = ∂outputᵢ/∂inputⱼ: `[...output, ...input]`. One backward pass per element
 * of the output. Throws ArgumentError when the output is empty.
 *
 * @example
 * import { jacobian, tensor } from 'cognitron'
 * const x = tensor([1, 2])
 * console.log(await jacobian(x.square(), x).toArray()) // [[2, 0], [0, 4]]
 */
export function jacobian(output: Tensor, input: Tensor): Tensor {
  const count = elementCount(output.shape)
  if (count === 0) throw new ArgumentError('the Jacobian of an empty tensor does not exist.')
  const flat = output.reshape(-1)
  const rows = Array.from({ length: count }, (_, index) => {
    const [row] = grad(flat.slice(0, index, index + 1).sum(), [input])
    return (row as Tensor).unsqueeze(0)
  })
  return concat(rows, 0).reshape(...output.shape, ...input.shape)
}
