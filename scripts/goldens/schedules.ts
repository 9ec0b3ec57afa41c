/** Learning-rate schedules against PyTorch: the rate in force during each of the first 60 steps. */
import { readFileSync } from 'node:fs'
import { optim, Parameter } from '../../src/index.ts'
import { type CaseResult, caseName, difference, largestError, toOptions } from './case-file.ts'

const tolerance = { absolute: 1e-12, relative: 1e-9 }

type ScheduleClass = new (optimizer: optim.Optimizer, options: Record<string, unknown>) => optim.Schedule

interface ScheduleCase {
  readonly spec: { readonly scheduler: string; readonly lr?: number; readonly kwargs: Record<string, unknown> }
  readonly rates: readonly number[]
  /** Present where the schedule watches a metric; it is max(0.2, 1 / (1 + step)). */
  readonly metric: string | null
}

export async function run(path: string): Promise<CaseResult> {
  const name = caseName(path)
  const { spec, rates, metric } = JSON.parse(readFileSync(path, 'utf8')) as ScheduleCase
  const { [spec.scheduler]: found } = optim as unknown as Record<string, ScheduleClass | undefined>
  if (!found) return { name, status: 'unsupported', detail: `no schedule ${spec.scheduler}` }
  const optimizer = new optim.SGD([new Parameter(new Float32Array(1), [1])], { lr: spec.lr ?? 0.1, momentum: 0.9 })
  const schedule = new found(optimizer, toOptions(spec.kwargs))
  const actual = rates.map((_, step) => {
    const rate = optimizer.lr
    schedule.step(metric === null ? undefined : Math.max(0.2, 1 / (1 + step)))
    return rate
  })
  const wrong = difference('rate', actual, rates, tolerance)
  if (wrong) return { name, status: 'fail', detail: wrong }
  return { name, status: 'pass', detail: `largest error ${largestError(actual, rates).toExponential(1)}` }
}
