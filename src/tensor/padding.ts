/** Borders around tensors: constant, mirrored, repeated or wrapped round. Sizes are given in PyTorch's order, last axis first. */
import { at, range } from '../base/arrays.ts'
import { ArgumentError, ShapeError } from '../base/errors.ts'
import { formatShape } from '../shape/shape.ts'
import { concat, type Tensor } from './tensor.ts'

/** What stands in the border. */
export type PaddingMode = 'constant' | 'reflect' | 'replicate' | 'circular'

export interface PadOptions {
  /** Default 'constant'. */
  readonly mode?: PaddingMode
  /** The constant. Default 0. */
  readonly value?: number
}

type Border = (x: Tensor, axis: number, before: number, after: number) => Tensor

function requireSize(x: Tensor, axis: number, wanted: number, mode: PaddingMode): void {
  const size = at(x.shape, axis)
  if (wanted <= size) return
  throw new ShapeError(
    `'${mode}' padding takes its border from the tensor itself: axis ${axis} of ${formatShape(x.shape)} has ${size} elements, ` +
      `${wanted} are needed; use less padding or another mode.`,
  )
}

const borders: { readonly [mode in Exclude<PaddingMode, 'constant'>]: Border } = {
  reflect(x, axis, before, after) {
    requireSize(x, axis, Math.max(before, after) + 1, 'reflect')
    const size = at(x.shape, axis)
    const head = before > 0 ? [x.slice(axis, 1, before + 1).flip(axis)] : []
    const tail = after > 0 ? [x.slice(axis, size - after - 1, size - 1).flip(axis)] : []
    return concat([...head, x, ...tail], axis)
  },
  replicate(x, axis, before, after) {
    requireSize(x, axis, 1, 'replicate')
    const repeat = (edge: Tensor, count: number): Tensor[] =>
      count > 0 ? [edge.expand(...x.shape.with(axis, count))] : []
    return concat([...repeat(x.slice(axis, 0, 1), before), x, ...repeat(x.slice(axis, -1), after)], axis)
  },
  circular(x, axis, before, after) {
    requireSize(x, axis, Math.max(before, after), 'circular')
    const size = at(x.shape, axis)
    const head = before > 0 ? [x.slice(axis, size - before)] : []
    const tail = after > 0 ? [x.slice(axis, 0, after)] : []
    return concat([...head, x, ...tail], axis)
  },
}

/**
 * A border around the last axes: `padding` is [before, after] of the last axis, then of the one before it, and so on; negative
 * numbers crop. Throws ArgumentError for a list that is odd or too long, ShapeError when a mode needs more elements than there are.
 *
 * @example
 * import { pad, tensor } from 'cognitron'
 * console.log(await pad(tensor([1, 2, 3]), [2, 1], { mode: 'reflect' }).toArray()) // [3, 2, 1, 2, 3, 2]
 */
export function pad(x: Tensor, padding: readonly number[], { mode = 'constant', value = 0 }: PadOptions = {}): Tensor {
  if (padding.length % 2 !== 0 || padding.length > 2 * x.rank || !padding.every(Number.isInteger)) {
    throw new ArgumentError(
      `pad takes [before, after] for up to ${x.rank} axes, last axis first, given ${JSON.stringify(padding)}.`,
    )
  }
  const pairs = range(x.rank).map((axis) => {
    const position = 2 * (x.rank - 1 - axis)
    return [padding[position] ?? 0, padding[position + 1] ?? 0] as const
  })
  if (mode === 'constant') return x.pad(pairs, value)
  const cropped = x.pad(pairs.map(([before, after]) => [Math.min(0, before), Math.min(0, after)] as const))
  const border = borders[mode]
  return pairs.reduce((result, [before, after], axis) => {
    const [head, tail] = [Math.max(0, before), Math.max(0, after)]
    return head === 0 && tail === 0 ? result : border(result, axis, head, tail)
  }, cropped)
}
