/**
 * Finds where a loss that is not finite comes from: the batch, a parameter, the output of a layer, a gradient or the loss function itself.
 * Runs the failed step once more with every layer watched; the weights are those before the step, for a failed step changes nothing.
 */

import { at } from '../base/arrays.ts'
import type { TypedArray } from '../base/dtype.ts'
import type { Batch, DataLoader } from '../data/loader.ts'
import type { AnyModule } from '../nn/module.ts'
import { compile } from '../tensor/compile.ts'
import { generator } from '../tensor/random.ts'
import { Tensor } from '../tensor/tensor.ts'
import type { Judge } from './judge.ts'
import type { Network } from './types.ts'

export const failureAdvice = 'try a lower learning rate, clip gradients, or look for bad values in the data.'

/** The first place with a value that is not finite, and what to do, as the end of a sentence. */
export async function explainFailure<Output>(
  model: Network<Output>,
  loader: DataLoader,
  batch: Batch,
  judge: Judge<Output>,
): Promise<string> {
  const bad = firstBad(batch.inputs)
  if (bad !== undefined) {
    const sample = at(batch.indices, Math.floor(bad / (batch.inputs.length / batch.size)))
    return `the input of sample ${sample} of "${loader.dataset.name}" holds ${batch.inputs[bad]}; correct the data.`
  }
  const badTarget = firstBad(batch.targets)
  if (badTarget !== undefined) {
    const sample = at(batch.indices, Math.floor(badTarget / (batch.targets.length / batch.size)))
    return `the target of sample ${sample} of "${loader.dataset.name}" holds ${batch.targets[badTarget]}; correct the data.`
  }
  const state = await model.stateDict()
  for (const [key, { data }] of state) {
    const index = firstBad(data)
    if (index !== undefined)
      return `the first value that is not finite is in the weights "${key}" (${data[index]}); ${failureAdvice}`
  }
  const random = await generator.state()
  try {
    return await watchLayers(model, loader, batch, judge)
  } finally {
    model.loadStateDict(state)
    generator.restore(random)
  }
}

async function watchLayers<Output>(
  model: Network<Output>,
  loader: DataLoader,
  batch: Batch,
  judge: Judge<Output>,
): Promise<string> {
  const [x, y] = loader.tensors(batch)
  const paths = new Map(model.namedModules().map(([path, module]) => [module, path]))
  const seen: AnyModule[] = []
  const outputs: Tensor[] = []
  const removals = model.modules().map((module) =>
    module.registerForwardHook((where, _, output) => {
      if (!(output instanceof Tensor)) return
      seen.push(where)
      outputs.push(output)
    }),
  )
  const watched = compile((input: Tensor, target: Tensor): Tensor[] => {
    const { loss } = judge.judge(model.forward(input), target)
    return [...outputs, loss]
  })
  try {
    const values = await watched(x, y)
    for (const [index, value] of values.entries()) {
      const data = await value.data()
      const bad = firstBad(data)
      const module = seen[index]
      if (bad === undefined || !module) continue
      const path = paths.get(module)
      const name = path ? `${path} (${module.label})` : module.label
      return `the first value that is not finite is in the output of ${name} (${data[bad]}); ${failureAdvice}`
    }
    return `all layers give finite outputs, so it arises in the loss function; ${failureAdvice}`
  } finally {
    for (const remove of removals) remove()
  }
}

function firstBad(data: TypedArray): number | undefined {
  if (!(data instanceof Float32Array)) return undefined
  const index = data.findIndex((value) => !Number.isFinite(value))
  return index < 0 ? undefined : index
}
