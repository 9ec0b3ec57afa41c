/** Data: sets, loaders, splits, parsers, scalers and augmentations. Runs in browsers; what needs Node is in `cognitron/data/node`. */
export { ArrayDataset, type ArrayDatasetOptions } from './array-dataset.ts'
export * from './augment/index.ts'
export { type ChannelStatistics, channelStatistics } from './channel-statistics.ts'
export {
  type AsyncDataset,
  classCounts,
  type Dataset,
  type DatasetDescription,
  isAsyncDataset,
  labelsOf,
  type Sample,
} from './dataset.ts'
export {
  type BrokenPicture,
  ClassFolderDataset,
  type ClassFolderIndex,
  classFolderIndex,
  type LoadPicturesOptions,
  loadPictures,
  type PictureOptions,
  type PictureSource,
  withoutBroken,
} from './image/class-folder.ts'
export { cropToProportions, type Raster, toPlanes, withChannels } from './image/raster.ts'
export { type InputSize, resizePlanes, resizeRaster, toInput } from './image/resize.ts'
export {
  IGNORED_PIXEL,
  type MaskClass,
  type MaskOptions,
  type MaskPair,
  maskClasses,
  pairMasks,
  SegmentationDataset,
  type SegmentationOptions,
} from './image/segmentation.ts'
export { turnUpright } from './image/upright.ts'
export {
  type Batch,
  type BatchTransform,
  DataLoader,
  type DataLoaderOptions,
  type EpochOptions,
  type SampleTransform,
} from './loader.ts'
export type { Normalization } from './normalization.ts'
export { cifar10ClassNames, type NamedBytes, readCifar10 } from './parsers/cifar.ts'
export {
  type CsvNumberOptions,
  type CsvOptions,
  type MissingPolicy,
  type NumberTable,
  parseCsv,
  parseCsvNumbers,
  type TextTable,
} from './parsers/csv.ts'
export { type IdxArray, type IdxDatasetOptions, idxDataset, parseIdx, readIdx } from './parsers/idx.ts'
export {
  type CategoricalColumn,
  type Column,
  type NumericColumn,
  parseTable,
  type Table,
  type TableDatasetOptions,
  type TableOptions,
  tableDataset,
  takeRows,
} from './parsers/table.ts'
export {
  balancedSampler,
  RandomSampler,
  type Sampler,
  SequentialSampler,
  WeightedSampler,
} from './sampler.ts'
export { inputMatrix, scaleDataset, targetMatrix } from './scale-dataset.ts'
export {
  type Matrix,
  MinMaxScaler,
  QuantileTransformer,
  type Scaler,
  type ScalerState,
  StandardScaler,
  scalerFromJson,
} from './scalers.ts'
export type {
  DatasetEntry,
  DatasetParts,
  FileCollection,
  FileSource,
  LoadOptions,
  RemoteFile,
} from './sets/entry.ts'
export { dataSetNamed, dataSets } from './sets/registry.ts'
export { type ShapeScenes, type ShapeScenesOptions, sceneShapes, shapeScenes } from './sets/shape-scenes.ts'
export { type SyntheticDigitsOptions, syntheticDigits } from './sets/synthetic-digits.ts'
export { type ToyName, type ToyOptions, toys } from './sets/toys.ts'
export { AsyncSubset, type Fold, kFold, kFoldIndices, type SplitOptions, Subset, split } from './split.ts'
