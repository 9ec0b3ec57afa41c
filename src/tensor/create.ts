/** Tensors of constant or regular content. */
import type { DType } from '../base/dtype.ts'
import { ArgumentError } from '../base/errors.ts'
import { makeNode } from '../ir/build.ts'
import { cast, scalar } from '../ir/operations.ts'
import type { Shape } from '../shape/shape.ts'
import { arithmetic, comparison } from './elementwise.ts'
import { Tensor } from './tensor.ts'

/** Every element equal to `value`. */
export function full(shape: Shape, value: number, dtype: DType = 'float32'): Tensor {
  return new Tensor(scalar(value, shape, dtype))
}

export function zeros(shape: Shape, dtype: DType = 'float32'): Tensor {
  return full(shape, 0, dtype)
}

export function ones(shape: Shape, dtype: DType = 'float32'): Tensor {
  return full(shape, 1, dtype)
}

/** 0, 1, … count − 1 along one axis of `shape`, repeated over the others. */
export function iota(shape: Shape, axis: number): Tensor {
  return new Tensor(makeNode('iota', [], { shape, axis }))
}

/** start, start + step, … below `stop`; `arange(n)` counts from 0. int32 when all are whole numbers. */
export function arange(start: number, stop?: number, step = 1): Tensor {
  const [from, to] = stop === undefined ? [0, start] : [start, stop]
  if (step === 0) throw new ArgumentError('arange needs a step other than 0.')
  const index = iota([Math.max(0, Math.ceil((to - from) / step))], 0).node
  return new Tensor(arithmetic('add', arithmetic('mul', index, step), from))
}

/** `count` numbers from `start` to `stop`, both included. */
export function linspace(start: number, stop: number, count: number): Tensor {
  const index = cast(iota([count], 0).node, 'float32')
  return new Tensor(arithmetic('add', arithmetic('mul', index, count > 1 ? (stop - start) / (count - 1) : 0), start))
}

/** The unit matrix. */
export function eye(rows: number, columns = rows): Tensor {
  return new Tensor(cast(comparison('equal', iota([rows, columns], 0).node, iota([rows, columns], 1).node), 'float32'))
}

/** 1 where the last axis equals the class, else 0: `[...] → [..., classes]`, float32. */
export function oneHot(labels: Tensor, classes: number): Tensor {
  const shape = [...labels.shape, classes]
  return labels.unsqueeze(-1).eq(iota(shape, labels.rank)).to('float32')
}
