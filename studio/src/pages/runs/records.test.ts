/** Runs are read with distrust, and long ones lose no spike. */
import { expect, test } from 'vitest'
import { outlineOf } from '../../base/outline.ts'
import {
  differingSettings,
  familiesOf,
  figureNamed,
  flatten,
  headline,
  RunSeries,
  readRunList,
  stateOf,
} from './records.ts'

test('nonsense becomes an empty list, odd entries become harmless ones', () => {
  expect(readRunList(undefined).runs).toEqual([])
  expect(readRunList({ runs: 'x' }).runs).toEqual([])
  const { runs } = readRunList({
    folder: '/runs',
    nowMs: 5,
    runs: [null, { name: 3 }, { name: 'a', epochs: '7', trend: [1, 'x', null], files: [1, 'run.json'], run: [] }],
  })
  expect(runs).toHaveLength(1)
  expect(runs[0]).toMatchObject({ name: 'a', epochs: 0, trend: [1, null, null], files: ['run.json'], last: {} })
})

test('settings are flattened, figures are told apart', () => {
  expect([...flatten({ a: 1, b: { c: [1, 2], d: null }, e: 'x' })]).toEqual([
    ['a', '1'],
    ['b.c', '[1,2]'],
    ['b.d', 'null'],
    ['e', 'x'],
  ])
  expect(figureNamed('validationTopFive')).toEqual({ name: 'validationTopFive', family: 'topFive', part: 'validation' })
  expect(figureNamed('training')).toEqual({ name: 'training', family: 'training', part: '' })
})

const run = (values: object) =>
  readRunList({ runs: [{ name: 'a', ...values }] }).runs[0] as ReturnType<typeof readRunList>['runs'][number]

test('states', () => {
  const last = { trainLoss: 1, epochs: 10 }
  expect(stateOf(run({ last, epochs: 10, updatedMs: 0 }), 1e6)).toBe('finished')
  expect(stateOf(run({ last, epochs: 3, updatedMs: 1e6 - 1000 }), 1e6)).toBe('learning')
  expect(stateOf(run({ last, epochs: 3, updatedMs: 0 }), 1e6)).toBe('stopped')
  expect(stateOf(run({ last, epochs: 3, files: ['report.html'] }), 1e6)).toBe('finished')
  expect(stateOf(run({ last: { trainLoss: null }, epochs: 3 }), 1e6)).toBe('diverged')
  expect(stateOf(run({ epochs: 0 }), 1e6)).toBe('waiting')
})

test('the headline judges on validation where there is one', () => {
  expect(headline(run({ best: { trainLoss: 1, validationLoss: 2, trainAccuracy: 0.5 } }))).toEqual({
    loss: 2,
    accuracy: 0.5,
  })
  expect(headline(run({ last: { trainLoss: 1 } }))).toEqual({ loss: 1, accuracy: undefined })
  expect(familiesOf([run({ last: { lr: 1, trainMae: 1, trainLoss: 1, epoch: 1 } })])).toEqual(['loss', 'mae', 'lr'])
  const [a, b] = [run({ run: { lr: 1, seed: 2 } }), run({ run: { lr: 2, seed: 2 } })]
  expect(differingSettings([a, b])).toEqual(['lr'])
})

test('series grow in columns, with gaps where an epoch lacks a figure', () => {
  const series = new RunSeries()
  series.append({ epoch: 1, trainLoss: 3, seconds: 2 })
  series.append({ epoch: 2, trainLoss: null, validationLoss: 5, seconds: 2, metrics: { trainMae: 1 } })
  series.append({ epoch: 3, trainLoss: 1 })
  expect(series.epochs).toEqual([1, 2, 3])
  expect(series.elapsed).toEqual([2, 4, 4])
  expect(series.columns.get('trainLoss')).toEqual([3, Number.NaN, 1])
  expect(series.columns.get('validationLoss')).toEqual([Number.NaN, 5, Number.NaN])
  expect(series.columns.get('trainMae')).toEqual([Number.NaN, 1, Number.NaN])
  expect(series.valueAt('trainLoss', 'epochs', undefined)).toBe(1)
  expect(series.valueAt('trainLoss', 'epochs', 1.5)).toBe(3)
  expect(series.valueAt('trainLoss', 'epochs', 0.5)).toBeUndefined()
})

test('long lines keep their spikes and gaps', () => {
  const values = Array.from({ length: 50_000 }, (_, index) =>
    index === 31_234 ? 99 : index === 12_345 ? Number.NaN : Math.sin(index / 500),
  )
  const places = outlineOf(values, 4000)
  expect(places.length).toBeLessThanOrEqual(4000)
  expect(places).toContain(31_234)
  expect(places).toContain(12_345)
  expect(places).toEqual([...places].sort((a, b) => a - b))
  expect(outlineOf([3, 1, 2], 4000)).toEqual([0, 1, 2])
})
