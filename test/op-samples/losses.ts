/** Samples of every loss by its input (and by its target, where that is a number with a derivative). A test demands a row for each. */
import * as loss from '../../src/loss/index.ts'
import { type PublicSample, row } from './public.ts'
import { awayFromZero, distinct, float, int32, integers, listed, smooth, uniform } from './sample.ts'

const derived = row(smooth)

const scores = float([5, 4], distinct(0.17))
const labels = int32([5], integers(0, 4))
const pixels = { scores: float([2, 3, 4, 2], distinct(0.07)), labels: int32([2, 4, 2], integers(0, 3)) }
const probabilities = float([12], uniform(0.1, 0.9))
const single = float([12], awayFromZero(0.2, 3))
const signs = int32([12], listed(1, -1, 1, 1, -1))

export const lossSamples: readonly PublicSample[] = [
  derived('loss.mse', [float([3, 4]), float([3, 4])], (x, y) => loss.mse(x, y)),
  derived('loss.squaredError', [float([3, 4]), float([3, 4])], (x, y) => loss.squaredError(x, y)),
  derived('loss.l1', [single], (x) => loss.l1(x, x.mul(0).detach())),
  derived('loss.smoothL1', [single], (x) => loss.smoothL1(x, x.mul(0).detach(), { beta: 1.13 })),
  derived('loss.huber', [single], (x) => loss.huber(x, x.mul(0).detach(), { delta: 1.13 })),
  derived('loss.binaryCrossEntropy', [probabilities, float([12], uniform(0, 1))], (x, y) =>
    loss.binaryCrossEntropy(x, y),
  ),
  derived('loss.bceWithLogits', [single, float([12], uniform(0, 1))], (x, y) => loss.bceWithLogits(x, y)),
  derived('loss.softMargin', [single, signs], (x, y) => loss.softMargin(x, y.to('float32'))),
  derived('loss.sigmoidFocal', [single, int32([12], listed(0, 1, 1))], (x, y) => loss.sigmoidFocal(x, y.to('float32'))),
  derived('loss.crossEntropy', [scores, labels], (x, y) => loss.crossEntropy(x, y)),
  derived('loss.crossEntropy: smoothed and weighted', [scores, labels], (x, y) =>
    loss.crossEntropy(x, y, { labelSmoothing: 0.1, weight: [1, 2, 0.5, 3] }),
  ),
  derived('loss.crossEntropy: of pixels', [pixels.scores, pixels.labels], (x, y) => loss.crossEntropy(x, y)),
  derived('loss.nll', [scores, labels], (x, y) => loss.nll(x, y)),
  derived('loss.focal', [scores, labels], (x, y) => loss.focal(x, y)),
  derived('loss.klDiv', [scores, float([5, 4], uniform(0.1, 0.4))], (x, y) => loss.klDiv(x, y)),
  derived('loss.dice', [float([3, 8], uniform(0.1, 0.9)), float([3, 8], uniform(0, 1))], (x, y) => loss.dice(x, y)),
  derived('loss.softDice', [pixels.scores, pixels.labels], (x, y) => loss.softDice(x, y)),
  derived('loss.multiMargin', [scores, labels], (x, y) => loss.multiMargin(x, y, { margin: 0.313 })),
  derived('loss.multiClassHinge', [scores, labels], (x, y) => loss.multiClassHinge(x, y, { margin: 0.313 })),
  derived('loss.hingeEmbedding', [single, signs], (x, y) => loss.hingeEmbedding(x, y, { margin: 0.1 })),
  derived('loss.perceptron', [single, signs], (x, y) => loss.perceptron(x, y.to('float32'))),
  derived('loss.binaryHinge', [float([12], distinct(0.31)), signs], (x, y) => loss.binaryHinge(x, y.to('float32'))),
  derived('loss.l1Penalty', [single], (x) => loss.l1Penalty([x])),
  derived('loss.l2Penalty', [single], (x) => loss.l2Penalty([x])),
  derived('loss.elasticPenalty', [single], (x) => loss.elasticPenalty([x], { ratio: 0.3 })),
]
