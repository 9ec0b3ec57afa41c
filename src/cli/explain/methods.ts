/** The methods of `explain` by name, with what people should know of each. */
import type { Tensor } from '../../index.ts'
import { explain } from '../../index.ts'
import type { MethodName } from './method-names.ts'

export interface MethodOptions {
  readonly target: explain.QuestionOptions['target']
  readonly layer?: string | undefined
  readonly patch?: number | undefined
  readonly stride?: number | undefined
  readonly steps?: number | undefined
  readonly samples?: number | undefined
  readonly seed?: number | undefined
  readonly onProgress?: ((done: number, total: number) => void) | undefined
}

type Run = (model: explain.Explainable, image: Tensor, options: MethodOptions) => Promise<explain.Attribution>

/** The question without what is absent. */
function asked({ target }: MethodOptions): explain.QuestionOptions {
  return target === undefined ? {} : { target }
}

function given<Value extends object>(values: { [Key in keyof Value]: Value[Key] | undefined }): Value {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Value
}

const methods = {
  'grad-cam': (model, image, options) =>
    explain.gradCam(model, image, { ...asked(options), ...given({ layer: options.layer }) }),
  saliency: (model, image, options) => explain.saliency(model, image, asked(options)),
  'gradient-x-input': (model, image, options) => explain.gradientTimesInput(model, image, asked(options)),
  'integrated-gradients': (model, image, options) =>
    explain.integratedGradients(model, image, { ...asked(options), steps: options.steps ?? 32, batchSize: 8 }),
  'smooth-grad': (model, image, options) =>
    explain.smoothGrad(model, image, {
      ...asked(options),
      ...given({ samples: options.samples, seed: options.seed }),
      batchSize: 8,
    }),
  'guided-backprop': (model, image, options) => explain.guidedBackprop(model, image, asked(options)),
  deconvnet: (model, image, options) => explain.deconvnet(model, image, asked(options)),
  occlusion: (model, image, options) =>
    explain.occlusion(model, image, {
      ...asked(options),
      ...given({ patch: options.patch, stride: options.stride, onProgress: options.onProgress }),
    }),
} satisfies Record<MethodName, Run>

/** Runs a method. Throws what the method throws. */
export function runMethod(
  name: MethodName,
  model: explain.Explainable,
  image: Tensor,
  options: MethodOptions,
): Promise<explain.Attribution> {
  return methods[name](model, image, options)
}
