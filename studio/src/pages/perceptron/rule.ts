/**
 * Rosenblatt's perceptron and its training rule: o = 1 if w₀ + w₁x₁ + w₂x₂ > 0, else −1; wᵢ ← wᵢ + η (t − o) xᵢ with x₀ = 1.
 * Source: Rosenblatt, "The perceptron: a probabilistic model" (1958); the form of the lectures.
 */

/** w₀ (the bias), w₁, w₂. */
export type Weights = readonly [number, number, number]
export type Sign = 1 | -1
/** What the four corners should give, in the order 00, 01, 10, 11. */
export type Targets = readonly [Sign, Sign, Sign, Sign]

export const gates = {
  and: [-1, -1, -1, 1],
  or: [-1, 1, 1, 1],
  nand: [1, 1, 1, -1],
  nor: [1, -1, -1, -1],
  xor: [-1, 1, 1, -1],
  xnor: [1, -1, -1, 1],
} satisfies Record<string, Targets>

export type GateName = keyof typeof gates

/** How false and true are written as numbers. */
export const codings = { zeroOne: [0, 1], plusMinus: [-1, 1] } as const
export type Coding = keyof typeof codings

export interface Example {
  readonly x1: number
  readonly x2: number
  readonly target: Sign
}

export function examplesOf(targets: Targets, coding: Coding): readonly Example[] {
  const [low, high] = codings[coding]
  return [
    { x1: low, x2: low, target: targets[0] },
    { x1: low, x2: high, target: targets[1] },
    { x1: high, x2: low, target: targets[2] },
    { x1: high, x2: high, target: targets[3] },
  ]
}

export function weightedSum([w0, w1, w2]: Weights, { x1, x2 }: { x1: number; x2: number }): number {
  return w0 + w1 * x1 + w2 * x2
}

export function output(weights: Weights, example: { x1: number; x2: number }): Sign {
  return weightedSum(weights, example) > 0 ? 1 : -1
}

/** One application of the rule, with all that went into it. */
export interface Update {
  readonly index: number
  readonly example: Example
  readonly before: Weights
  readonly sum: number
  readonly output: Sign
  readonly after: Weights
}

export function update(weights: Weights, examples: readonly Example[], index: number, rate: number): Update {
  const example = examples[index] as Example
  const sum = weightedSum(weights, example)
  const given = output(weights, example)
  const change = rate * (example.target - given)
  // Sums of tenths stay tenths on the page.
  const add = (weight: number, x: number): number => Math.round((weight + change * x) * 1e6) / 1e6
  const after: Weights = [add(weights[0], 1), add(weights[1], example.x1), add(weights[2], example.x2)]
  return { index, example, before: weights, sum, output: given, after }
}

export function mistakes(weights: Weights, examples: readonly Example[]): number {
  return examples.filter((example) => output(weights, example) !== example.target).length
}

/** Whether some line parts the targets: of the 16 truth tables all but exclusive or and its opposite. */
export function isSeparable(targets: Targets): boolean {
  const [a, b, c, d] = targets
  return !(a === d && b === c && a !== b)
}

/** Small first weights from a seed, in tenths from −0.5 to 0.5 (a linear congruential generator is enough here). */
export function firstWeights(seed: number): Weights {
  let state = (seed * 2654435761) >>> 0
  const draw = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.round((state / 2 ** 32) * 10 - 5) / 10
  }
  return [draw(), draw(), draw()]
}

/** A second layer solves it: (x₁ or x₂) and not (x₁ and x₂). The weights suit both codings. */
export function hiddenLayer(coding: Coding, targets: Targets): { hidden: readonly [Weights, Weights]; out: Weights } {
  const either: Weights = coding === 'zeroOne' ? [-0.5, 1, 1] : [1, 1, 1]
  const notBoth: Weights = coding === 'zeroOne' ? [1.5, -1, -1] : [1, -1, -1]
  const flip = targets[0] === 1 ? -1 : 1
  return { hidden: [either, notBoth], out: [-1 * flip, 1 * flip, 1 * flip] }
}

/** The output of the two-layer network. */
export function hiddenOutput(coding: Coding, targets: Targets, place: { x1: number; x2: number }): Sign {
  const { hidden, out } = hiddenLayer(coding, targets)
  return output(out, { x1: output(hidden[0], place), x2: output(hidden[1], place) })
}
