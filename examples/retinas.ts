/**
 * Stand-in for pictures of the back of an eye: a reddish disc with a bright spot where the nerve leaves and vessels that branch from it.
 * Some show a finding: bright deposits, swollen vessels, large bleedings, or tiny ones that are dark, round and no wider than a vessel.
 * Drawn from a seed, so nobody's eye is shown.
 */
import { data } from 'cognitron'
import { uniformNumbers } from './landscapes.ts'

const side = 32

/** What is known of many eyes, and what is asked about the few. */
export const knownFindings = ['healthy', 'deposits', 'swollen', 'large bleedings'] as const
export const newFinding = ['healthy', 'tiny bleedings'] as const

type Finding = (typeof knownFindings)[number] | (typeof newFinding)[number]

/** Adds darkness (or brightness, below 0) to places. */
type Ink = (x: number, y: number, amount: number) => void

/** `count` retinas with the findings in turn: `[3, 32, 32]` in [0, 1] and the number of the finding. */
export function retinas(findings: readonly Finding[], count: number, seed: number): data.ArrayDataset {
  const uniform = uniformNumbers(seed)
  const inputs = new Float32Array(count * 3 * side * side)
  const targets = Int32Array.from({ length: count }, (_, index) => index % findings.length)
  for (const [index, finding] of targets.entries()) {
    inputs.set(drawRetina(findings[finding] ?? 'healthy', uniform), index * 3 * side * side)
  }
  return new data.ArrayDataset({
    inputs,
    targets,
    inputShape: [3, side, side],
    classNames: [...findings],
    name: 'retinas',
  })
}

function drawRetina(finding: Finding, uniform: () => number): Float32Array {
  const dark = new Float32Array(side * side)
  const ink: Ink = (x, y, amount) => {
    const [column, row] = [Math.round(x), Math.round(y)]
    if (column < 0 || row < 0 || column >= side || row >= side) return
    const place = row * side + column
    dark[place] = amount < 0 ? amount : Math.max(dark[place] ?? 0, amount)
  }
  const nerve = { x: 8 + 4 * uniform(), y: 12 + 8 * uniform() }
  const swollen = finding === 'swollen'
  for (let vessel = 0; vessel < 5; vessel++) {
    grow(ink, { ...nerve, angle: (vessel / 5) * 2 * Math.PI + uniform(), length: 22, swollen }, uniform)
  }
  const spot = spots[finding]
  if (spot) for (let left = 2 + Math.floor(3 * uniform()); left > 0; left--) stain(ink, spot, uniform)
  const tone = [0.62 + 0.12 * uniform(), 0.26 + 0.08 * uniform(), 0.14 + 0.06 * uniform()]
  const result = new Float32Array(3 * side * side)
  for (let place = 0; place < side * side; place++) {
    const [x, y] = [place % side, Math.floor(place / side)]
    const inside = Math.hypot(x - 15.5, y - 15.5) < 15 ? 1 : 0.1
    const glow = 0.4 * Math.exp(-((x - nerve.x) ** 2 + (y - nerve.y) ** 2) / 5)
    const grain = 0.1 * (uniform() - 0.5)
    for (const [channel, base] of tone.entries()) {
      result[channel * side * side + place] = inside * (base * (1 - (dark[place] ?? 0)) + glow + grain)
    }
  }
  return result
}

interface Sprout {
  readonly x: number
  readonly y: number
  readonly angle: number
  readonly length: number
  readonly swollen: boolean
}

/** A vessel that wanders outwards, grows thinner and branches once. */
function grow(ink: Ink, from: Sprout, uniform: () => number): void {
  const { angle, length, swollen } = from
  let { x, y } = from
  let turn = angle
  const branch = length * (0.3 + 0.3 * uniform())
  for (let step = 0; step < length; step++) {
    ink(x, y, 0.45 - 0.012 * step)
    if (swollen) ink(x + 1, y, 0.45 - 0.012 * step)
    turn += 0.35 * (uniform() - 0.5)
    x += Math.cos(turn)
    y += Math.sin(turn)
    if (length > 15 && Math.floor(branch) === step) grow(ink, { x, y, angle: turn + 0.7, length: 10, swollen }, uniform)
  }
}

/** How large and how dark the spots of a finding are. */
const spots: Partial<Record<Finding, { radius: number; amount: number }>> = {
  deposits: { radius: 1, amount: -0.5 },
  'large bleedings': { radius: 2.5, amount: 0.5 },
  'tiny bleedings': { radius: 1, amount: 0.6 },
}

/** A round spot away from the rim. */
function stain(ink: Ink, { radius, amount }: { radius: number; amount: number }, uniform: () => number): void {
  const [angle, distance] = [2 * Math.PI * uniform(), 11 * Math.sqrt(uniform())]
  const [x, y] = [15.5 + distance * Math.cos(angle), 15.5 + distance * Math.sin(angle)]
  for (let dy = -3; dy <= 3; dy++) {
    for (let dx = -3; dx <= 3; dx++) if (Math.hypot(dx, dy) <= radius) ink(x + dx, y + dy, amount)
  }
}
