/** LeNet-5 for images of 28 × 28 pixels. Source: LeCun et al., "Gradient-based learning applied to document recognition" (1998). */
import * as nn from '../nn/index.ts'

/**
 * Two stages of convolution, tanh and average pooling, then three linear layers: `[batch, inChannels, 28, 28] → [batch, classes]`.
 * The published sparse connections and radial output units are left out, as is usual.
 *
 * @example
 * import { models, zeros } from 'cognitron'
 * console.log(models.leNet5().eval().forward(zeros([1, 1, 28, 28])).shape) // [1, 10]
 */
export function leNet5({
  classes = 10,
  inChannels = 1,
}: {
  classes?: number
  inChannels?: number
} = {}): nn.Sequential {
  return new nn.Sequential(
    new nn.Conv2d(inChannels, 6, 5, { padding: 2 }),
    new nn.Tanh(),
    new nn.AvgPool2d(2),
    new nn.Conv2d(6, 16, 5),
    new nn.Tanh(),
    new nn.AvgPool2d(2),
    new nn.Flatten(),
    new nn.Linear(16 * 5 * 5, 120),
    new nn.Tanh(),
    new nn.Linear(120, 84),
    new nn.Tanh(),
    new nn.Linear(84, classes),
  )
}
