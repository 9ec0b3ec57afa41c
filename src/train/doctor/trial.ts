/** One batch and the means to try things on it; everything a check changes is put back afterwards. */
import { at } from '../../base/arrays.ts'
import { ArgumentError } from '../../base/errors.ts'
import { DataLoader } from '../../data/loader.ts'
import type { AnyModule } from '../../nn/module.ts'
import { compile } from '../../tensor/compile.ts'
import { generator } from '../../tensor/random.ts'
import { Tensor } from '../../tensor/tensor.ts'
import { Judge } from '../judge.ts'
import type { AnyDataset, Judgement, Network } from '../types.ts'

export interface TrialOptions<Output = Tensor> extends Judgement<Output> {
  readonly train: AnyDataset
  /** Samples in the batch that is tried. Default 64. */
  readonly batchSize?: number
  readonly seed?: number
}

/** A model, a batch of its data and its loss. */
export interface Trial<Output = Tensor> {
  readonly model: Network<Output>
  readonly judge: Judge<Output>
  readonly x: Tensor
  readonly y: Tensor
}

/**
 * The first batch of the shuffled set. Throws ArgumentError when the set is empty.
 *
 * @example
 * import { data, loss, nn, train } from 'cognitron'
 * const net = new nn.Sequential(new nn.Linear(2, 8), new nn.ReLU(), new nn.Linear(8, 2))
 * const set = data.toys.circle({ count: 32, seed: 1, target: 'class' })
 * const trial = await train.doctor.takeBatch(net, { train: set, loss: loss.crossEntropy })
 * console.log(trial !== undefined) // true
 */
export async function takeBatch<Output>(model: Network<Output>, options: TrialOptions<Output>): Promise<Trial<Output>> {
  const { train, batchSize = 64, seed = 0 } = options
  const loader = new DataLoader(train, { batchSize, shuffle: true, seed })
  const judge = new Judge(options, train)
  for await (const batch of loader.stream(0)) {
    const [x, y] = loader.tensors(batch)
    return { model, judge, x, y }
  }
  throw new ArgumentError(`The data set "${train.name}" is empty; there is nothing to try.`)
}

/** Runs `work` and puts weights, statistics, modes, gradients and random numbers back. */
export async function leavingNoTrace<T>(model: Network<never> | Network<unknown>, work: () => Promise<T>): Promise<T> {
  const network = model as Network<unknown>
  const state = await network.stateDict()
  const random = await generator.state()
  const modes = network.modules().map((module) => [module, module.training] as const)
  try {
    return await work()
  } finally {
    network.zeroGrad()
    network.loadStateDict(state)
    generator.restore(random)
    for (const [module, training] of modes) module.train(training)
  }
}

/** A module with the values it gave for the batch. */
export interface SeenOutput {
  readonly path: string
  readonly module: AnyModule
  readonly data: Float32Array
  readonly shape: readonly number[]
}

/** The outputs of every module without modules of its own, in the order of the forward pass. */
export function watchOutputs<Output>(trial: Trial<Output>): Promise<SeenOutput[]> {
  const { model, x } = trial
  return leavingNoTrace(model, async () => {
    const paths = new Map(model.namedModules().map(([path, module]) => [module, path]))
    const seen: AnyModule[] = []
    const removals = model
      .modules()
      .filter((module) => module.children().length === 0)
      .map((module) =>
        module.registerForwardHook((where, _, output) => {
          if (!(output instanceof Tensor)) return
          seen.push(where)
          outputs.push(output)
        }),
      )
    const outputs: Tensor[] = []
    try {
      const values = await compile((input: Tensor): Tensor[] => {
        model.forward(input)
        return [...outputs]
      })(x)
      return await Promise.all(
        values.map(async (value, index) => {
          const module = at(seen, index)
          const data = Float32Array.from(await value.data())
          return { path: paths.get(module) ?? '', module, data, shape: value.shape }
        }),
      )
    } finally {
      for (const remove of removals) remove()
    }
  })
}

/** Loss and gradients of the batch by key of the parameter; frozen ones are left out. */
export async function gradientsOf<Output>(
  trial: Trial<Output>,
): Promise<{ loss: number; gradients: Map<string, Float32Array> }> {
  const { model, judge, x, y } = trial
  return leavingNoTrace(model, async () => {
    const named = model.namedParameters()
    const found: string[] = []
    const [loss, ...gradients] = await compile((input: Tensor, target: Tensor): Tensor[] => {
      const value = judge.judge(model.forward(input), target).loss
      value.backward()
      found.length = 0
      const list = named.flatMap(([key, { grad }]) => {
        if (!grad) return []
        found.push(key)
        return [grad]
      })
      return [value, ...list]
    })(x, y)
    const data = await Promise.all(gradients.map(async (gradient) => Float32Array.from(await gradient.data())))
    return {
      loss: await (loss as Tensor).item(),
      gradients: new Map(found.map((key, index) => [key, at(data, index)])),
    }
  })
}
