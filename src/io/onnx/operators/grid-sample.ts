/**
 * GridSample of ONNX: an image read at the places that a grid names, by nearest, linear or cubic interpolation over any number of
 * spatial axes. Source: Jaderberg et al., "Spatial transformer networks" (2015); rules of the borders as in PyTorch.
 */
import { at, product, range } from '../../../base/arrays.ts'
import { contiguousStrides } from '../../../shape/shape.ts'
import { gather } from '../../../tensor/functional.ts'
import { type Tensor, where } from '../../../tensor/index.ts'
import { type OperatorCall, type OperatorTable, rule } from '../operator.ts'

/** For every place of the grid a position on one axis, `[batch, places]` int32, and its weight (undefined: 1). */
interface PlaceTap {
  readonly position: Tensor
  readonly weight: Tensor | undefined
}

interface SampledAxis {
  readonly size: number
  readonly padding: string
  /** The outer edges between which places are mirrored. */
  readonly edges: readonly [number, number]
}

/** Mirrors x at both edges until it is between them. */
function reflected(x: Tensor, [low, high]: readonly [number, number]): Tensor {
  const span = high - low
  if (span <= 0) return x.mul(0).add(low)
  const turned = x.sub(low).remainder(2 * span)
  return where(turned.gt(span), turned.neg().add(2 * span), turned).add(low)
}

function insideCoordinates(x: Tensor, { size, padding, edges }: SampledAxis): Tensor {
  if (padding === 'border') return x.clamp(0, size - 1)
  return padding === 'reflection' ? reflected(x, edges).clamp(0, size - 1) : x
}

/** The tap at the whole number `place`; outside, its weight is 0 or its position is moved inside. */
function tapAt(place: Tensor, weight: Tensor | undefined, axis: SampledAxis): PlaceTap {
  const inside = axis.padding === 'reflection' ? reflected(place, axis.edges) : place
  const position = inside
    .clamp(0, axis.size - 1)
    .round()
    .to('int32')
  if (axis.padding !== 'zeros') return { position, weight }
  const valid = place
    .ge(0)
    .logicalAnd(place.le(axis.size - 1))
    .to('float32')
  return { position, weight: weight ? weight.mul(valid) : valid }
}

/** Keys' cubic with a = −0.75 at a distance below 1, and at one between 1 and 2. */
const nearCubic = (d: Tensor): Tensor => d.mul(1.25).sub(2.25).mul(d).mul(d).add(1)
const farCubic = (d: Tensor): Tensor => d.mul(-0.75).add(3.75).mul(d).sub(6).mul(d).add(3)

function tapsOf(x: Tensor, mode: string, axis: SampledAxis): PlaceTap[] {
  if (mode === 'nearest') return [tapAt(insideCoordinates(x.round(), axis), undefined, axis)]
  const place = mode === 'cubic' ? x : insideCoordinates(x, axis)
  const base = place.floor()
  const ratio = place.sub(base)
  const rest = ratio.neg().add(1)
  if (mode === 'linear') return [tapAt(base, rest, axis), tapAt(base.add(1), ratio, axis)]
  const weights = [farCubic(ratio.add(1)), nearCubic(ratio), nearCubic(rest), farCubic(rest.add(1))]
  return weights.map((weight, index) => tapAt(base.add(index - 1), weight, axis))
}

const modes: Readonly<Record<string, string>> = {
  nearest: 'nearest',
  bilinear: 'linear',
  linear: 'linear',
  bicubic: 'cubic',
  cubic: 'cubic',
}

function gridSample(call: OperatorCall): Tensor {
  const [x, grid] = [call.input(0), call.input(1)]
  const mode = modes[call.text('mode', 'linear')]
  if (!mode) call.unsupported(`the mode '${call.text('mode', '')}'`)
  const corners = call.flag('align_corners')
  const padding = call.text('padding_mode', 'zeros')
  const [batch, channels] = [at(x.shape, 0), at(x.shape, 1)]
  const sizes = x.shape.slice(2)
  const places = grid.shape.slice(1, -1)
  // The last axis of the grid counts from the innermost spatial axis on.
  const taps = sizes.map((size, index) => {
    const unit = grid
      .slice(-1, sizes.length - 1 - index, sizes.length - index)
      .reshape(batch, -1)
      .add(1)
    const coordinate = corners ? unit.mul((size - 1) / 2) : unit.mul(size).sub(1).mul(0.5)
    const edges = corners ? ([0, size - 1] as const) : ([-0.5, size - 0.5] as const)
    return tapsOf(coordinate, mode, { size, padding, edges })
  })
  const plane = x.reshape(batch, channels, -1)
  const parts = combinations(taps, contiguousStrides(sizes)).map(({ position, weight }) => {
    const everywhere = position.unsqueeze(1).expand(batch, channels, product(places))
    const picked = gather(plane, 2, everywhere)
    return weight ? picked.mul(weight.unsqueeze(1)) : picked
  })
  return parts.reduce((sum, part) => sum.add(part)).reshape(batch, channels, ...places)
}

/** Every choice of one tap on each axis: its flat position and the product of its weights. */
function combinations(taps: readonly (readonly PlaceTap[])[], strides: readonly number[]): PlaceTap[] {
  return range(taps.length).reduce<PlaceTap[]>((found, axis) => {
    const next = at(taps, axis).map(({ position, weight }) => ({ position: position.mul(at(strides, axis)), weight }))
    if (found.length === 0) return next
    return found.flatMap((left) =>
      next.map((right) => ({
        position: left.position.add(right.position),
        weight: left.weight && right.weight ? left.weight.mul(right.weight) : (left.weight ?? right.weight),
      })),
    )
  }, [])
}

export const sampling: OperatorTable = { GridSample: rule(gridSample) }
