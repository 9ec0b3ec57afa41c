/**
 * Explanations by one backward pass: the gradient of a unit with respect to the input, plain or with other rules for rectifiers.
 * Fed by any model and one sample; feeds drawing and checks.
 */
import type { Tensor } from '../tensor/index.ts'
import { type Attribution, type ChannelRule, extentOf, overChannels } from './attribution.ts'
import { asBatch } from './input.ts'
import type { Explainable } from './layers.ts'
import { Question, type QuestionOptions } from './question.ts'
import type { BackwardRule } from './rectifier-rules.ts'

/** An attribution out of one number for each element of the input. */
export function elementAttribution(
  question: Question,
  method: string,
  values: Float32Array,
  rule: ChannelRule,
): Attribution {
  const { sample, unit, score } = question
  const { height, width } = extentOf(sample.shape)
  const map = overChannels(values, sample.shape, rule)
  return { method, map, width, height, signed: rule === 'sum', values, shape: sample.shape, unit, score }
}

async function byBackwardPass(
  model: Explainable,
  image: Tensor,
  options: QuestionOptions,
  { method, rule }: { method: string; rule: BackwardRule },
): Promise<Attribution> {
  const question = await Question.about(model, image, options)
  const { gradients } = await question.gradientsOf(asBatch(question.sample), rule)
  return elementAttribution(question, method, gradients, 'max-abs')
}

/**
 * Saliency: how much a small change of each pixel would change the score, |∂score/∂pixel|, the largest over the channels.
 * `values` are the signed gradients. Source: Simonyan, Vedaldi, Zisserman, "Deep inside convolutional networks", arXiv:1312.6034.
 *
 * @throws ArgumentError for an unknown layer, class or place; ShapeError for a batch of several pictures.
 * @example
 * import { explain, models, rand } from 'cognitron'
 * const map = await explain.saliency(models.leNet5(), rand([1, 28, 28]), { target: 3 })
 * console.log(map.width, map.height, map.unit.channel) // 28 28 3
 */
export function saliency(model: Explainable, image: Tensor, options: QuestionOptions = {}): Promise<Attribution> {
  return byBackwardPass(model, image, options, { method: 'saliency', rule: 'gradient' })
}

/**
 * Gradient × input: the share of each pixel in the first-order part of the score, pixel · ∂score/∂pixel, summed over the channels.
 * Source: Shrikumar et al., "Not just a black box", arXiv:1605.01713.
 *
 * @throws as `saliency`.
 * @example
 * import { explain, nn, ones } from 'cognitron'
 * const net = new nn.Sequential(new nn.Flatten(), new nn.Linear(4, 2, { bias: false }))
 * const { map, score } = await explain.gradientTimesInput(net, ones([1, 1, 2, 2]))
 * const sum = map.reduce((total, value) => total + value, 0)
 * console.log(Math.abs(sum - score) < 1e-5) // true
 */
export async function gradientTimesInput(
  model: Explainable,
  image: Tensor,
  options: QuestionOptions = {},
): Promise<Attribution> {
  const question = await Question.about(model, image, options)
  const { gradients } = await question.gradientsOf(asBatch(question.sample))
  const values = gradients.map((gradient, index) => gradient * (question.sample.data[index] as number))
  return elementAttribution(question, 'gradient-x-input', values, 'sum')
}

/**
 * Guided backpropagation: gradients that pass only where a rectifier was open and the gradient itself is positive. Sharp pictures of
 * edges that barely depend on the class; see `randomizationTest`.
 * Source: Springenberg et al., "Striving for simplicity", arXiv:1412.6806.
 *
 * @throws as `saliency`.
 * @example
 * import { explain, nn, ones } from 'cognitron'
 * const net = new nn.Sequential(new nn.Flatten(), new nn.Linear(4, 3), new nn.ReLU(), new nn.Linear(3, 2))
 * const { map } = await explain.guidedBackprop(net, ones([1, 1, 2, 2]))
 * console.log(map.length) // 4
 */
export function guidedBackprop(model: Explainable, image: Tensor, options: QuestionOptions = {}): Promise<Attribution> {
  return byBackwardPass(model, image, options, { method: 'guided-backprop', rule: 'guided' })
}

/**
 * The deconvolutional network: gradients pass a rectifier where they are positive, whatever the rectifier did on the way forward.
 * Source: Zeiler and Fergus, "Visualizing and understanding convolutional networks", arXiv:1311.2901.
 *
 * @throws as `saliency`.
 * @example
 * import { explain, nn, ones } from 'cognitron'
 * const net = new nn.Sequential(new nn.Flatten(), new nn.Linear(4, 3), new nn.ReLU(), new nn.Linear(3, 2))
 * const { map } = await explain.deconvnet(net, ones([1, 1, 2, 2]))
 * console.log(map.length) // 4
 */
export function deconvnet(model: Explainable, image: Tensor, options: QuestionOptions = {}): Promise<Attribution> {
  return byBackwardPass(model, image, options, { method: 'deconvnet', rule: 'deconvnet' })
}
