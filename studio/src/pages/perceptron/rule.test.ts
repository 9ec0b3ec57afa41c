import { describe, expect, test } from 'vitest'
import {
  examplesOf,
  firstWeights,
  gates,
  hiddenOutput,
  isSeparable,
  mistakes,
  output,
  type Targets,
  update,
  type Weights,
} from './rule.ts'

function settle(targets: Targets, coding: 'zeroOne' | 'plusMinus', seed: number, passes: number): number {
  const examples = examplesOf(targets, coding)
  let weights: Weights = firstWeights(seed)
  for (let step = 0; step < 4 * passes; step++) weights = update(weights, examples, step % 4, 0.1).after
  return mistakes(weights, examples)
}

test('one update by hand: w ← w + η (t − o) x', () => {
  const examples = examplesOf(gates.and, 'zeroOne')
  const done = update([0.3, -0.1, 0.2], examples, 1, 0.1)
  expect(done.sum).toBeCloseTo(0.5)
  expect(done.output).toBe(1)
  expect(done.after).toEqual([0.1, -0.1, 0])
})

test('a right answer changes nothing; a sum of 0 answers −1', () => {
  const examples = examplesOf(gates.or, 'zeroOne')
  expect(update([0, 0, 0], examples, 0, 0.1).after).toEqual([0, 0, 0])
  expect(output([0, 0, 0], { x1: 1, x2: 1 })).toBe(-1)
})

describe.each(['zeroOne', 'plusMinus'] as const)('inputs as %s', (coding) => {
  test('every separable truth table settles, exclusive or and its opposite never do', () => {
    for (let bits = 0; bits < 16; bits++) {
      const targets = [0, 1, 2, 3].map((bit) => ((bits >> bit) & 1 ? 1 : -1)) as unknown as Targets
      for (const seed of [1, 2, 3]) {
        const left = settle(targets, coding, seed, 100)
        if (isSeparable(targets)) expect(left).toBe(0)
        else expect(left).toBeGreaterThan(0)
      }
    }
  })

  test.each(['xor', 'xnor'] as const)('a hidden layer solves %s', (gate) => {
    const right = examplesOf(gates[gate], coding).map((example) => hiddenOutput(coding, gates[gate], example))
    expect(right).toEqual(gates[gate])
  })
})
