/** What the methods are called, and what a person should know of each. */
import type { Method } from './setup.ts'

interface MethodWords {
  readonly title: string
  /** What the map shows. */
  readonly shows: string
  /** When to trust it, and when not. */
  readonly mind: string
  readonly source: string
}

export const methodWords: Readonly<Record<Method, MethodWords>> = {
  'grad-cam': {
    title: 'Grad-CAM',
    shows:
      'Which places of a layer speak for the class: its maps, weighted by how much each matters, enlarged to the picture.',
    mind: 'Coarse, but it depends on the class and on what was learned. An earlier layer is finer and less about the class.',
    source: 'Selvaraju et al. 2017',
  },
  occlusion: {
    title: 'Occlusion',
    shows: 'How far the score falls when a black patch covers a place; orange places speak against the class.',
    mind: 'Needs nothing but the answers of the network. A patch that is too small covers nothing that matters.',
    source: 'Zeiler and Fergus 2014',
  },
  saliency: {
    title: 'Gradient',
    shows: 'How much a small change of each pixel would change the score, up or down.',
    mind: 'Quick and noisy: it tells where the score could change, not what it is made of.',
    source: 'Simonyan et al. 2014',
  },
  'gradient-x-input': {
    title: 'Gradient × input',
    shows: 'The gradient times the pixel: the share of each pixel in a score that were linear. Black pixels have none.',
    mind: 'For networks of rectifiers without biases it adds up to the score exactly.',
    source: 'Shrikumar et al. 2016',
  },
  'smooth-grad': {
    title: 'SmoothGrad',
    shows: 'The mean gradient over noisy copies of the picture.',
    mind: 'Calmer than the gradient alone; with too much noise it explains other pictures than this one.',
    source: 'Smilkov et al. 2017',
  },
  'integrated-gradients': {
    title: 'Integrated gradients',
    shows:
      'The gradient gathered on the way from a black picture to this one; blue speaks for the class, orange against.',
    mind: 'Adds up to the difference of the two scores. How closely is said at the right; more steps make it closer.',
    source: 'Sundararajan et al. 2017',
  },
  'guided-backprop': {
    title: 'Guided backpropagation',
    shows: 'Gradients that pass only where a unit was on and the gradient itself is positive.',
    mind: 'Sharp and persuasive, but it depends less on the class and on what was learned than it looks; compare its sanity check with those of the others.',
    source: 'Springenberg et al. 2015',
  },
}
