/** Losses: PyTorch's functional names in camelCase, each with an options object that ends in a reduction. */
export { type BinaryOptions, bceWithLogits, binaryCrossEntropy, sigmoidFocal, softMargin } from './binary.ts'
export { type CrossEntropyOptions, crossEntropy, type NllOptions, nll } from './cross-entropy.ts'
export { dice, focal, type KlDivOptions, klDiv } from './distribution.ts'
export {
  binaryHinge,
  hingeEmbedding,
  type MultiMarginOptions,
  multiClassHinge,
  multiMargin,
  perceptron,
} from './margin.ts'
export type { Reduction, Weights } from './reduction.ts'
export { huber, l1, mse, smoothL1, squaredError } from './regression.ts'
export { elasticPenalty, l1Penalty, l2Penalty } from './regularization.ts'
export { type SoftDiceOptions, softDice } from './soft-dice.ts'
