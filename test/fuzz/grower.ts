/** Grows a random graph: a pool of values to draw operands from, and ways to make any value fit any shape. */
import { at, product, range, sameNumbers } from '../../src/base/arrays.ts'
import { type DType, type TypedArray, toTypedArray } from '../../src/base/dtype.ts'
import { makeNode } from '../../src/ir/build.ts'
import type { Node, VariableRef } from '../../src/ir/node.ts'
import * as ir from '../../src/ir/operations.ts'
import { RandomSequence } from '../../src/random/threefry.ts'
import { elementCount, type Shape } from '../../src/shape/shape.ts'
import { asType, isExact, moved, result, shapeOf, sizeOf, type Value } from './value.ts'

/** A variable and what it holds before the program runs. */
export interface FuzzVariable extends VariableRef {
  readonly data: TypedArray
}

export interface GrowerOptions {
  readonly smooth?: boolean
  readonly whole?: boolean
}

const SIZES = [1, 2, 3, 4, 5, 7, 8, 9, 16, 17, 33]
const MAX_ELEMENTS = 3000

export class Grower {
  readonly random: RandomSequence
  readonly pool: Value[] = []
  readonly variables: FuzzVariable[] = []
  /** Whether values are smooth functions of inputs without kinks, for checks by finite differences. */
  readonly smooth: boolean
  /** Whether all values are whole numbers, which every backend computes without error. */
  readonly whole: boolean
  readonly #emptyShapes: boolean

  constructor(seed: number, options: GrowerOptions = {}) {
    this.random = new RandomSequence(seed, { stream: 77 })
    this.smooth = options.smooth ?? false
    this.whole = options.whole ?? false
    this.#emptyShapes = !this.smooth && this.chance(0.15)
  }

  chance(probability: number): boolean {
    return this.random.uniform() < probability
  }

  /** A whole number from low to high. */
  between(low: number, high: number): number {
    return low + this.random.integer(high - low + 1)
  }

  pick<T>(from: readonly T[]): T {
    return at(from, this.random.integer(from.length))
  }

  /** A value of the pool, later ones more often. */
  value(fits: (value: Value) => boolean = () => true): Value | undefined {
    const candidates = this.pool.filter(fits)
    if (candidates.length === 0) return undefined
    const back = Math.floor(this.random.uniform() ** 2 * candidates.length)
    return candidates[candidates.length - 1 - back]
  }

  shape(maxRank = 4): Shape {
    const rank = this.between(0, maxRank)
    let room = MAX_ELEMENTS
    return range(rank).map(() => {
      if (this.#emptyShapes && this.chance(0.06)) return 0
      const size = this.chance(0.2) ? 1 : this.pick(SIZES.filter((each) => each <= room))
      room = Math.max(1, Math.floor(room / size))
      return size
    })
  }

  fitsMemory(shape: Shape): boolean {
    return elementCount(shape) <= MAX_ELEMENTS
  }

  #data(shape: Shape, dtype: DType, whole: boolean): { data: TypedArray; bound: number } {
    const count = elementCount(shape)
    if (dtype === 'bool')
      return {
        data: toTypedArray(
          dtype,
          this.#draw(count, () => this.random.integer(2)),
        ),
        bound: 1,
      }
    if (dtype === 'uint8') {
      return {
        data: toTypedArray(
          dtype,
          this.#draw(count, () => this.random.integer(256)),
        ),
        bound: 255,
      }
    }
    if (dtype === 'int32' || whole) {
      return {
        data: toTypedArray(
          dtype,
          this.#draw(count, () => this.between(-6, 6)),
        ),
        bound: 6,
      }
    }
    return {
      data: toTypedArray(
        dtype,
        this.#draw(count, () => 4 * this.random.uniform() - 2),
      ),
      bound: 2,
    }
  }

  #draw(count: number, next: () => number): number[] {
    return Array.from({ length: count }, next)
  }

  #leaf(shape: Shape, dtype: DType): Value {
    const whole = dtype !== 'float32' || (!this.smooth && (this.chance(0.6) || this.whole))
    const { data, bound } = this.#data(shape, dtype, whole)
    const error = whole ? 0 : bound * 1e-7
    if (!this.smooth && this.chance(0.35)) {
      const variable: FuzzVariable = { id: this.variables.length, shape, dtype, data }
      this.variables.push(variable)
      return { node: makeNode('variable', [], { variable }), bound, error }
    }
    return { node: makeNode('input', [], { source: { data }, shape, dtype }), bound, error }
  }

  input(shape: Shape = this.shape(), dtype?: DType): Value {
    const types: DType[] = ['float32', 'float32', 'float32', 'float32', 'int32', 'int32', 'bool', 'uint8']
    return this.#leaf(shape, dtype ?? (this.smooth ? 'float32' : this.pick(types)))
  }

  /** Whole numbers to index with; some lie outside every range. */
  indices(shape: Shape): Value {
    const value = this.smooth ? undefined : this.value((each) => each.node.dtype === 'int32')
    if (value && this.chance(0.3)) return this.fit(value, shape)
    const data = Int32Array.from({ length: elementCount(shape) }, () => this.between(-2, 11))
    return { node: makeNode('input', [], { source: { data }, shape, dtype: 'int32' }), bound: 11, error: 0 }
  }

  /** A value of the same element type in this shape: from the pool if one fits, else a new leaf. */
  like(shape: Shape, dtype: DType, fits: (value: Value) => boolean = () => true): Value {
    const found = this.chance(0.85) ? this.value((each) => sizeOf(each) > 0 && fits(each)) : undefined
    const cast = found && asType(found, dtype)
    return cast ? this.fit(cast, shape) : this.input(shape, dtype)
  }

  /** The elements of `value` in another shape, by whatever movement does it. */
  fit(value: Value, shape: Shape): Value {
    if (sameNumbers(shapeOf(value), shape)) return value
    if (sizeOf(value) === elementCount(shape) && this.chance(0.5)) return moved(value, ir.reshape(value.node, shape))
    let fitted = this.#sameRank(value, shape)
    for (const axis of range(shape.length)) fitted = this.#fitAxis(fitted, axis, at(shape, axis))
    return fitted
  }

  #sameRank(value: Value, shape: Shape): Value {
    const own = shapeOf(value)
    const extra = own.length - shape.length
    if (extra === 0) return value
    if (extra < 0) return moved(value, ir.reshape(value.node, [...range(-extra).map(() => 1), ...own]))
    if (shape.length === 0) return moved(value, ir.reshape(this.#one(value).node, []))
    return moved(value, ir.reshape(value.node, [product(own.slice(0, extra + 1)), ...own.slice(extra + 1)]))
  }

  /** A single element. */
  #one(value: Value): Value {
    let node = value.node
    shapeOf(value).forEach((size, axis) => {
      node = ir.sliceAxis(node, axis, this.random.integer(size), 1)
    })
    return moved(value, node)
  }

  #fitAxis(value: Value, axis: number, wanted: number): Value {
    const { node } = value
    const size = at(node.shape, axis)
    if (size === wanted) return value
    if (size === 1) return moved(value, ir.broadcastTo(node, node.shape.with(axis, wanted)))
    if (size > wanted) return moved(value, this.#cut(node, axis, wanted))
    if (this.chance(0.5) || size === 0) {
      const before = this.between(0, wanted - size)
      return this.pad(
        value,
        node.shape.map((_, each) => (each === axis ? [before, wanted - size - before] : [0, 0])),
      )
    }
    const last = ir.iota(node.shape.with(axis, wanted), axis)
    const index = ir.mod(last, ir.scalarLike(last, size))
    return moved(value, ir.gather(node, index, axis))
  }

  #cut(node: Node, axis: number, wanted: number): Node {
    const size = at(node.shape, axis)
    const step = wanted < 2 ? 1 : this.between(1, Math.floor((size - 1) / (wanted - 1)))
    const start = this.random.integer(Math.max(1, size - (wanted - 1) * step))
    const one = node.shape.map(() => 1)
    return ir.slice(
      node,
      node.shape.map((_, each) => (each === axis ? start : 0)),
      node.shape.with(axis, wanted),
      one.with(axis, step),
    )
  }

  pad(value: Value, padding: readonly (readonly [number, number])[]): Value {
    const border = value.node.dtype === 'bool' ? this.random.integer(2) : this.random.integer(4)
    const node = ir.pad(value.node, padding, border)
    return result(node, Math.max(value.bound, border), value.error, isExact(value))
  }
}
