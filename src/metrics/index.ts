/** Figures of quality, on host arrays and gathered batch by batch; `correct` and `absoluteError` work inside compiled steps. */
export { Calibration, expectedCalibrationError, type ReliabilityBin } from './calibration.ts'
export { accuracy, predictedClasses, rocAuc, topKAccuracy } from './classification.ts'
export { type ClassReport, ConfusionMatrix } from './confusion-matrix.ts'
export { absoluteError, correct, type GraphMetric } from './graph.ts'
export { mae, pearson, RegressionMetrics, r2, rmse } from './regression.ts'
