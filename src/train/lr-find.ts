/** A good learning rate by trial: the rate grows a little with each step until the loss breaks away (Smith 2015). */
import { at } from '../base/arrays.ts'
import { ArgumentError } from '../base/errors.ts'
import { DataLoader } from '../data/loader.ts'
import type { Optimizer } from '../optim/optimizer.ts'
import { generator } from '../tensor/random.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { Judge } from './judge.ts'
import { Breather } from './pause.ts'
import { makeTrainStep } from './step.ts'
import type { AnyDataset, Judgement, Network } from './types.ts'

export interface LrFindOptions<Output = Tensor> extends Judgement<Output> {
  readonly train: AnyDataset | DataLoader
  readonly optimizer: Optimizer
  /** The first rate. Default 1e-7. */
  readonly from?: number
  /** The last rate. Default 10. */
  readonly to?: number
  /** Default 100. */
  readonly steps?: number
  /** Default 64. */
  readonly batchSize?: number
  readonly seed?: number
  /** The trial ends when the smoothed loss exceeds its lowest value by this factor. Default 4. */
  readonly divergence?: number
}

export interface LrFindResult {
  readonly rates: readonly number[]
  /** Running means of the loss, without the pull towards 0 of their beginning. */
  readonly losses: readonly number[]
  /** Where the loss falls fastest; undefined when it never falls. */
  readonly suggestion: number | undefined
}

const SMOOTHING = 0.9

/**
 * Tries learning rates from very small to too large, one step each, and puts weights and optimizer back as they were.
 *
 * @throws ArgumentError unless 0 < from < to and there are at least 10 steps.
 * @example
 * import { data, loss, models, optim, train } from 'cognitron'
 * const net = models.mlp([2, 8, 2])
 * const { suggestion } = await train.lrFind(net, {
 *   train: data.toys.circle({ count: 100, seed: 1, target: 'class' }),
 *   loss: loss.crossEntropy,
 *   optimizer: new optim.Adam(net.parameters()),
 *   batchSize: 20,
 * })
 * console.log(suggestion !== undefined)
 */
export async function lrFind<Output = Tensor>(
  model: Network<Output>,
  options: LrFindOptions<Output>,
): Promise<LrFindResult> {
  const { from = 1e-7, to = 10, steps = 100, optimizer } = options
  if (!(from > 0 && to > from)) throw new ArgumentError(`lrFind needs 0 < from < to, given ${from} and ${to}.`)
  if (!(Number.isInteger(steps) && steps >= 10))
    throw new ArgumentError(`lrFind needs at least 10 steps, given ${steps}.`)
  const [weights, slots, random] = [await model.stateDict(), await optimizer.stateDict(), await generator.state()]
  const modes = model.modules().map((module) => [module, module.training] as const)
  try {
    model.train()
    const trial = await sweep(model, options, (step) => from * (to / from) ** (step / (steps - 1)), steps)
    return { ...trial, suggestion: steepest(trial.rates, trial.losses) }
  } finally {
    model.loadStateDict(weights)
    optimizer.loadStateDict(slots)
    generator.restore(random)
    for (const [module, training] of modes) module.train(training)
  }
}

async function sweep<Output>(
  model: Network<Output>,
  options: LrFindOptions<Output>,
  rateOf: (step: number) => number,
  steps: number,
): Promise<{ rates: number[]; losses: number[] }> {
  const { train, optimizer, batchSize = 64, seed = 0, divergence = 4 } = options
  const loader = train instanceof DataLoader ? train : new DataLoader(train, { batchSize, shuffle: true, seed })
  const judge = new Judge<Output>({ ...options, metrics: {} }, loader.dataset)
  const run = makeTrainStep(model, judge, { ...options, epochs: 1 }, {})
  const breather = new Breather()
  const rates: number[] = []
  const losses: number[] = []
  let mean = 0
  for (let epoch = 0; losses.length < steps; epoch++) {
    for await (const batch of loader.stream(epoch, { reuse: true })) {
      optimizer.lr = rateOf(losses.length)
      const [x, y] = loader.tensors(batch)
      run.prepare(x, y, true)
      judge.checkLabels(batch, loader.dataset)
      const loss = await at(await run(x, y, true), 0).item()
      if (!Number.isFinite(loss)) return { rates, losses }
      mean = SMOOTHING * mean + (1 - SMOOTHING) * loss
      losses.push(mean / (1 - SMOOTHING ** (losses.length + 1)))
      rates.push(optimizer.lr)
      if (at(losses, losses.length - 1) > divergence * Math.min(...losses) || losses.length === steps) {
        return { rates, losses }
      }
      await breather.pause()
    }
  }
  return { rates, losses }
}

/** The rate at the steepest fall of the loss over the logarithm of the rate, before its lowest point. */
function steepest(rates: readonly number[], losses: readonly number[]): number | undefined {
  const lowest = losses.indexOf(Math.min(...losses))
  let best: number | undefined
  let steepestFall = 0
  for (let i = 1; i <= lowest && i + 1 < losses.length; i++) {
    const fall = at(losses, i - 1) - at(losses, i + 1)
    if (fall <= steepestFall) continue
    steepestFall = fall
    best = at(rates, i)
  }
  return best
}
