/** Layers that put a border around images. The arithmetic is `tensor/padding.ts`. */
import { ArgumentError, ShapeError } from '../base/errors.ts'
import { formatShape } from '../shape/shape.ts'
import type { Tensor } from '../tensor/index.ts'
import { type PaddingMode, pad } from '../tensor/padding.ts'
import { Module } from './module.ts'

/** One number for every side, or [before, after] of each spatial axis, the last axis first. */
export type BorderSize = number | readonly number[]

/** What all padding layers share. */
abstract class Padding extends Module {
  readonly padding: readonly number[]
  readonly value: number
  protected abstract readonly mode: PaddingMode

  constructor(padding: BorderSize, rank: number, value = 0) {
    super()
    this.padding = typeof padding === 'number' ? Array<number>(2 * rank).fill(padding) : padding
    this.value = value
    if (this.padding.length !== 2 * rank) {
      throw new ArgumentError(
        `${this.constructor.name} takes one number or ${2 * rank} numbers, given ${JSON.stringify(padding)}.`,
      )
    }
  }

  override forward(x: Tensor): Tensor {
    if (x.rank < this.padding.length / 2 + 1) {
      throw new ShapeError(
        `expected channels and ${this.padding.length / 2} spatial axes, given ${formatShape(x.shape)}.`,
      )
    }
    return pad(x, this.padding, { mode: this.mode, value: this.value })
  }

  override extraRepr(): string {
    return formatShape(this.padding)
  }
}

/**
 * A border of zeros around `[batch, channels, length]`.
 *
 * @example
 * import { nn, tensor } from 'cognitron'
 * console.log(await new nn.ZeroPad1d([1, 2]).forward(tensor([[[7, 8]]])).toArray()) // [[[0, 7, 8, 0, 0]]]
 */
export class ZeroPad1d extends Padding {
  constructor(padding: BorderSize) {
    super(padding, 1)
  }

  protected override get mode(): PaddingMode {
    return 'constant'
  }
}

/**
 * A border of zeros around `[batch, channels, height, width]`.
 *
 * @example
 * import { nn, zeros } from 'cognitron'
 * console.log(new nn.ZeroPad2d(1).forward(zeros([1, 3, 8, 8])).shape) // [1, 3, 10, 10]
 */
export class ZeroPad2d extends Padding {
  constructor(padding: BorderSize) {
    super(padding, 2)
  }

  protected override get mode(): PaddingMode {
    return 'constant'
  }
}

/**
 * A border of zeros around `[batch, channels, depth, height, width]`.
 *
 * @example
 * import { nn, zeros } from 'cognitron'
 * console.log(new nn.ZeroPad3d(1).forward(zeros([1, 3, 4, 8, 8])).shape) // [1, 3, 6, 10, 10]
 */
export class ZeroPad3d extends Padding {
  constructor(padding: BorderSize) {
    super(padding, 3)
  }

  protected override get mode(): PaddingMode {
    return 'constant'
  }
}

/**
 * A border of a constant around `[batch, channels, length]`.
 *
 * @example
 * import { nn, tensor } from 'cognitron'
 * console.log(await new nn.ConstantPad1d(1, 9).forward(tensor([[[7, 8]]])).toArray()) // [[[9, 7, 8, 9]]]
 */
export class ConstantPad1d extends Padding {
  constructor(padding: BorderSize, value: number) {
    super(padding, 1, value)
  }

  protected override get mode(): PaddingMode {
    return 'constant'
  }
}

/**
 * A border of a constant around `[batch, channels, height, width]`.
 *
 * @example
 * import { nn, ones } from 'cognitron'
 * console.log(await new nn.ConstantPad2d([0, 1, 0, 0], 9).forward(ones([1, 1, 1, 2])).toArray()) // [[[[1, 1, 9]]]]
 */
export class ConstantPad2d extends Padding {
  constructor(padding: BorderSize, value: number) {
    super(padding, 2, value)
  }

  protected override get mode(): PaddingMode {
    return 'constant'
  }
}

/**
 * A border of a constant around `[batch, channels, depth, height, width]`.
 *
 * @example
 * import { nn, zeros } from 'cognitron'
 * console.log(new nn.ConstantPad3d(1, 9).forward(zeros([1, 3, 4, 8, 8])).shape) // [1, 3, 6, 10, 10]
 */
export class ConstantPad3d extends Padding {
  constructor(padding: BorderSize, value: number) {
    super(padding, 3, value)
  }

  protected override get mode(): PaddingMode {
    return 'constant'
  }
}

/**
 * A border of the image mirrored at its edge around `[batch, channels, length]`.
 *
 * @example
 * import { nn, tensor } from 'cognitron'
 * console.log(await new nn.ReflectionPad1d(2).forward(tensor([[[1, 2, 3]]])).toArray()) // [[[3, 2, 1, 2, 3, 2, 1]]]
 */
export class ReflectionPad1d extends Padding {
  constructor(padding: BorderSize) {
    super(padding, 1)
  }

  protected override get mode(): PaddingMode {
    return 'reflect'
  }
}

/**
 * A border of the image mirrored at its edge around `[batch, channels, height, width]`.
 *
 * @example
 * import { nn, zeros } from 'cognitron'
 * console.log(new nn.ReflectionPad2d(1).forward(zeros([1, 3, 8, 8])).shape) // [1, 3, 10, 10]
 */
export class ReflectionPad2d extends Padding {
  constructor(padding: BorderSize) {
    super(padding, 2)
  }

  protected override get mode(): PaddingMode {
    return 'reflect'
  }
}

/**
 * A border of the image mirrored at its edge around `[batch, channels, depth, height, width]`.
 *
 * @example
 * import { nn, zeros } from 'cognitron'
 * console.log(new nn.ReflectionPad3d(1).forward(zeros([1, 3, 4, 8, 8])).shape) // [1, 3, 6, 10, 10]
 */
export class ReflectionPad3d extends Padding {
  constructor(padding: BorderSize) {
    super(padding, 3)
  }

  protected override get mode(): PaddingMode {
    return 'reflect'
  }
}

/**
 * A border of its edge repeated around `[batch, channels, length]`.
 *
 * @example
 * import { nn, tensor } from 'cognitron'
 * console.log(await new nn.ReplicationPad1d(2).forward(tensor([[[1, 2, 3]]])).toArray()) // [[[1, 1, 1, 2, 3, 3, 3]]]
 */
export class ReplicationPad1d extends Padding {
  constructor(padding: BorderSize) {
    super(padding, 1)
  }

  protected override get mode(): PaddingMode {
    return 'replicate'
  }
}

/**
 * A border of its edge repeated around `[batch, channels, height, width]`.
 *
 * @example
 * import { nn, zeros } from 'cognitron'
 * console.log(new nn.ReplicationPad2d(1).forward(zeros([1, 3, 8, 8])).shape) // [1, 3, 10, 10]
 */
export class ReplicationPad2d extends Padding {
  constructor(padding: BorderSize) {
    super(padding, 2)
  }

  protected override get mode(): PaddingMode {
    return 'replicate'
  }
}

/**
 * A border of its edge repeated around `[batch, channels, depth, height, width]`.
 *
 * @example
 * import { nn, zeros } from 'cognitron'
 * console.log(new nn.ReplicationPad3d(1).forward(zeros([1, 3, 4, 8, 8])).shape) // [1, 3, 6, 10, 10]
 */
export class ReplicationPad3d extends Padding {
  constructor(padding: BorderSize) {
    super(padding, 3)
  }

  protected override get mode(): PaddingMode {
    return 'replicate'
  }
}

/**
 * A border of its opposite side around `[batch, channels, length]`.
 *
 * @example
 * import { nn, tensor } from 'cognitron'
 * console.log(await new nn.CircularPad1d(1).forward(tensor([[[1, 2, 3]]])).toArray()) // [[[3, 1, 2, 3, 1]]]
 */
export class CircularPad1d extends Padding {
  constructor(padding: BorderSize) {
    super(padding, 1)
  }

  protected override get mode(): PaddingMode {
    return 'circular'
  }
}

/**
 * A border of its opposite side around `[batch, channels, height, width]`.
 *
 * @example
 * import { nn, zeros } from 'cognitron'
 * console.log(new nn.CircularPad2d(1).forward(zeros([1, 3, 8, 8])).shape) // [1, 3, 10, 10]
 */
export class CircularPad2d extends Padding {
  constructor(padding: BorderSize) {
    super(padding, 2)
  }

  protected override get mode(): PaddingMode {
    return 'circular'
  }
}

/**
 * A border of its opposite side around `[batch, channels, depth, height, width]`.
 *
 * @example
 * import { nn, zeros } from 'cognitron'
 * console.log(new nn.CircularPad3d(1).forward(zeros([1, 3, 4, 8, 8])).shape) // [1, 3, 6, 10, 10]
 */
export class CircularPad3d extends Padding {
  constructor(padding: BorderSize) {
    super(padding, 3)
  }

  protected override get mode(): PaddingMode {
    return 'circular'
  }
}
