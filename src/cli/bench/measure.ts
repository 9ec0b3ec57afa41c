/**
 * How long something takes: the best of three means, after it has run twice; and how fast two things are beside each other, taken in
 * turns, because on a shared machine the speed of everything changes from second to second.
 */
import { median } from './statistics.ts'

export interface MeasureOptions {
  /** For all rounds together. */
  readonly budgetMs?: number
  readonly rounds?: number
  /** Milliseconds from any origin. */
  readonly now?: () => number
}

/** The mean time of one run in milliseconds, in the best of a few rounds. */
export async function measure(run: () => Promise<unknown>, options: MeasureOptions = {}): Promise<number> {
  const { budgetMs = 3000, rounds = 3, now = () => performance.now() } = options
  const time = async (count: number): Promise<number> => {
    const start = now()
    for (let index = 0; index < count; index++) await run()
    return now() - start
  }
  await time(2)
  const once = await time(1)
  const count = Math.max(1, Math.floor(budgetMs / rounds / Math.max(once, 1e-4)))
  let best = Number.POSITIVE_INFINITY
  for (let round = 0; round < rounds; round++) best = Math.min(best, (await time(count)) / count)
  return best
}

export interface Turn {
  /** Work done by one run, in any unit. */
  readonly work: number
  run(): unknown
}

/** The median of the ratios of rates, `a` to `b`, over rounds in which each has its turn of `turnMs` milliseconds. */
export async function rateRatio(
  a: Turn,
  b: Turn,
  { rounds = 11, turnMs = 50, now = () => performance.now() } = {},
): Promise<number> {
  const rate = async ({ work, run }: Turn): Promise<number> => {
    const start = now()
    let count = 0
    let elapsedMs = 0
    for (; elapsedMs < turnMs; elapsedMs = now() - start) {
      await run()
      count += 1
    }
    return (work * count) / elapsedMs
  }
  await rate(a)
  const ratios: number[] = []
  for (let round = 0; round < rounds; round++) ratios.push((await rate(a)) / (await rate(b)))
  return median(ratios)
}
