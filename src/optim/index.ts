/** Optimizers: PyTorch's names, options in camelCase, and its numbers. */

export { Adam, type AdamOptions, AdamW, NAdam, type NAdamOptions } from './adam.ts'
export {
  Adadelta,
  type AdadeltaOptions,
  Adagrad,
  type AdagradOptions,
  RMSprop,
  type RMSpropOptions,
} from './adaptive.ts'
export { clipGradNorm, clipGradValue, gradNorm } from './clip.ts'
export { ExponentialMovingAverage } from './ema.ts'
export { type GroupOptions, Optimizer, type Parameters } from './optimizer.ts'
export { ParameterGroup } from './parameter-group.ts'
export { type PlateauOptions, ReduceLROnPlateau } from './plateau.ts'
export {
  ChainedScheduler,
  PositionalSchedule,
  Schedule,
  type ScheduleOptions,
  type ScheduleState,
  type ScheduleUnit,
  SequentialLR,
} from './schedule.ts'
export {
  ConstantLR,
  CosineAnnealingLR,
  CosineAnnealingWarmRestarts,
  ExponentialLR,
  LambdaLR,
  LinearLR,
  MultiStepLR,
  OneCycleLR,
  type OneCycleOptions,
  PolynomialLR,
  StepLR,
} from './schedules.ts'
export { SGD, type SgdOptions } from './sgd.ts'
export type { OptimizerState, SavedGroup } from './state.ts'
