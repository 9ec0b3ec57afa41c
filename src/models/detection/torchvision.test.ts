/** Boxes and region pooling against values of torchvision, which `scripts/references/detection.py` wrote. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { grad, iota, models, tensor } from '../../index.ts'

interface Reference {
  readonly regions: number[][]
  readonly pooled: number[]
  readonly gradient: number[]
  readonly boxes: models.Box[]
  readonly scores: number[]
  readonly labels: number[]
  readonly areas: number[]
  readonly iou: number[][]
  readonly nms: Record<string, number[]>
  readonly batchedNms: Record<string, number[]>
  readonly encoded: number[][]
  readonly deltas: models.BoxDelta[]
  readonly decoded: number[][]
  readonly clipped: number[][]
}

const path = new URL('../../../test/fixtures/detection.json', import.meta.url)
const reference = JSON.parse(readFileSync(path, 'utf8')) as Reference
const { boxes, scores, labels } = reference
const first = boxes.slice(0, 6)
const second = boxes.slice(6, 12)

/** The largest distance between two tables, relative beyond 1. */
function distance(found: readonly (readonly number[])[], expected: readonly (readonly number[])[]): number {
  expect(found.map((row) => row.length)).toEqual(expected.map((row) => row.length))
  const distances = found.flatMap((row, index) =>
    row.map((value, column) => {
      const wanted = expected[index]?.[column] ?? Number.NaN
      return Math.abs(value - wanted) / Math.max(1, Math.abs(wanted))
    }),
  )
  return Math.max(...distances)
}

test('roi_pool: regions inside, beyond every edge, of one cell, with edges on halves; and its gradient', async () => {
  const features = iota([252], 0).mul(37).remainder(101).to('float32').div(10).reshape(2, 2, 7, 9)
  const pooled = models.roiPool(features, tensor(reference.regions), { outputSize: 3, spatialScale: 0.5 })
  expect(pooled.shape).toEqual([6, 2, 3, 3])
  expect(distance([[...(await pooled.data())]], [reference.pooled])).toBeLessThan(1e-6)
  const upstream = iota([108], 0).mul(13).remainder(7).to('float32').reshape(6, 2, 3, 3)
  const [gradient] = grad(pooled.mul(upstream).sum(), [features])
  expect(distance([[...(await gradient.data())]], [reference.gradient])).toBeLessThan(1e-6)
})

test('box_area, box_iou and clip_boxes_to_image', () => {
  expect(first.map(models.boxArea)).toEqual(reference.areas)
  expect(distance(models.boxIoUMatrix(first, second), reference.iou)).toBeLessThan(2e-6)
  const moved = first.map(([x1, y1, x2, y2]): models.Box => [x1 - 10, y1 - 10, x2 - 10, y2 - 10])
  expect(moved.map((box) => models.clipBox(box, { width: 25, height: 30 }))).toEqual(reference.clipped)
})

test.each(Object.entries(reference.nms))('nms at %s', (limit, expected) => {
  expect(models.nonMaximumSuppression(boxes, scores, { iouThreshold: Number(limit) })).toEqual(expected)
})

test.each(Object.entries(reference.batchedNms))('batched_nms at %s', (limit, expected) => {
  expect(models.nonMaximumSuppression(boxes, scores, { iouThreshold: Number(limit), labels })).toEqual(expected)
})

test('BoxCoder, both ways', () => {
  const encoded = first.map((box, index) => models.encodeBox(box, second[index] ?? box))
  expect(distance(encoded, reference.encoded)).toBeLessThan(2e-6)
  const decoded = first.map((box, index) => models.decodeBox(box, reference.deltas[index] ?? [0, 0, 0, 0]))
  expect(distance(decoded, reference.decoded)).toBeLessThan(1e-4)
})
