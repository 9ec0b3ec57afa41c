/** Whether tiles for vectors of eight floats pay here; found by a short measurement, once in a process. */
import { bareKernel } from './bare-kernel.ts'
import { canJoinVectors } from './compile-module.ts'
import { leastTime } from './least-time.ts'

/** Wide tiles must be this much faster, or the usual ones stay. */
const GAIN = 1.2
const TILES = 50
const REPEATS = 10

let measured: boolean | undefined

export function widePays(): boolean {
  measured ??= canJoinVectors && rate(true) > GAIN * rate(false)
  return measured
}

function rate(wide: boolean): number {
  const { flops, run } = bareKernel({ wide, tiles: TILES })
  return flops / leastTime(run, REPEATS)
}
