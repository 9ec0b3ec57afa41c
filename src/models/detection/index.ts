/** Finding where things are: boxes, regions and the networks that predict them. */
export {
  type Box,
  type BoxDelta,
  boxArea,
  boxIoU,
  boxIoUMatrix,
  clipBox,
  decodeBox,
  encodeBox,
  nonMaximumSuppression,
  type SuppressionOptions,
} from './boxes.ts'
export {
  LocalizationNet,
  type LocalizationNetOptions,
  type LocalizationOutputs,
  localizationLoss,
} from './localization-net.ts'
export {
  type Detection,
  type DetectOptions,
  RegionDetector,
  type RegionDetectorOptions,
  type RegionOutputs,
  regionLoss,
  regionTensor,
} from './region-detector.ts'
export {
  type Match,
  type MatchOptions,
  matchProposals,
  type RegionTargetOptions,
  type RegionTargets,
  regionTargets,
  type TrueObject,
} from './region-targets.ts'
export { type RoiPoolOptions, roiPool } from './roi-pool.ts'
