/** Linear models with `fit` and `predict`. */
export type { DescentReport } from './descend.ts'
export type { LbfgsOptions, LbfgsReport } from './lbfgs.ts'
export { LinearSvm, type LinearSvmFitOptions, type LinearSvmOptions } from './linear-svm.ts'
export { LinearUnit, type LinearUnitFitOptions } from './linear-unit.ts'
export { Perceptron, type PerceptronFitOptions, type PerceptronReport, type PerceptronUpdate } from './perceptron.ts'
export { LogisticRegression, type RegressionOptions, SoftmaxRegression } from './regression.ts'
export type { Answers, Rows } from './samples.ts'
