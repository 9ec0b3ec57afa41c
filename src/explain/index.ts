/** Looking inside: which pixels matter, what filters see, and whether explanations can be trusted. Runs in browsers. */
export {
  type Attribution,
  type ChannelRule,
  type Completeness,
  type ExplainedUnit,
  energyInside,
  strongestPlace,
} from './attribution.ts'
export { type GradCamAttribution, type GradCamOptions, gradCam, lastSpatialLayer } from './grad-cam.ts'
export { deconvnet, gradientTimesInput, guidedBackprop, saliency } from './gradients.ts'
export { type IntegratedGradientsOptions, integratedGradients, type QuadratureRule } from './integrated-gradients.ts'
export { type Explainable, layerNamed } from './layers.ts'
export { type OcclusionOptions, occlusion } from './occlusion.ts'
export type { LayerUnit, QuestionOptions } from './question.ts'
export { receptiveField } from './receptive-field.ts'
export type { BackwardRule } from './rectifier-rules.ts'
export { type SmoothGradOptions, smoothGrad } from './smooth-grad.ts'
export { type LayerSummary, type ModelSummary, summarize } from './summary.ts'
