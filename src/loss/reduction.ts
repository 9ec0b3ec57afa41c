/** What every loss does with its values at the end, and the checks that they share. */
import { ShapeError } from '../base/errors.ts'
import { formatShape } from '../shape/shape.ts'
import { Tensor, tensor } from '../tensor/tensor.ts'

/** How the values of single elements or samples become the result: their mean (default), their sum, or the values themselves. */
export type Reduction = 'mean' | 'sum' | 'none'

export interface ReductionOption {
  readonly reduction?: Reduction
}

/** Weights as a tensor or as plain numbers. */
export type Weights = Tensor | readonly number[]

export function reduceLoss(values: Tensor, reduction: Reduction = 'mean'): Tensor {
  if (reduction === 'none') return values
  return reduction === 'sum' ? values.sum() : values.mean()
}

export function asTensor(weights: Weights): Tensor {
  return weights instanceof Tensor ? weights : tensor([...weights])
}

/** Throws ShapeError unless prediction and target have one shape; broadcasting them is nearly always a mistake. */
export function checkSameShape(loss: string, input: Tensor, target: Tensor): void {
  if (formatShape(input.shape) === formatShape(target.shape)) return
  throw new ShapeError(
    `${loss} compares element by element: the prediction has shape ${formatShape(input.shape)}, the target ` +
      `${formatShape(target.shape)}; reshape one of them.`,
  )
}
