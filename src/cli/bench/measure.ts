/** How long something takes: the best of three means, after it has run twice. */

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
