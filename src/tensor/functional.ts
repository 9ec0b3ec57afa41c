/** Larger operations as functions, under the names of PyTorch's `nn.functional`. */
export * from './activation.ts'
export {
  type ConvOptions,
  type ConvTransposeOptions,
  conv1d,
  conv2d,
  conv3d,
  convTranspose1d,
  convTranspose2d,
  convTranspose3d,
} from './convolution.ts'
export { type DropoutOptions, dropout, dropout1d, dropout2d, dropout3d, dropPath } from './dropout.ts'
export {
  chunk,
  cumsum,
  gather,
  type Indices,
  indexSelect,
  maskedFill,
  scatterAdd,
  split,
  type TopK,
  takeAlongAxis,
  tile,
  topK,
  tril,
  triu,
  unbind,
} from './indexing.ts'
export {
  type InterpolateOptions,
  type InterpolationMode,
  interpolate,
  pixelShuffle,
  pixelUnshuffle,
} from './interpolation.ts'
export { bilinear, embedding, linear } from './linear.ts'
export {
  type AffineOptions,
  type BatchNormOptions,
  batchNorm,
  groupNorm,
  instanceNorm,
  type LocalResponseNormOptions,
  layerNorm,
  localResponseNorm,
  type NormalizeOptions,
  normalize,
  rmsNorm,
  standardize,
  vectorNorm,
} from './normalization.ts'
export { type PaddingMode, type PadOptions, pad } from './padding.ts'
export type { PerAxis } from './per-axis.ts'
export {
  type AdaptiveSize,
  type AvgPoolOptions,
  adaptiveAvgPool1d,
  adaptiveAvgPool2d,
  adaptiveAvgPool3d,
  adaptiveMaxPool1d,
  adaptiveMaxPool2d,
  adaptiveMaxPool3d,
  adaptiveMaxPoolWithIndices,
  avgPool1d,
  avgPool2d,
  avgPool3d,
  type LpPoolOptions,
  lpPool,
  type MaxPoolOptions,
  maxPool1d,
  maxPool2d,
  maxPool3d,
  maxPoolWithIndices,
  maxUnpool,
  type PoolOptions,
  type PoolWithIndices,
  type UnpoolOptions,
} from './pooling.ts'
export { logSoftmax, logSumExp, softmax, softmin } from './softmax.ts'
