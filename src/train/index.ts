/** Training: the loop with everything around it. Runs in browsers; run folders and files are in `cognitron/train/node`. */

export {
  type CrossValidation,
  type CrossValidationOptions,
  crossValidate,
  type FoldResult,
  type FoldSetup,
} from './cross-validation.ts'
export * as doctor from './doctor/index.ts'
export { type EarlyStoppingOptions, earlyStopping } from './early-stopping.ts'
export { type EvaluateOptions, evaluate, type Predictions, type PredictOptions, predict } from './evaluate.ts'
export { fit } from './fit.ts'
export type { Job, JobSource, OptimizerWishes, TrainingLength } from './job.ts'
export { type JudgeMasksOptions, judgeMasks } from './judge-masks.ts'
export { csvLogger, jsonLogger, metricsLine, statsColumns, statsHeader, statsRow, type TextSink } from './loggers.ts'
export { type LrFindOptions, type LrFindResult, lrFind } from './lr-find.ts'
export type { EpochRecord } from './record.ts'
export {
  type ClassExamination,
  canExamine,
  type Examination,
  type ExamineOptions,
  examine,
  type Mistake,
  type NumberExamination,
} from './report/examine.ts'
export { type ReportContent, report } from './report/report.ts'
export { NonFiniteLossError } from './run.ts'
export { type ByteSink, type CheckpointOptions, checkpoint, saveBest } from './saving.ts'
export { decodeState, encodeState, NoCheckpointError, type TrainingProgress, type TrainingState } from './state.ts'
export {
  type CacheFeaturesOptions,
  type FeatureStore,
  type FitHeadOptions,
  featureLevels,
  type RateGroup,
  Transfer,
  type TransferOptions,
  transfer,
} from './transfer.ts'
export type {
  Best,
  Callback,
  Evaluation,
  FitOptions,
  FitResult,
  LossFunction,
  LossOptions,
  Monitor,
  Network,
  StepReport,
  StopReason,
  TrainingView,
} from './types.ts'
