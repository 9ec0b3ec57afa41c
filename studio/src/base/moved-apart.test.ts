import { expect, test } from 'vitest'
import { movedApart } from './moved-apart.ts'

test('labels that touch move down, and up again from the lowest place; others stay', () => {
  expect(movedApart([], 10, 100)).toEqual([])
  expect(movedApart([5, 50], 10, 100)).toEqual([5, 50])
  expect(movedApart([5, 7, 8], 10, 100)).toEqual([5, 15, 25])
  // Three names at the foot push each other up; the one far above keeps its place.
  expect(movedApart([20, 99, 100, 100], 10, 100)).toEqual([20, 80, 90, 100])
  // Where it stands in the way it makes room.
  expect(movedApart([75, 99, 100, 100], 10, 100)).toEqual([70, 80, 90, 100])
})
