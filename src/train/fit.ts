/** `fit`: trains a network on a data set, with validation, callbacks and a result that can be resumed. */
import type { Tensor } from '../tensor/tensor.ts'
import { Run } from './run.ts'
import type { FitOptions, FitResult, Network } from './types.ts'

/**
 * Trains `model`: every epoch visits the training set once in a new random order, one compiled step a batch, then judges the validation
 * set. The same seed gives the same bits, also when the run is interrupted and resumed.
 *
 * @throws ArgumentError for options outside their range and labels that are no classes; NonFiniteLossError when a loss turns NaN or
 * infinite (the message names where it arose; the best weights are put back); CognitronError when `resume` is of another model.
 * @example
 * import { data, loss, nn, optim, train } from 'cognitron'
 * const net = new nn.Sequential(new nn.Linear(2, 8), new nn.Tanh(), new nn.Linear(8, 2))
 * const { history } = await train.fit(net, {
 *   train: data.toys.circle({ count: 100, seed: 1, target: 'class' }),
 *   loss: loss.crossEntropy,
 *   optimizer: new optim.Adam(net.parameters(), { lr: 0.03 }),
 *   epochs: 3,
 *   batchSize: 10,
 *   seed: 1,
 * })
 * console.log(history.length, history.at(-1)?.trainAccuracy)
 */
export async function fit<Output = Tensor>(model: Network<Output>, options: FitOptions<Output>): Promise<FitResult> {
  return new Run(model, options).run()
}
