import { expect, test } from 'vitest'
import { classCounts } from '../dataset.ts'
import { sceneShapes, shapeScenes } from './shape-scenes.ts'

test('every class equally often, the same bytes for a seed, other scenes in the other part', () => {
  const { dataset, masks, boxes } = shapeScenes('train', { count: 12, size: 24 })
  expect([...classCounts(dataset)]).toEqual([3, 3, 3, 3])
  expect(dataset.classNames).toEqual([...sceneShapes])
  const again = shapeScenes('train', { count: 12, size: 24 })
  expect([again.dataset.rawInputs, again.masks, again.boxes]).toEqual([dataset.rawInputs, masks, boxes])
  expect(shapeScenes('test', { count: 12, size: 24 }).dataset.rawInputs).not.toEqual(dataset.rawInputs)
})

test('the box is that of the mask, and the shape is brighter than its surroundings', () => {
  const size = 32
  const { dataset, masks, boxes } = shapeScenes('test', { count: 40, size })
  for (let scene = 0; scene < 40; scene++) {
    const mask = masks.subarray(scene * size * size, (scene + 1) * size * size)
    const places = [...mask].flatMap((value, place) =>
      value ? [[place % size, Math.floor(place / size)] as const] : [],
    )
    const xs = places.map(([x]) => x)
    const ys = places.map(([, y]) => y)
    const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs) + 1, Math.min(...ys), Math.max(...ys) + 1]
    const expected = [(left + right) / 2, (top + bottom) / 2, right - left, bottom - top].map((each) => each / size)
    const box = boxes.subarray(scene * 4, scene * 4 + 4)
    expect(box).toEqual(Float32Array.from(expected))
    const { input } = dataset.get(scene)
    const mean = (wanted: number): number => {
      const chosen = [...mask].flatMap((value, place) => (value === wanted ? [input[place] as number] : []))
      return chosen.reduce((sum, value) => sum + value, 0) / chosen.length
    }
    expect(mean(1)).toBeGreaterThan(mean(0) + 0.1)
  }
})

test('options out of range are refused', () => {
  expect(() => shapeScenes('train', { count: 0 })).toThrow(
    'the count of shape scenes is a whole number of at least 1, given 0',
  )
  expect(() => shapeScenes('train', { size: 8 })).toThrow('a whole number from 16 to 1024, given 8')
  expect(() => shapeScenes('train', { classes: 5 })).toThrow('a whole number from 2 to 4, given 5')
})
