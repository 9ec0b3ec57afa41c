/** Optimizers and schedules by the names of the options `--optimizer` and `--schedule`. */
import { optim } from '../../index.ts'
import type { Parameter } from '../../tensor/index.ts'
import type { OptimizerWishes } from '../../train/job.ts'
import type { OptimizerName, ScheduleName } from './settings.ts'

type Maker = (parameters: readonly Parameter[], wishes: OptimizerWishes) => optim.Optimizer

const makers: Readonly<Record<OptimizerName, Maker>> = {
  adam: (parameters, wishes) => new optim.Adam(parameters, wishes),
  adamw: (parameters, wishes) => new optim.AdamW(parameters, wishes),
  sgd: (parameters, wishes) => new optim.SGD(parameters, { lr: 0.01, momentum: 0.9, ...wishes }),
  rmsprop: (parameters, wishes) => new optim.RMSprop(parameters, { lr: 0.001, ...wishes }),
}

/** The schedule of a name over `steps` updates; undefined for a constant rate. */
export function makeSchedule(
  name: ScheduleName,
  optimizer: optim.Optimizer,
  steps: number,
): optim.Schedule | undefined {
  switch (name) {
    case 'plateau':
      return new optim.ReduceLROnPlateau(optimizer, { factor: 0.3, patience: 1 })
    case 'cosine':
      return new optim.CosineAnnealingLR(optimizer, { tMax: steps, every: 'step' })
    case 'constant':
      return undefined
  }
}

export function makeOptimizer(
  name: OptimizerName,
  parameters: readonly Parameter[],
  wishes: OptimizerWishes,
): optim.Optimizer {
  return makers[name](parameters, wishes)
}
