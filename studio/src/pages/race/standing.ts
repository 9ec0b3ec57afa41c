/** Who is where at a step of the race, and who wins, in figures and in words. */
import { formatValue } from '../../base/format.ts'
import type { Way } from './protocol.ts'
import type { RacerName } from './setup.ts'

/** How much of the way down counts as arrived. */
export const ARRIVED_SHARE = 0.99

export interface Standing {
  readonly name: RacerName
  /** NaN when it was thrown out. */
  readonly loss: number
  /** The step at which it was down first; absent when it is not yet. */
  readonly arrived?: number
  readonly thrownOut: boolean
}

export const racerTitles: Readonly<Record<RacerName, string>> = {
  sgd: 'SGD',
  momentum: 'Momentum',
  nesterov: 'Nesterov',
  adagrad: 'Adagrad',
  rmsprop: 'RMSprop',
  adadelta: 'Adadelta',
  adam: 'Adam',
  adamw: 'AdamW',
}

/** The loss that counts as arrived: 99 % of the way from that at the start down to the lowest. */
export function goalOf(atStart: number, lowest: number): number {
  return lowest + (1 - ARRIVED_SHARE) * (atStart - lowest)
}

/** Those that are down in the order of their arrival, then the others by their loss, those thrown out last. */
export function standingsAt(ways: readonly Way[], step: number, goal: number): Standing[] {
  const found = ways.map(({ name, loss }): Standing => {
    const at = Math.min(step, loss.length - 1)
    const now = loss[at] ?? Number.NaN
    const arrived = loss.findIndex((value) => value <= goal)
    // Numbers beyond single precision have become infinite on the way.
    const thrownOut = !Number.isFinite(now)
    return { name, loss: now, thrownOut, ...(arrived >= 0 && arrived <= at ? { arrived } : {}) }
  })
  const rank = ({ arrived, loss, thrownOut }: Standing): number =>
    arrived !== undefined ? arrived - 1e9 : thrownOut ? Number.POSITIVE_INFINITY : loss
  return found.sort((a, b) => (rank(a) === rank(b) ? 0 : rank(a) - rank(b)))
}

function listed(names: readonly RacerName[]): string {
  const titles = names.map((name) => racerTitles[name])
  return titles.length < 2 ? (titles[0] ?? '') : `${titles.slice(0, -1).join(', ')} and ${titles.at(-1)}`
}

/** The race so far in a sentence or two. */
export function standingWords(standings: readonly Standing[], step: number, steps: number): string {
  const [first] = standings
  if (!first) return 'Nobody runs. Choose at least one racer.'
  if (step === 0) return 'All stand at the start.'
  const thrown = standings.filter(({ thrownOut }) => thrownOut).map(({ name }) => name)
  const out = thrown.length === 0 ? '' : ` ${listed(thrown)} ${thrown.length === 1 ? 'was' : 'were'} thrown out.`
  if (thrown.length === standings.length) return 'All were thrown out: their steps grew without bound.'
  const title = racerTitles[first.name]
  if (first.arrived === undefined) {
    const verb = step >= steps ? 'ends lowest' : 'leads'
    return `${title} ${verb} with a loss of ${formatValue(first.loss)}; nobody has come 99 % of the way down.${out}`
  }
  const winners = standings.filter(({ arrived }) => arrived === first.arrived).map(({ name }) => name)
  const next = standings[winners.length]
  const follows =
    next?.arrived === undefined
      ? standings.length > winners.length
        ? ' Nobody else is down yet.'
        : ''
      : ` ${racerTitles[next.name]} follows after ${next.arrived}.`
  const won = winners.length > 1 ? `${listed(winners)} win: they` : `${title} wins: it`
  return `${won} came 99 % of the way down in ${first.arrived} steps.${follows}${out}`
}
