/** Tensors of constant or regular content. */
import type { DType } from '../base/dtype.ts'
import { ArgumentError } from '../base/errors.ts'
import { makeNode } from '../ir/build.ts'
import { cast, scalar } from '../ir/operations.ts'
import type { Shape } from '../shape/shape.ts'
import { arithmetic, comparison } from './elementwise.ts'
import { Tensor } from './tensor.ts'

/**
 * Every element equal to `value`.
 *
 * @example
 * import { full } from 'cognitron'
 * console.log(await full([2, 2], 7).toArray()) // [[7, 7], [7, 7]]
 */
export function full(shape: Shape, value: number, dtype: DType = 'float32'): Tensor {
  return new Tensor(scalar(value, shape, dtype))
}

/**
 * Every element 0.
 *
 * @example
 * import { zeros } from 'cognitron'
 * console.log(await zeros([2, 2]).toArray()) // [[0, 0], [0, 0]]
 */
export function zeros(shape: Shape, dtype: DType = 'float32'): Tensor {
  return full(shape, 0, dtype)
}

/**
 * Every element 1.
 *
 * @example
 * import { ones } from 'cognitron'
 * console.log(await ones([3], 'int32').toArray()) // [1, 1, 1]
 */
export function ones(shape: Shape, dtype: DType = 'float32'): Tensor {
  return full(shape, 1, dtype)
}

/**
 * 0, 1, … count − 1 along one axis of `shape`, repeated over the others.
 *
 * @example
 * import { iota } from 'cognitron'
 * console.log(await iota([2, 3], 1).toArray()) // [[0, 1, 2], [0, 1, 2]]
 */
export function iota(shape: Shape, axis: number): Tensor {
  return new Tensor(makeNode('iota', [], { shape, axis }))
}

/**
 * start, start + step, … below `stop`; `arange(n)` counts from 0. int32 when all are whole numbers.
 *
 * @throws ArgumentError for a step of 0.
 * @example
 * import { arange } from 'cognitron'
 * console.log(await arange(1, 2, 0.25).toArray()) // [1, 1.25, 1.5, 1.75]
 */
export function arange(start: number, stop?: number, step = 1): Tensor {
  const [from, to] = stop === undefined ? [0, start] : [start, stop]
  if (step === 0) throw new ArgumentError('arange needs a step other than 0.')
  const index = iota([Math.max(0, Math.ceil((to - from) / step))], 0).node
  return new Tensor(arithmetic('add', arithmetic('mul', index, step), from))
}

/**
 * `count` numbers from `start` to `stop`, both included.
 *
 * @example
 * import { linspace } from 'cognitron'
 * console.log(await linspace(0, 1, 5).toArray()) // [0, 0.25, 0.5, 0.75, 1]
 */
export function linspace(start: number, stop: number, count: number): Tensor {
  const index = cast(iota([count], 0).node, 'float32')
  return new Tensor(arithmetic('add', arithmetic('mul', index, count > 1 ? (stop - start) / (count - 1) : 0), start))
}

/**
 * The unit matrix.
 *
 * @example
 * import { eye } from 'cognitron'
 * console.log(await eye(2).toArray()) // [[1, 0], [0, 1]]
 */
export function eye(rows: number, columns = rows): Tensor {
  return new Tensor(cast(comparison('equal', iota([rows, columns], 0).node, iota([rows, columns], 1).node), 'float32'))
}

/**
 * 1 where the last axis equals the class, else 0: `[...] → [..., classes]`, float32.
 *
 * @example
 * import { oneHot, tensor } from 'cognitron'
 * console.log(await oneHot(tensor([2, 0], { dtype: 'int32' }), 3).toArray()) // [[0, 0, 1], [1, 0, 0]]
 */
export function oneHot(labels: Tensor, classes: number): Tensor {
  const shape = [...labels.shape, classes]
  return labels.unsqueeze(-1).eq(iota(shape, labels.rank)).to('float32')
}
