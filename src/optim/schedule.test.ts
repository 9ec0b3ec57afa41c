/** Schedules by hand-worked rates; PyTorch's first 60 rates of each are checked by the golden cases. */
import { describe, expect, test } from 'vitest'
import { optim, Parameter } from '../index.ts'

const optimizer = (lr = 0.1, momentum = 0): optim.SGD =>
  new optim.SGD([new Parameter(new Float32Array(1), [1])], { lr, momentum })

function rates(sgd: optim.Optimizer, schedule: optim.Schedule, count: number): number[] {
  return Array.from({ length: count }, () => {
    const { lr } = sgd
    schedule.step()
    return Number(lr.toPrecision(6))
  })
}

test('constant, polynomial and lambda', () => {
  const a = optimizer()
  expect(rates(a, new optim.ConstantLR(a, { factor: 0.5, totalIters: 2 }), 4)).toEqual([0.05, 0.05, 0.1, 0.1])
  const b = optimizer()
  expect(rates(b, new optim.PolynomialLR(b, { totalIters: 2, power: 2 }), 4)).toEqual([0.1, 0.025, 0, 0])
  const c = optimizer()
  expect(rates(c, new optim.LambdaLR(c, { lrLambda: (t) => 1 / (1 + t) }), 3)).toEqual([0.1, 0.05, 0.0333333])
})

test('one after the other, each from its own beginning', () => {
  const sgd = optimizer()
  const warmUp = new optim.LinearLR(sgd, { startFactor: 0.5, totalIters: 2 })
  const cosine = new optim.CosineAnnealingLR(sgd, { tMax: 2 })
  const schedule = new optim.SequentialLR(sgd, { schedules: [warmUp, cosine], milestones: [2] })
  expect(rates(sgd, schedule, 5)).toEqual([0.05, 0.075, 0.1, 0.05, 0])
  expect(() => new optim.SequentialLR(sgd, { schedules: [warmUp], milestones: [1] })).toThrow(
    'SequentialLR needs one milestone fewer than schedules, in rising order; given 1 schedules and milestones [1].',
  )
})

test('several at once multiply', () => {
  const sgd = optimizer()
  const half = new optim.ConstantLR(sgd, { factor: 0.5, totalIters: 2 })
  const decay = new optim.ExponentialLR(sgd, { gamma: 0.9 })
  expect(rates(sgd, new optim.ChainedScheduler(sgd, { schedules: [half, decay] }), 3)).toEqual([0.05, 0.045, 0.081])
})

test('groups keep their proportions', () => {
  const make = (): Parameter => new Parameter(new Float32Array(1), [1])
  const sgd = new optim.SGD([
    { params: [make()], lr: 0.1 },
    { params: [make()], lr: 0.01 },
  ])
  const schedule = new optim.StepLR(sgd, { stepSize: 1, gamma: 0.5 })
  schedule.step()
  expect(schedule.rates).toEqual([0.05, 0.005])
})

describe('one-cycle', () => {
  test('moves the momentum the other way', () => {
    const sgd = optimizer(0.1, 0.9)
    const schedule = new optim.OneCycleLR(sgd, { maxLr: 1, totalSteps: 11, pctStart: 5 / 11, annealStrategy: 'linear' })
    expect([sgd.lr, sgd.groups[0]?.momentum]).toEqual([0.04, 0.95])
    for (let i = 0; i < 4; i++) schedule.step()
    expect([sgd.lr, sgd.groups[0]?.momentum]).toEqual([expect.closeTo(1, 9), expect.closeTo(0.85, 9)])
    for (let i = 0; i < 6; i++) schedule.step()
    expect([sgd.lr, sgd.groups[0]?.momentum]).toEqual([expect.closeTo(4e-6, 9), expect.closeTo(0.95, 9)])
  })

  test('ends with an error', () => {
    const schedule = new optim.OneCycleLR(optimizer(), { maxLr: 1, totalSteps: 2 })
    schedule.step()
    schedule.step()
    expect(() => schedule.step()).toThrow('OneCycleLR was made for 2 steps and stepped 3 times.')
  })
})

test('plateau: waits for its patience, rests, stops at the least rate', () => {
  const sgd = optimizer(1)
  const schedule = new optim.ReduceLROnPlateau(sgd, { factor: 0.1, patience: 1, cooldown: 1, minLr: 0.05 })
  const seen = [1, 1, 1, 1, 1, 1, 1].map((metric) => {
    schedule.step(metric)
    return sgd.lr
  })
  expect(seen).toEqual([1, 1, 0.1, 0.1, 0.1, 0.05, 0.05])
  expect(() => schedule.step()).toThrow('ReduceLROnPlateau watches a metric; call step(validationLoss).')
})

test.each([
  ['cosine', (sgd: optim.Optimizer) => new optim.CosineAnnealingLR(sgd, { tMax: 10 })],
  ['plateau', (sgd: optim.Optimizer) => new optim.ReduceLROnPlateau(sgd, { patience: 1 })],
])('%s goes on from a saved state', (_, make) => {
  const [whole, other] = [optimizer(), optimizer()]
  const first = make(whole)
  const metrics = [1, 0.9, 0.95, 0.96, 0.97, 0.98]
  for (const metric of metrics.slice(0, 3)) first.step(metric)
  const second = make(other)
  second.loadStateDict(JSON.parse(JSON.stringify(first.stateDict())) as optim.ScheduleState)
  for (const metric of metrics.slice(3)) {
    first.step(metric)
    second.step(metric)
  }
  expect(other.lr).toBe(whole.lr)
})
