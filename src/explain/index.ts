/** Looking inside: which pixels matter, what filters see, and whether explanations can be trusted. Runs in browsers. */

export {
  type ActivationMaximizationOptions,
  activationMaximization,
  type MaximizedInput,
} from './activation-maximization.ts'
export {
  type Attribution,
  type ChannelRule,
  type Completeness,
  type ExplainedUnit,
  energyInside,
  strongestPlace,
} from './attribution.ts'
export { hexColour, type Rgb, type ScaleName, scaleColour, scaleNames } from './colour.ts'
export {
  type Drawing,
  drawPictureSet,
  drawPlanes,
  drawRaster,
  type HeatMapOptions,
  heatMap,
  type MapScale,
  type MosaicOptions,
  mapScale,
  mosaic,
  type OverlayOptions,
  overlay,
  type PictureSetDrawing,
  type PlanesOptions,
} from './drawing.ts'
export {
  type EffectiveReceptiveField,
  type EffectiveReceptiveFieldOptions,
  effectiveReceptiveField,
} from './effective-receptive-field.ts'
export { featureMaps, filters, firstConvolution, type PictureSet, pictureAt } from './feature-maps.ts'
export { attributionFigure, type FigureOptions, figure, methodTitle, type Panel } from './figure.ts'
export {
  firstSpatialLayer,
  type GradCamAttribution,
  type GradCamOptions,
  gradCam,
  lastSpatialLayer,
} from './grad-cam.ts'
export { deconvnet, gradientTimesInput, guidedBackprop, saliency } from './gradients.ts'
export { type IntegratedGradientsOptions, integratedGradients, type QuadratureRule } from './integrated-gradients.ts'
export { type LayerJacobian, type LayerJacobianOptions, layerJacobian } from './jacobian.ts'
export { type Explainable, layerNamed, layerNames, scoreLayer, unknownLayer } from './layers.ts'
export { drawMask, type MaskDrawing, maskColours } from './mask-drawing.ts'
export { type OcclusionOptions, occlusion } from './occlusion.ts'
export { type PixelCurve, type PixelCurveOptions, pixelCurve } from './pixel-curves.ts'
export { type LayerUnit, outputOf, type QuestionOptions } from './question.ts'
export { receptiveField } from './receptive-field.ts'
export type { BackwardRule } from './rectifier-rules.ts'
export {
  compareMaps,
  type Explain,
  type RandomizationOptions,
  type RandomizationResult,
  type RandomizationStage,
  randomizationTest,
  rankCorrelation,
} from './sanity.ts'
export { type SmoothGradOptions, smoothGrad } from './smooth-grad.ts'
export { type LayerSummary, type ModelSummary, summarize } from './summary.ts'
export { type FilterPatches, type Patch, type TopPatchesOptions, topPatches } from './top-patches.ts'
