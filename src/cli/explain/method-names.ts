/** Words that the command line knows before it loads the library. */
export const methodNames = [
  'grad-cam',
  'saliency',
  'gradient-x-input',
  'integrated-gradients',
  'smooth-grad',
  'guided-backprop',
  'deconvnet',
  'occlusion',
] as const

export type MethodName = (typeof methodNames)[number]

export const normalizationNames = ['unit', 'symmetric', 'imagenet', 'bytes'] as const

export type NormalizationName = (typeof normalizationNames)[number]
