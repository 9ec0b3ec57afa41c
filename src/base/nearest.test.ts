import { expect, test } from 'vitest'
import { editDistance, nearest } from './nearest.ts'

test('distances of the textbook pairs', () => {
  expect(editDistance('kitten', 'sitting')).toBe(3)
  expect(editDistance('saturday', 'sunday')).toBe(3)
  expect(editDistance('', 'abc')).toBe(3)
  expect(editDistance('tarin', 'train')).toBe(1)
})

test('the nearest candidate, and none when nothing is near', () => {
  const sets = ['mnist', 'fashion-mnist', 'synthetic-digits']
  expect(nearest('fashion-minst', sets)).toBe('fashion-mnist')
  expect(nearest('MNIST', sets)).toBe('mnist')
  expect(nearest('imagenet', sets)).toBeUndefined()
})
