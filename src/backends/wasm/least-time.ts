/** How long a short run takes where other programs disturb it: the least of several times. */

/** Milliseconds of the fastest of some runs, after one that does not count. */
export function leastTime(run: () => void, repeats: number): number {
  run()
  let least = Number.POSITIVE_INFINITY
  for (let count = 0; count < repeats; count++) {
    const start = performance.now()
    run()
    least = Math.min(least, performance.now() - start)
  }
  return least
}
