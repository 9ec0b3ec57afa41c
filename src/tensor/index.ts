/** Tensors: values, expressions, gradients and compiled functions. */
export { grad, jacobian } from './autograd.ts'
export { type Compiled, type CompiledProgram, compile } from './compile.ts'
export { arange, eye, full, iota, linspace, oneHot, ones, zeros } from './create.ts'
export * from './functional.ts'
export { type GeneratorState, generator, manualSeed, rand, randint, randn } from './random.ts'
export {
  concat,
  fromTypedArray,
  type NestedNumbers,
  stack,
  Tensor,
  type TensorLike,
  type TensorOptions,
  tensor,
  where,
} from './tensor.ts'
export { assignAll, Parameter, VariableTensor } from './variable-tensor.ts'
