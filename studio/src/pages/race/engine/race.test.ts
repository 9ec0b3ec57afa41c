/** The racers take the steps of their formulas, and formulas mean the same in numbers, in tensors and in programs. */
import { compile, fromTypedArray, tensor } from 'cognitron'
import { describe, expect, test } from 'vitest'
import { FormulaError, formulaCode, parseFormula, valueAt } from '../formula.ts'
import { landscapeNames, landscapes, lowestOf } from '../landscapes.ts'
import { type RacerName, racerNames, usualMemories } from '../setup.ts'
import { arrival, bestRates, race } from './race.ts'

const goOn = (): Promise<boolean> => Promise.resolve(true)

async function way(
  name: RacerName,
  rate: number,
  steps: number,
  memory = usualMemories[racerNames.indexOf(name)] ?? 0,
) {
  const formula = parseFormula('x^2 + 2*y^2')
  const [found] = (await race({ formula, start: [3, -2], racers: [{ name, rate, memory }], steps }, goOn)) ?? []
  if (!found) throw new Error('no way')
  return found
}

/** Gradient (2x, 4y); each formula written out for one coordinate with slope k. */
const byHand: Readonly<Record<RacerName, (w: number, k: number, rate: number, steps: number) => number>> = {
  sgd(w, k, rate, steps) {
    return w * (1 - rate * k) ** steps
  },
  momentum(w, k, rate, steps) {
    let v = 0
    for (let t = 0; t < steps; t++) {
      v = 0.9 * v + k * w
      w -= rate * v
    }
    return w
  },
  nesterov(w, k, rate, steps) {
    let v = 0
    for (let t = 0; t < steps; t++) {
      const g = k * w
      v = 0.9 * v + g
      w -= rate * (g + 0.9 * v)
    }
    return w
  },
  adagrad(w, k, rate, steps) {
    let s = 0
    for (let t = 0; t < steps; t++) {
      const g = k * w
      s += g * g
      w -= (rate * g) / (Math.sqrt(s) + 1e-10)
    }
    return w
  },
  rmsprop(w, k, rate, steps) {
    let s = 0
    for (let t = 0; t < steps; t++) {
      const g = k * w
      s = 0.99 * s + 0.01 * g * g
      w -= (rate * g) / (Math.sqrt(s) + 1e-8)
    }
    return w
  },
  adadelta(w, k, rate, steps) {
    let [s, d] = [0, 0]
    for (let t = 0; t < steps; t++) {
      const g = k * w
      s = 0.9 * s + 0.1 * g * g
      const change = (Math.sqrt(d + 1e-6) / Math.sqrt(s + 1e-6)) * g
      d = 0.9 * d + 0.1 * change * change
      w -= rate * change
    }
    return w
  },
  adam: (w, k, rate, steps) => adam(w, k, rate, steps, 0),
  adamw: (w, k, rate, steps) => adam(w, k, rate, steps, 0.01),
}

function adam(start: number, k: number, rate: number, steps: number, decay: number): number {
  let [w, m, v] = [start, 0, 0]
  for (let t = 1; t <= steps; t++) {
    const g = k * w
    w -= rate * decay * w
    m = 0.9 * m + 0.1 * g
    v = 0.999 * v + 0.001 * g * g
    w -= (rate * (m / (1 - 0.9 ** t))) / (Math.sqrt(v / (1 - 0.999 ** t)) + 1e-8)
  }
  return w
}

describe.each(racerNames)('%s', (name) => {
  test.each([1, 2, 3, 20])('after %i steps it is where its formula says', async (steps) => {
    const { x, y, loss } = await way(name, 0.05, steps)
    const [wx, wy] = [byHand[name](3, 2, 0.05, steps), byHand[name](-2, 4, 0.05, steps)]
    expect(x[0]).toBe(3)
    expect(x[steps]).toBeCloseTo(wx, 4)
    expect(y[steps]).toBeCloseTo(wy, 4)
    expect(loss[steps]).toBeCloseTo(wx ** 2 + 2 * wy ** 2, 3)
  })
})

test('the first step of Adam is the rate along each axis, that of RMSprop ten times as much', async () => {
  const adams = await way('adam', 0.1, 1)
  expect([adams.x[1], adams.y[1]]).toEqual([expect.closeTo(2.9, 5), expect.closeTo(-1.9, 5)])
  const rms = await way('rmsprop', 0.1, 1)
  expect([rms.x[1], rms.y[1]]).toEqual([expect.closeTo(2, 5), expect.closeTo(-1, 5)])
})

test('all together run as each alone', async () => {
  const formula = parseFormula(landscapes.rosenbrock.formula)
  const racers = racerNames.map((name, index) => ({
    name,
    rate: landscapes.rosenbrock.rates[index] ?? 0,
    memory: usualMemories[index] ?? 0,
  }))
  const together = await race({ formula, start: [-1.3, 2.7], racers, steps: 40 }, goOn)
  for (const [index, settings] of racers.entries()) {
    const alone = await race({ formula, start: [-1.3, 2.7], racers: [settings], steps: 40 }, goOn)
    expect(alone?.[0]).toEqual(together?.[index])
  }
})

describe.each(landscapeNames)('landscape %s', (name) => {
  const { formula: text, start, minima, view, rates } = landscapes[name]
  const formula = parseFormula(text)

  test('numbers, tensors and the program agree', async () => {
    const places = [start, [0.3, -0.7], [1.25, 0.5]] as const
    const program = new Function('x', 'y', 'tensor', `return ${formulaCode(formula)}`)
    for (const [px, py] of places) {
      const value = valueAt(formula, px, py)
      const found = program(tensor(px), tensor(py), tensor)
      expect(await found.item()).toBeCloseTo(value, value > 100 ? 1 : 4)
    }
  })

  test('known minima are lower than all around, and the start lies in the picture', () => {
    for (const [x, y] of minima) {
      for (const [dx, dy] of [
        [0.05, 0],
        [-0.05, 0],
        [0, 0.05],
        [0, -0.05],
      ] as const) {
        expect(valueAt(formula, x + dx, y + dy)).toBeGreaterThan(valueAt(formula, x, y))
      }
    }
    expect(start[0] > view.x[0] && start[0] < view.x[1] && start[1] > view.y[0] && start[1] < view.y[1]).toBe(true)
    expect(rates).toHaveLength(racerNames.length)
  })
})

test('best rates: the bowl is reached soonest with the rate that the formula favours', async () => {
  const formula = parseFormula('x^2 + y^2')
  const racers = [{ name: 'sgd' as const, rate: 1, memory: 0 }]
  // w ← w (1 − 2 rate): 0.5 arrives in one step, 0.1 is slow, 1 goes back and forth for ever.
  expect(await bestRates({ formula, start: [2, 1], racers, steps: 60 }, [0.01, 0.1, 0.5, 1], 0.05, goOn)).toEqual([0.5])
  expect(arrival([5, 3, 1, 0.5], 1)).toBe(2)
  expect(arrival([5, Number.NaN], 1)).toBeUndefined()
})

describe('formulas', () => {
  test.each([
    ['2 + 3*x^2', 14],
    ['-x^2', -4],
    ['2^-1 + 2^3^0', 2.5],
    ['(x - 1)(y)'.replace(')(', ')*('), 3],
    ['x² − 3·y', -5],
    ['sqrt(abs(-x*8)) + log(e) + cos(pi)', 4],
    ['1e-2*x + .5', 0.52],
    ['6/x/3', 1],
  ])('%s', (text, expected) => {
    expect(valueAt(parseFormula(text), 2, 3)).toBeCloseTo(expected, 12)
  })

  test.each([
    ['', 'Type a formula'],
    ['x +', 'ends too early'],
    ['2x', 'is an operator such as * missing before it?'],
    ['(x', 'A closing bracket is missing'],
    ['z', '“z” is unknown'],
    ['sin x', '“sin” needs a bracket after it'],
    ['x & y', '“&” cannot stand in a formula'],
    ['* x', '“*” was not expected here'],
    ['alert(1)', '“alert” is unknown'],
  ])('“%s” is refused with the reason', (text, words) => {
    expect(() => parseFormula(text)).toThrow(FormulaError)
    expect(() => parseFormula(text)).toThrow(words)
  })

  test('a formula without x or y is flat', async () => {
    const flat = new Function('x', 'y', 'tensor', `return ${formulaCode(parseFormula('3'))}`)
    expect(await flat(tensor(2), tensor(1), tensor).item()).toBe(3)
    const [still] =
      (await race(
        { formula: parseFormula('3'), start: [1, 1], racers: [{ name: 'sgd', rate: 1, memory: 0 }], steps: 2 },
        goOn,
      )) ?? []
    expect(Array.from(still?.x ?? [])).toEqual([1, 1, 1])
  })
})

test('the lowest value: known, or of a grid', async () => {
  expect(lowestOf(parseFormula(landscapes.saddle.formula), landscapes.saddle)).toBeCloseTo(-2, 12)
  const { neuron } = landscapes
  const low = lowestOf(parseFormula(neuron.formula), neuron)
  const grid = compile((x: ReturnType<typeof tensor>) => x.square().sum())
  expect(await (await grid(fromTypedArray(Float32Array.of(low), [1], 'float32'))).item()).toBeCloseTo(low ** 2, 6)
  expect(low).toBeGreaterThan(0)
  expect(low).toBeLessThan(0.3)
})
