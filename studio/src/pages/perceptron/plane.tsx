/** The plane of the two inputs: four corners, the line where the sum is 0, and the side that answers 1. */
import type { PerceptronModel } from './model.ts'
import { type Coding, hiddenLayer, hiddenOutput, output, type Weights } from './rule.ts'

const SIZE = 440
const ranges: Readonly<Record<Coding, readonly [number, number]>> = { zeroOne: [-0.75, 1.75], plusMinus: [-2.2, 2.2] }

type Place = readonly [x: number, y: number]

/** The part of a polygon on the side of a line where its sum is positive (Sutherland and Hodgman). */
function clip(polygon: readonly Place[], [w0, w1, w2]: Weights): Place[] {
  const sum = ([x, y]: Place): number => w0 + w1 * x + w2 * y
  return polygon.flatMap((here, index): Place[] => {
    const next = polygon[(index + 1) % polygon.length] as Place
    const [a, b] = [sum(here), sum(next)]
    const kept: Place[] = a > 0 ? [here] : []
    if (a > 0 === b > 0) return kept
    const t = a / (a - b)
    return [...kept, [here[0] + t * (next[0] - here[0]), here[1] + t * (next[1] - here[1])]]
  })
}

/** Both ends of a line within the square. */
function ends(square: readonly Place[], weights: Weights): readonly Place[] {
  const negated = weights.map((weight) => -weight) as unknown as Weights
  const other = clip(square, negated)
  return clip(square, weights).filter(([x, y]) => other.some(([a, b]) => Math.abs(a - x) + Math.abs(b - y) < 1e-9))
}

export function Plane({ model }: { model: PerceptronModel }) {
  const { coding, targets } = model.setup.value
  const weights = model.weights.value
  const hidden = model.hidden.value
  const [low, high] = ranges[coding]
  const scale = SIZE / (high - low)
  const px = (x: number): number => (x - low) * scale
  const py = (y: number): number => SIZE - (y - low) * scale
  const square: Place[] = [
    [low, low],
    [high, low],
    [high, high],
    [low, high],
  ]
  const path = (places: readonly Place[]): string => places.map(([x, y]) => `${px(x)},${py(y)}`).join(' ')
  const layer = hiddenLayer(coding, targets)
  const lines: readonly Weights[] = hidden ? layer.hidden : [weights]
  const inside = lines.reduce((polygon, line) => clip(polygon, line), square)
  const flipped = hidden && targets[0] === 1
  const current = model.step.value === 0 ? -1 : (model.step.value - 1) % 4
  const answer = (x1: number, x2: number) =>
    hidden ? hiddenOutput(coding, targets, { x1, x2 }) : output(weights, { x1, x2 })
  const words = hidden
    ? 'Two lines of the hidden layer; the strip between them answers one value, the rest the other.'
    : `The line ${equation(weights)}; ${4 - model.wrong.value} of 4 corners are on their side.`
  return (
    <svg class="perceptron-plane" viewBox={`0 0 ${SIZE} ${SIZE}`} role="img" aria-label={words}>
      <rect class={flipped ? 'side-positive' : 'side-negative'} width={SIZE} height={SIZE} />
      <polygon class={flipped ? 'side-negative solid' : 'side-positive solid'} points={path(inside)} />
      <line class="plane-axis" x1={px(0)} y1={0} x2={px(0)} y2={SIZE} />
      <line class="plane-axis" x1={0} y1={py(0)} x2={SIZE} y2={py(0)} />
      {lines.map((line) => {
        const [a, b] = ends(square, line)
        return (
          a &&
          b && <line key={line.join()} class="plane-line" x1={px(a[0])} y1={py(a[1])} x2={px(b[0])} y2={py(b[1])} />
        )
      })}
      {model.examples.value.map(({ x1, x2, target }, index) => {
        const right = answer(x1, x2) === target
        const [x, y] = [px(x1), py(x2)]
        return (
          <g key={`${x1} ${x2}`}>
            {index === current && !hidden && <circle class="corner-current" cx={x} cy={y} r={22} />}
            {target === 1 ? (
              <rect class="corner positive" x={x - 10} y={y - 10} width={20} height={20} rx={3} />
            ) : (
              <circle class="corner negative" cx={x} cy={y} r={11} />
            )}
            <text class="corner-label" x={x + 18} y={y - 14}>
              {right ? `(${x1}, ${x2})` : `(${x1}, ${x2}) wrong`}
            </text>
          </g>
        )
      })}
      <text class="axis-name" x={SIZE - 8} y={py(0) - 8} text-anchor="end">
        x
        <tspan dy="3" font-size="10">
          1
        </tspan>
      </text>
      <text class="axis-name" x={px(0) + 8} y={16}>
        x
        <tspan dy="3" font-size="10">
          2
        </tspan>
      </text>
    </svg>
  )
}

export function signed(value: number): string {
  return `${value < 0 ? '−' : '+'} ${short(Math.abs(value))}`
}

export function short(value: number): string {
  return String(Math.round(value * 100) / 100).replace('-', '−')
}

/** `0.3 + 0.1 x₁ − 0.2 x₂ = 0` */
export function equation([w0, w1, w2]: Weights): string {
  return `${short(w0)} ${signed(w1)} x₁ ${signed(w2)} x₂ = 0`
}
