/**
 * Picking and placing elements by number, and operations composed of that: `gather`, `indexSelect`, `scatterAdd`, running sums,
 * triangles, the k largest. Numbers outside an axis are clamped to its ends by the primitives.
 */
import { at, range } from '../base/arrays.ts'
import { ArgumentError, ShapeError } from '../base/errors.ts'
import { makeNode } from '../ir/build.ts'
import { cast } from '../ir/operations.ts'
import { broadcastShapes, formatShape, normalizeAxis } from '../shape/shape.ts'
import { iota } from './create.ts'

import { concat, fromTypedArray, Tensor, type TensorLike, where } from './tensor.ts'

/** Whole numbers as a tensor or as an array of one axis. */
export type Indices = Tensor | readonly number[] | Int32Array

function indexTensor(indices: Indices, what: string): Tensor {
  if (!(indices instanceof Tensor)) return fromTypedArray(Int32Array.from(indices), [indices.length], 'int32')
  if (indices.dtype === 'float32' || indices.dtype === 'bool') {
    throw new ArgumentError(`${what} takes whole numbers as indices, given ${indices.dtype}; convert with to('int32').`)
  }
  return new Tensor(cast(indices.node, 'int32'))
}

/** The first elements of every axis but `axis`, as many as `like` has. */
function cropTo(x: Tensor, like: Tensor, axis: number, what: string): Tensor {
  const padding = x.shape.map((size, index) => [0, index === axis ? 0 : (like.shape[index] ?? 0) - size] as const)
  if (x.rank !== like.rank || padding.some(([, after]) => after > 0)) {
    throw new ShapeError(
      `${what} along axis ${axis} needs indices of the rank of the input that are no larger off that axis, given input ` +
        `${formatShape(x.shape)} and indices ${formatShape(like.shape)}.`,
    )
  }
  return x.pad(padding)
}

/**
 * out[…, i, …] = x[…, indices[…, i, …], …] along `axis`, PyTorch's `gather`. The indices have the rank of x; off the axis they may
 * be smaller, which takes the first elements. Throws ShapeError when they are larger there.
 *
 * @example
 * import { gather, tensor } from 'cognitron'
 * const picked = gather(tensor([[1, 2], [3, 4]]), 1, tensor([[1], [0]], { dtype: 'int32' }))
 * console.log(await picked.toArray()) // [[2], [3]]
 */
export function gather(x: Tensor, axis: number, indices: Tensor): Tensor {
  const position = normalizeAxis(axis, x.rank)
  const whole = indexTensor(indices, 'gather')
  return new Tensor(makeNode('gather', [cropTo(x, whole, position, 'gather').node, whole.node], { axis: position }))
}

/**
 * As `gather`, but x and the indices broadcast against each other off the axis (NumPy's `take_along_axis`).
 *
 * @throws ShapeError when x and the indices do not broadcast off the axis.
 * @example
 * import { takeAlongAxis, tensor } from 'cognitron'
 * const x = tensor([[30, 10, 20]])
 * console.log(await takeAlongAxis(x, tensor([[1, 2, 0]], { dtype: 'int32' })).toArray()) // [[10, 20, 30]]
 */
export function takeAlongAxis(x: Tensor, indices: Tensor, axis = -1): Tensor {
  const position = normalizeAxis(axis, x.rank)
  if (indices.rank !== x.rank) {
    throw new ShapeError(
      `takeAlongAxis needs indices of the rank of the input, given ${formatShape(indices.shape)} for ${formatShape(x.shape)}.`,
    )
  }
  const off = broadcastShapes(x.shape.with(position, 1), indices.shape.with(position, 1))
  const values = x.expand(...off.with(position, at(x.shape, position)))
  return gather(values, position, indices.expand(...off.with(position, at(indices.shape, position))))
}

/**
 * The elements of an axis with the given numbers, in their order: `[…, n, …] → […, indices.length, …]`.
 * Throws ArgumentError when an array of indices has one outside the axis.
 *
 * @throws ArgumentError for an index outside the axis; ShapeError for indices of several axes.
 * @example
 * import { indexSelect, tensor } from 'cognitron'
 * console.log(await indexSelect(tensor([10, 20, 30]), 0, [2, 0]).toArray()) // [30, 10]
 */
export function indexSelect(x: Tensor, axis: number, indices: Indices): Tensor {
  const position = normalizeAxis(axis, x.rank)
  const size = at(x.shape, position)
  if (!(indices instanceof Tensor)) {
    const wrong = Array.from(indices).find((index) => !Number.isInteger(index) || index < 0 || index >= size)
    if (wrong !== undefined) {
      throw new ArgumentError(`index ${wrong} is outside an axis of ${size} elements; use 0 to ${size - 1}.`)
    }
  }
  const list = indexTensor(indices, 'indexSelect')
  if (list.rank !== 1) {
    throw new ShapeError(`indexSelect takes one axis of indices, given shape ${formatShape(list.shape)}.`)
  }
  const aligned = list.reshape(...x.shape.map((_, index) => (index === position ? -1 : 1)))
  const everywhere = aligned.expand(...x.shape.with(position, list.size))
  return new Tensor(makeNode('gather', [x.node, everywhere.node], { axis: position }))
}

/**
 * x with out[…, indices[…, i, …], …] += source[…, i, …] along `axis`. Source and indices have one shape; off the axis it is that
 * of x. Throws ShapeError otherwise.
 *
 * @example
 * import { scatterAdd, tensor, zeros } from 'cognitron'
 * const places = tensor([0, 2, 0], { dtype: 'int32' })
 * console.log(await scatterAdd(zeros([3]), 0, places, tensor([1, 2, 3])).toArray()) // [4, 0, 2]
 */
export function scatterAdd(x: Tensor, axis: number, indices: Tensor, source: Tensor): Tensor {
  const position = normalizeAxis(axis, x.rank)
  const fits =
    formatShape(indices.shape) === formatShape(source.shape) &&
    indices.rank === x.rank &&
    indices.shape.every((size, index) => index === position || size === x.shape[index])
  if (!fits) {
    throw new ShapeError(
      `scatterAdd along axis ${axis} of ${formatShape(x.shape)} needs indices and source of one shape that differs from it on ` +
        `that axis alone, given ${formatShape(indices.shape)} and ${formatShape(source.shape)}.`,
    )
  }
  const operands = [source.to(x.dtype).node, indexTensor(indices, 'scatterAdd').node]
  return x.add(new Tensor(makeNode('scatterAdd', operands, { axis: position, size: at(x.shape, position) })))
}

/**
 * `value` where the mask holds, x elsewhere; the mask broadcasts.
 *
 * @example
 * import { maskedFill, tensor } from 'cognitron'
 * const x = tensor([1, 2, 3])
 * console.log(await maskedFill(x, x.gt(1), 0).toArray()) // [1, 0, 0]
 */
export function maskedFill(x: Tensor, mask: Tensor, value: TensorLike): Tensor {
  return where(mask, value, x)
}

/**
 * Running sums along `axis`: out[i] = x[0] + … + x[i], added in ⌈log₂ n⌉ sweeps. Any shape, same shape.
 *
 * @example
 * import { cumsum, tensor } from 'cognitron'
 * console.log(await cumsum(tensor([1, 2, 3]), 0).toArray()) // [1, 3, 6]
 */
export function cumsum(x: Tensor, axis: number): Tensor {
  const position = normalizeAxis(axis, x.rank)
  const size = at(x.shape, position)
  let sums = x
  for (let distance = 1; distance < size; distance *= 2) {
    const shift = range(x.rank).map((index) =>
      index === position ? ([distance, -distance] as const) : ([0, 0] as const),
    )
    sums = sums.add(sums.pad(shift))
  }
  return sums
}

function triangle(x: Tensor, keep: (row: Tensor, column: Tensor) => Tensor): Tensor {
  if (x.rank < 2) throw new ShapeError(`triangles are of matrices [..., n, m], given shape ${formatShape(x.shape)}.`)
  const sizes = x.shape.slice(-2)
  return where(keep(iota(sizes, 0), iota(sizes, 1)), x, 0)
}

/**
 * The lower triangle of `[..., n, m]`, the rest 0; `diagonal` moves its edge to the right.
 *
 * @example
 * import { ones, tril } from 'cognitron'
 * console.log(await tril(ones([2, 2])).toArray()) // [[1, 0], [1, 1]]
 */
export function tril(x: Tensor, diagonal = 0): Tensor {
  return triangle(x, (row, column) => column.le(row.add(diagonal)))
}

/**
 * The upper triangle of `[..., n, m]`, the rest 0; `diagonal` moves its edge to the right.
 *
 * @example
 * import { ones, triu } from 'cognitron'
 * console.log(await triu(ones([2, 2])).toArray()) // [[1, 1], [0, 1]]
 */
export function triu(x: Tensor, diagonal = 0): Tensor {
  return triangle(x, (row, column) => column.ge(row.add(diagonal)))
}

/** The largest elements along an axis in falling order and their positions (int32). */
export interface TopK {
  readonly values: Tensor
  readonly indices: Tensor
}

/**
 * The k largest elements along `axis` (default: the last), first of equal ones first: `[…, n, …] → […, k, …]`. It takes k passes,
 * so k should be small. Throws ArgumentError unless 1 ≤ k ≤ n.
 *
 * @example
 * import { tensor, topK } from 'cognitron'
 * const { values, indices } = topK(tensor([3, 9, 4]), 2)
 * console.log(await values.toArray(), await indices.toArray()) // [9, 4] [1, 2]
 */
export function topK(x: Tensor, k: number, axis = -1): TopK {
  const position = normalizeAxis(axis, x.rank)
  const size = at(x.shape, position)
  if (!Number.isInteger(k) || k < 1 || k > size) {
    throw new ArgumentError(`topK takes a whole number from 1 to ${size}, the size of axis ${axis}; given ${k}.`)
  }
  const numbers = iota(x.shape, position)
  const lowest = x.dtype === 'float32' ? Number.NEGATIVE_INFINITY : -(2 ** 31)
  let taken: Tensor | undefined
  const indices = range(k).map(() => {
    // Taken elements stay out even when all that is left equals the lowest value.
    const open = taken ? where(taken, lowest, x) : x
    const lifted = taken ? firstOpen(open, taken, position, lowest) : open.argmax(position, { keepDim: true })
    const hit = numbers.eq(lifted)
    taken = taken ? taken.logicalOr(hit) : hit
    return lifted
  })
  const all = concat(indices, position)
  return { values: gather(x, position, all), indices: all }
}

/** The first largest element that is not taken; when all open ones are −∞, the first open one. */
function firstOpen(open: Tensor, taken: Tensor, axis: number, lowest: number): Tensor {
  const best = open.argmax(axis, { keepDim: true })
  const anyLeft = open.max(axis, { keepDim: true }).eq(lowest).logicalNot()
  return where(anyLeft, best, taken.logicalNot().to('int32').argmax(axis, { keepDim: true }))
}

/**
 * Splits an axis into parts of `size` elements, the last perhaps smaller. Throws ArgumentError when size < 1.
 *
 * @example
 * import { split, zeros } from 'cognitron'
 * console.log(split(zeros([5, 2]), 2).map(({ shape }) => shape)) // [[2, 2], [2, 2], [1, 2]]
 */
export function split(x: Tensor, size: number, axis = 0): Tensor[] {
  if (!Number.isInteger(size) || size < 1) throw new ArgumentError(`split needs parts of at least 1, given ${size}.`)
  const length = at(x.shape, normalizeAxis(axis, x.rank))
  return range(Math.max(1, Math.ceil(length / size))).map((part) => x.slice(axis, part * size, (part + 1) * size))
}

/**
 * Splits an axis into `count` parts of nearly equal size, PyTorch's `chunk`.
 *
 * @example
 * import { chunk, zeros } from 'cognitron'
 * console.log(chunk(zeros([5, 2]), 2).map(({ shape }) => shape)) // [[3, 2], [2, 2]]
 */
export function chunk(x: Tensor, count: number, axis = 0): Tensor[] {
  const length = at(x.shape, normalizeAxis(axis, x.rank))
  return split(x, Math.max(1, Math.ceil(length / count)), axis)
}

/**
 * The parts along an axis without that axis.
 *
 * @example
 * import { tensor, unbind } from 'cognitron'
 * const [first, second] = unbind(tensor([[1, 2], [3, 4]]))
 * console.log(await first?.toArray(), await second?.toArray()) // [1, 2] [3, 4]
 */
export function unbind(x: Tensor, axis = 0): Tensor[] {
  return split(x, 1, axis).map((part) => part.squeeze(axis))
}

/**
 * x repeated `counts[i]` times along axis i, PyTorch's `Tensor.repeat`.
 *
 * @example
 * import { tensor, tile } from 'cognitron'
 * console.log(await tile(tensor([1, 2]), [2, 2]).toArray()) // [[1, 2, 1, 2], [1, 2, 1, 2]]
 */
export function tile(x: Tensor, counts: readonly number[]): Tensor {
  return counts.reduce(
    (result, count, index) => {
      const axis = index - counts.length
      return count === 1 ? result : concat(Array<Tensor>(count).fill(result), axis)
    },
    x.reshape(...Array<number>(Math.max(0, counts.length - x.rank)).fill(1), ...x.shape),
  )
}
