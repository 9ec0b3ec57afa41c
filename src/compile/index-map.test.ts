/** Index maps by hand: positions in buffers, reshapes that can and cannot be followed, views. */
import { describe, expect, it } from 'vitest'
import { tensorOf } from '../../test/support/nodes.ts'
import { range } from '../base/arrays.ts'
import { makeNode } from '../ir/build.ts'
import type { NodeOf } from '../ir/node.ts'
import { RandomSequence } from '../random/threefry.ts'
import { contiguousStrides } from '../shape/shape.ts'
import type { Affine } from './expression.ts'
import { delinearize, type IndexMap, identityMap, linearize, viewRules } from './index-map.ts'

const affine = (offset: number, ...strides: number[]): Affine => ({ offset, strides })

describe('linearize', () => {
  it('gives row-major positions', () => {
    expect(linearize(identityMap([2, 3, 4]), [2, 3, 4], 3)).toEqual(affine(0, 12, 4, 1))
  })

  it('adds offsets, and leaves axes of size 1 out', () => {
    // Index (i + 1, 7, 2j) of [4, 1, 5].
    expect(linearize([affine(1, 1, 0), affine(7, 0, 0), affine(0, 0, 2)], [4, 1, 5], 2)).toEqual(affine(5, 5, 2))
  })

  it('of a scalar is 0', () => {
    expect(linearize([], [], 0)).toEqual(affine(0))
  })
})

describe('delinearize', () => {
  it.each<[string, Affine, number[], number[], IndexMap | undefined]>([
    ['splits an axis: loops 2 × 3 in [6]', affine(0, 3, 1), [6], [2, 3], [affine(0, 3, 1)]],
    ['joins loops 6 into [2, 3] only by division', affine(0, 1), [2, 3], [6], undefined],
    ['keeps axes that match', affine(0, 3, 1), [2, 3], [2, 3], [affine(0, 1, 0), affine(0, 0, 1)]],
    [
      'finds [2, 3] behind loops 2 × 3 × 1',
      affine(0, 3, 1, 9),
      [2, 3],
      [2, 3, 1],
      [affine(0, 1, 0, 0), affine(0, 0, 1, 0)],
    ],
    ['puts the offset where it belongs', affine(4, 0, 1), [3, 3], [2, 2], [affine(1, 0, 0), affine(1, 0, 1)]],
    ['refuses what leaves a row', affine(2, 0, 1), [2, 3], [2, 2], undefined],
    ['follows steps', affine(0, 6, 2), [2, 6], [2, 3], [affine(0, 1, 0), affine(0, 0, 2)]],
    ['follows a loop that runs backwards', affine(5, -1), [6], [6], [affine(5, -1)]],
    ['refuses a backward loop across rows', affine(5, -1), [2, 3], [6], undefined],
    ['a backward loop over rows', affine(3, -3, 1), [2, 3], [2, 3], [affine(1, -1, 0), affine(0, 0, 1)]],
    ['a repeated loop has stride 0', affine(0, 0, 1), [1, 3], [4, 3], [affine(0, 0, 0), affine(0, 0, 1)]],
    [
      'passes axes of size 1 by',
      affine(0, 3, 1),
      [2, 1, 3],
      [2, 3],
      [affine(0, 1, 0), affine(0, 0, 0), affine(0, 0, 1)],
    ],
    ['a scalar', affine(0), [], [], []],
    ['refuses positions before the buffer', affine(-1, 1), [4], [3], undefined],
  ])('%s', (_, linear, shape, extents, expected) => {
    expect(delinearize(linear, shape, extents)).toEqual(expected)
  })

  it('is the inverse of linearize wherever it answers', () => {
    const random = new RandomSequence(3)
    let answers = 0
    for (const _ of range(2000)) {
      const shape = range(1 + random.integer(4)).map(() => 1 + random.integer(4))
      const extents = range(1 + random.integer(3)).map(() => 1 + random.integer(4))
      const linear = affine(random.integer(6), ...extents.map(() => random.integer(13) - 4))
      const map = delinearize(linear, shape, extents)
      if (!map) continue
      answers += 1
      for (const point of points(extents)) {
        const index = map.map((axis) => valueAt(axis, point))
        index.forEach((each, axis) => {
          expect(each).toBeGreaterThanOrEqual(0)
          expect(each).toBeLessThan(shape[axis] ?? 0)
        })
        const position = contiguousStrides(shape).reduce((sum, stride, axis) => sum + stride * (index[axis] ?? 0), 0)
        expect(position).toBe(valueAt(linear, point))
      }
    }
    expect(answers).toBeGreaterThan(100)
  })
})

const valueAt = ({ offset, strides }: Affine, point: readonly number[]): number =>
  strides.reduce((sum, stride, loop) => sum + stride * (point[loop] ?? 0), offset)

function points(extents: readonly number[]): number[][] {
  return extents.reduce<number[][]>(
    (all, extent) => all.flatMap((point) => range(extent).map((index) => [...point, index])),
    [[]],
  )
}

describe('views', () => {
  const x = tensorOf(range(12), [3, 4])
  const view = <P extends 'transpose' | 'broadcast' | 'slice' | 'flip'>(node: unknown) => node as NodeOf<P>

  it('transpose: axis a of the result is axis permutation[a] of the operand', () => {
    const node = view<'transpose'>(makeNode('transpose', [x], { permutation: [1, 0] }))
    expect(viewRules.transpose(node, identityMap([4, 3]), 2)).toEqual([affine(0, 0, 1), affine(0, 1, 0)])
  })

  it('broadcast: repeated axes stand still', () => {
    const row = tensorOf([1, 2, 3, 4], [1, 4])
    const node = view<'broadcast'>(makeNode('broadcast', [row], { shape: [3, 4] }))
    expect(viewRules.broadcast(node, identityMap([3, 4]), 2)).toEqual([affine(0, 0, 0), affine(0, 0, 1)])
  })

  it('slice: start + step · index', () => {
    const node = view<'slice'>(makeNode('slice', [x], { start: [1, 0], size: [2, 2], step: [1, 3] }))
    expect(viewRules.slice(node, identityMap([2, 2]), 2)).toEqual([affine(1, 1, 0), affine(0, 0, 3)])
  })

  it('flip: last − index', () => {
    const node = view<'flip'>(makeNode('flip', [x], { axes: [1] }))
    expect(viewRules.flip(node, identityMap([3, 4]), 2)).toEqual([affine(0, 1, 0), affine(3, 0, -1)])
  })
})
