/** The parts of `train` that need Node: run folders with checkpoints and reports. `cognitron/train` itself runs in browsers. */
export { featureFolder } from './feature-folder.ts'
export { freshRunFolder, loadRunState, type RunFolderOptions, readRun, runFiles, runFolder } from './run-folder.ts'
export { type RunReportOptions, runReport } from './run-report.ts'
export { type TensorBoardOptions, tensorBoard } from './tensorboard.ts'
