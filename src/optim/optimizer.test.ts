/** Optimizers: groups, saved states and compiled steps; the numbers of PyTorch are checked by the golden cases. */
import { describe, expect, test } from 'vitest'
import { compile, optim, Parameter, type Tensor } from '../index.ts'

const parameter = (...values: number[]): Parameter => new Parameter(Float32Array.from(values), [values.length])
const numbers = async (tensor: Tensor): Promise<number[]> => Array.from(await tensor.data())

const all: Record<string, (w: Parameter) => optim.Optimizer> = {
  SGD: (w) => new optim.SGD([w], { lr: 0.1, momentum: 0.9, dampening: 0.3, weightDecay: 0.01 }),
  Nesterov: (w) => new optim.SGD([w], { lr: 0.1, momentum: 0.9, nesterov: true }),
  Adagrad: (w) => new optim.Adagrad([w], { lr: 0.1, lrDecay: 0.1, initialAccumulatorValue: 0.5 }),
  RMSprop: (w) => new optim.RMSprop([w], { lr: 0.1, centered: true, momentum: 0.5 }),
  Adadelta: (w) => new optim.Adadelta([w]),
  Adam: (w) => new optim.Adam([w], { lr: 0.1, amsgrad: true }),
  AdamW: (w) => new optim.AdamW([w], { lr: 0.1 }),
  NAdam: (w) => new optim.NAdam([w], { lr: 0.1 }),
}

describe.each(Object.entries(all))('%s', (_, make) => {
  const loss = (w: Parameter): Tensor => w.square().mul(w.cos().add(2)).sum()

  test('finds the bottom of a valley', async () => {
    const w = parameter(0.6, -0.4)
    const optimizer = make(w)
    const step = compile(() => {
      const value = loss(w)
      optimizer.minimize(value)
      return value
    })
    const first = await (await step()).item()
    for (let i = 0; i < 30; i++) await step()
    expect(await (await step()).item()).toBeLessThan(first)
    expect(step.programs).toHaveLength(1)
  })

  test('steps outside compile are the same', async () => {
    const [compiled, eager] = [parameter(0.6, -0.4), parameter(0.6, -0.4)]
    const optimizer = make(compiled)
    const step = compile(() => void optimizer.minimize(loss(compiled)))
    const other = make(eager)
    for (let i = 0; i < 4; i++) {
      await step()
      other.minimize(loss(eager))
    }
    expect(await numbers(eager)).toEqual((await numbers(compiled)).map((value) => expect.closeTo(value, 6)))
  })

  test('a saved state goes on where it was', async () => {
    const through = parameter(0.6, -0.4)
    const whole = make(through)
    for (let i = 0; i < 3; i++) whole.minimize(loss(through))
    const saved = await whole.stateDict()
    const resumed = parameter(...(await numbers(through)))
    const other = make(resumed)
    // Round trip through text and numbers, as a file would.
    const { tensors, ...plain } = saved
    other.loadStateDict({ ...(JSON.parse(JSON.stringify(plain)) as typeof plain), tensors })
    for (let i = 0; i < 3; i++) {
      whole.minimize(loss(through))
      other.minimize(loss(resumed))
    }
    expect(await numbers(resumed)).toEqual((await numbers(through)).map((value) => expect.closeTo(value, 6)))
  })
})

test('rates that change do not record the step again, other settings do', async () => {
  const w = parameter(1)
  const sgd = new optim.SGD([w], { lr: 0.1, momentum: 0.5 })
  const step = compile(() => void sgd.minimize(w.sum()))
  await step()
  expect(await numbers(w)).toEqual([expect.closeTo(0.9, 6)])
  sgd.lr = 1
  for (const group of sgd.groups) group.momentum = 0.25
  await step() // v = 0.25 · 1 + 1
  expect(await numbers(w)).toEqual([expect.closeTo(0.9 - 1.25, 6)])
  expect(step.programs).toHaveLength(1)
  sgd.groups[0]?.configure({ weightDecay: 1 })
  await step()
  expect(step.programs).toHaveLength(2)
})

test('groups have rates of their own; frozen parameters stay', async () => {
  const [fast, slow, frozen] = [parameter(1), parameter(1), parameter(1)]
  frozen.requiresGrad = false
  const sgd = new optim.SGD([{ params: [fast], lr: 0.5 }, { params: [slow, frozen] }], { lr: 0.1 })
  sgd.minimize(fast.add(slow).add(frozen).sum())
  expect([await fast.item(), await slow.item(), await frozen.item()]).toEqual([0.5, expect.closeTo(0.9, 6), 1])
})

test('a parameter that is unfrozen later starts with fresh corrections', async () => {
  const [early, late] = [parameter(1), parameter(1)]
  late.requiresGrad = false
  const adam = new optim.Adam([early, late], { lr: 0.1 })
  const step = compile(() => void adam.minimize(early.add(late).sum()))
  for (let i = 0; i < 5; i++) await step()
  expect(await late.item()).toBe(1)
  late.requiresGrad = true
  await step()
  // Adam's first step has the length of the rate, whatever the gradient.
  expect(await late.item()).toBeCloseTo(0.9, 5)
  const state = await adam.stateDict()
  expect(state.clocks).toEqual([0, 1])
})

test('gradients can be limited by norm and by element', async () => {
  const [a, b] = [parameter(3), parameter(4)]
  const objective = (): Tensor => a.square().mul(0.5).sum().add(b.square().mul(0.5).sum())
  objective().backward()
  expect(await optim.clipGradNorm([a, b], 1).item()).toBeCloseTo(5, 5)
  expect([await a.grad?.item(), await b.grad?.item()]).toEqual([expect.closeTo(0.6, 5), expect.closeTo(0.8, 5)])
  expect(await optim.gradNorm([a, b], { normType: Number.POSITIVE_INFINITY }).item()).toBeCloseTo(0.8, 5)
  optim.clipGradValue([a, b], 0.7)
  expect(await b.grad?.item()).toBeCloseTo(0.7, 5)
  expect(() => optim.clipGradNorm([a], 0)).toThrow('clipGradNorm needs a maxNorm above 0, given 0.')
  expect(() => optim.gradNorm([a], { normType: 3 })).toThrow(
    'the norm of gradients is of type 1, 2 or Infinity, given 3.',
  )
})

test('averages of weights', async () => {
  const w = parameter(0)
  const average = new optim.ExponentialMovingAverage([w], { decay: 0.75 })
  for (const value of [4, 8]) {
    w.write([value])
    average.update()
  }
  await average.withAverages(async () => expect(await w.item()).toBe(5))
  expect(await w.item()).toBe(8)
  await expect(average.withAverages(() => Promise.reject(new Error('stop')))).rejects.toThrow('stop')
  expect(await w.item()).toBe(8)
})

describe('what cannot work says why', () => {
  const w = parameter(1)
  test.each([
    [
      'no parameter',
      () => new optim.SGD([]),
      'an optimizer needs at least one parameter, given none; pass model.parameters().',
    ],
    ['one twice', () => new optim.SGD([w, w]), 'a parameter was given to an optimizer twice; put each into one group.'],
    ['a negative rate', () => new optim.SGD([w], { lr: -1 }), 'lr is a number of at least 0, given -1.'],
    [
      'an impossible beta',
      () => new optim.Adam([w], { betas: [0.9, 1] }),
      'betas are numbers in [0, 1), given 0.9, 1.',
    ],
    [
      'Nesterov without momentum',
      () => new optim.SGD([w], { nesterov: true }),
      'nesterov needs a momentum above 0 and no dampening, given momentum 0 and dampening 0.',
    ],
    [
      'a step without gradients',
      () => new optim.SGD([w]).step(),
      'no parameter of the optimizer has a gradient; call backward() on a loss that depends on them, or unfreeze some.',
    ],
  ])('%s', (_, run, message) => {
    expect(run).toThrow(message)
  })

  test('the state of another optimizer, of other groups or of other shapes', async () => {
    const adam = new optim.Adam([parameter(1, 2)])
    const first = adam.parameters[0] as Parameter
    adam.minimize(first.sum())
    const state = await adam.stateDict()
    expect(() => new optim.SGD([w]).loadStateDict(state)).toThrow(
      'the saved state is of the optimizer Adam, this one is SGD; resume with Adam.',
    )
    expect(() => new optim.Adam([parameter(1), parameter(2)]).loadStateDict(state)).toThrow(
      'the saved optimizer has groups of 1 parameters, this one of 2; make it from the same model with the same groups.',
    )
    expect(() => new optim.Adam([parameter(1)]).loadStateDict(state)).toThrow(
      'the saved optimizer state "0.exp_avg" has shape [2], but parameter 0 has [1]; it belongs to another model.',
    )
  })
})
