/** The state of the Explain page and its address. */
import { choice, entry, number, type Schema, text, whole } from '../../base/address.ts'

export const methods = [
  'grad-cam',
  'occlusion',
  'saliency',
  'gradient-x-input',
  'smooth-grad',
  'integrated-gradients',
  'guided-backprop',
] as const
export type Method = (typeof methods)[number]

export const explainTabs = ['map', 'methods', 'check', 'code'] as const
export type ExplainTab = (typeof explainTabs)[number]

/** The likeliest class, whichever it is. */
export const LIKELIEST = -1
/** A person's own picture instead of one of the test set. */
export const OWN = -1

export interface ExplainSetup {
  /** `digits`, `saved:NAME` or `run:NAME`. */
  readonly network: string
  /** The number of the picture, or OWN. */
  readonly picture: number
  /** The class that is asked about, or LIKELIEST. */
  readonly target: number
  readonly method: Method
  /** Occlusion: side of the patch and how far it moves. */
  readonly patch: number
  readonly stride: number
  /** SmoothGrad: noisy copies and how noisy, in hundredths of the range. */
  readonly samples: number
  readonly noise: number
  /** Integrated gradients: points on the way. */
  readonly steps: number
  /** Grad-CAM: the layer that is looked at; '' for the last with places. */
  readonly layer: string
  /** How much of the picture the map covers. */
  readonly opacity: number
  readonly tab: ExplainTab
}

export const schema: Schema<ExplainSetup> = {
  network: entry('network', 'digits', text(140)),
  picture: entry('picture', 0, whole({ min: OWN, max: 9999 })),
  target: entry('class', LIKELIEST, whole({ min: LIKELIEST, max: 9999 })),
  method: entry('method', 'integrated-gradients', choice(methods)),
  patch: entry('patch', 4, whole({ min: 1, max: 64 })),
  stride: entry('stride', 2, whole({ min: 1, max: 64 })),
  samples: entry('samples', 25, whole({ min: 1, max: 200 })),
  noise: entry('noise', 15, whole({ min: 0, max: 100 })),
  steps: entry('steps', 50, whole({ min: 2, max: 400 })),
  layer: entry('layer', '', text(80)),
  opacity: entry('opacity', 0.75, number({ min: 0, max: 1 })),
  tab: entry('tab', 'map', choice(explainTabs)),
}

/** What the engine must know to make a map. */
export type Question = Omit<ExplainSetup, 'network' | 'tab'>

/** A question for another method, or with everything else as it is. */
export function questionOf({ network: _, tab: __, ...question }: ExplainSetup, method?: Method): Question {
  return method ? { ...question, method } : question
}
