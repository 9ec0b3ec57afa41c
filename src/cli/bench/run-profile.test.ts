import { expect, test } from 'vitest'
import { memoryTerminal } from '../../../test/support/memory-terminal.ts'
import { profileLines, summarise } from './run-profile.ts'

const peaks = { gflops: 40, gigabytesPerSecond: 10 }
const profile = summarise(
  'tiny',
  [
    { name: 'map0', description: 'one result over 10', ms: 0.5, multiplyAdds: 0, bytes: 1e6 },
    {
      name: 'contract1',
      description: '[10, 10] over a very long description',
      ms: 1.5,
      multiplyAdds: 15e6,
      bytes: 3e6,
    },
  ],
  peaks,
)

test('rates and shares by hand, slowest first', () => {
  const [first, second] = profile.kernels
  // 2 × 15 million in 1.5 ms are 20 GFLOP/s; 3 million bytes in it 2 GB/s.
  expect(first).toMatchObject({
    name: 'contract1',
    share: 0.75,
    gflops: 20,
    ofPeakGflops: 0.5,
    gigabytesPerSecond: 2,
    ofPeakGigabytesPerSecond: 0.2,
  })
  expect(second).toMatchObject({ name: 'map0', share: 0.25, gflops: 0, gigabytesPerSecond: 2 })
  expect(profile.total).toMatchObject({ description: '2 kernels', ms: 2, multiplyAdds: 15e6, bytes: 4e6, gflops: 15 })
})

test('a table whose descriptions give way on a narrow terminal', () => {
  const wide = profileLines(profile, memoryTerminal({ isTerminal: true, columns: 120 }).terminal.output)
  expect(wide).toEqual([
    'tiny on one thread',
    'the most this machine does: 40.0 GFLOP/s, 10.0 GB/s',
    '',
    'kernel     what it does                               ms    share  GFLOP/s  of peak  GB/s  of peak',
    'contract1  [10, 10] over a very long description   1.500   75.0 %     20.0     50 %   2.0     20 %',
    'map0       one result over 10                     0.5000   25.0 %                     2.0     20 %',
    'total      2 kernels                               2.000  100.0 %     15.0     38 %   2.0     20 %',
  ])
  const narrow = profileLines(profile, memoryTerminal({ isTerminal: true, columns: 80 }).terminal.output)
  expect(narrow[4]).toBe('contract1  [10, 10] over a ve…   1.500   75.0 %     20.0     50 %   2.0     20 %')
  expect(Math.max(...narrow.slice(3).map((line) => line.length))).toBe(80)
})

test('nothing measurable is no division by zero', () => {
  const { total, kernels } = summarise(
    'instant',
    [{ name: 'map0', description: '', ms: 0, multiplyAdds: 0, bytes: 8 }],
    peaks,
  )
  expect(total).toMatchObject({ share: 0, gflops: 0, gigabytesPerSecond: 0 })
  expect(kernels).toHaveLength(1)
})
