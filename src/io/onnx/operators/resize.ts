/**
 * Resize and Upsample of ONNX. Every mode is a weighted sum of picked elements, one axis after the other; positions and weights are
 * found on the host from the coordinate rules of the standard. Source: onnx/docs/Operators.md (Resize), Keys (1981) for cubic.
 */
import { at, range } from '../../../base/arrays.ts'
import { indexSelect } from '../../../tensor/functional.ts'
import { fromTypedArray, type Tensor, where } from '../../../tensor/index.ts'
import { type AxisTap, weightedSum } from '../../../tensor/interpolation.ts'
import { type OperatorCall, type OperatorTable, rule } from '../operator.ts'
import { axesOf } from './elementwise.ts'

/** One axis to resize. */
interface ResizedAxis {
  readonly axis: number
  readonly size: number
  readonly output: number
  readonly scale: number
  /** Where the region of interest begins and ends, as parts of the axis. */
  readonly region: readonly [number, number]
}

type Coordinate = (axis: ResizedAxis, index: number) => number

/** From a position in the output to one in the input. The exact width scale · size may be a fraction. */
const coordinates: Readonly<Record<string, Coordinate>> = {
  half_pixel: ({ scale }, index) => (index + 0.5) / scale - 0.5,
  asymmetric: ({ scale }, index) => index / scale,
  pytorch_half_pixel: ({ scale, size }, index) => (scale * size === 1 ? -0.5 : (index + 0.5) / scale - 0.5),
  align_corners: ({ scale, size }, index) => (scale * size === 1 ? 0 : (index * (size - 1)) / (scale * size - 1)),
  half_pixel_symmetric: ({ scale, size, output }, index) =>
    (size / 2) * (1 - output / (scale * size)) + (index + 0.5) / scale - 0.5,
  tf_crop_and_resize: ({ scale, size, region: [start, end] }, index) => {
    const span = (end - start) * (size - 1)
    const inside = scale * size === 1 ? span / 2 : (index * span) / (scale * size - 1)
    return inside + start * (size - 1)
  },
}

/** A place as the element before it and how far it is beyond that one, in (0, 1]. */
function splitPlace(place: number): { base: number; ratio: number } {
  const base = Math.ceil(place) - 1
  return { base, ratio: place - base }
}

/** Which neighbour is the nearest: whether the later one, for its distance from the earlier. */
const nearestRules: Readonly<Record<string, (ratio: number) => boolean>> = {
  round_prefer_floor: (ratio) => ratio > 0.5,
  round_prefer_ceil: (ratio) => ratio >= 0.5,
  floor: (ratio) => ratio === 1,
  ceil: () => true,
}

function cubicKernel(distance: number, a: number): number {
  const d = Math.abs(distance)
  if (d <= 1) return (a + 2) * d ** 3 - (a + 3) * d ** 2 + 1
  return d < 2 ? a * (d ** 3 - 5 * d ** 2 + 8 * d - 4) : 0
}

const linearKernel = (distance: number): number => Math.max(0, 1 - Math.abs(distance))

interface Filter {
  readonly kernel: (distance: number) => number
  /** How far the kernel reaches on either side. */
  readonly support: number
  readonly antialias: boolean
  readonly excludeOutside: boolean
}

/** Positions and weights around every place; the kernel is stretched when an antialiased axis shrinks. */
function tapsOf(axis: ResizedAxis, places: readonly number[], filter: Filter): AxisTap[] {
  const stretch = filter.antialias ? Math.min(1, axis.scale) : 1
  const first = Math.floor(-filter.support / stretch) + 1
  const offsets = range(2 - 2 * first).map((index) => index + first)
  const rows = places.map((place) => {
    const { base, ratio } = splitPlace(place)
    const weights = offsets.map((offset) => {
      const outside = base + offset < 0 || base + offset >= axis.size
      return filter.excludeOutside && outside ? 0 : filter.kernel((offset - ratio) * stretch)
    })
    const total = weights.reduce((sum, weight) => sum + weight, 0)
    const rescaled = filter.excludeOutside || filter.antialias
    return { base, weights: rescaled ? weights.map((weight) => weight / total) : weights }
  })
  return offsets.map((offset, tap) => ({
    positions: Int32Array.from(rows, ({ base }) => Math.min(axis.size - 1, Math.max(0, base + offset))),
    weights: Float32Array.from(rows, ({ weights }) => at(weights, tap)),
  }))
}

function nearestPositions(axis: ResizedAxis, places: readonly number[], later: (ratio: number) => boolean): number[] {
  return places.map((place) => {
    const { base, ratio } = splitPlace(place)
    return Math.min(axis.size - 1, Math.max(0, later(ratio) ? base + 1 : base))
  })
}

interface ResizeSettings {
  readonly mode: string
  readonly coordinate: string
  readonly nearest: string
}

function resized(call: OperatorCall, axes: readonly ResizedAxis[], settings: ResizeSettings): Tensor {
  const x = call.input(0)
  const coordinate = coordinates[settings.coordinate]
  const later = nearestRules[settings.nearest]
  if (!coordinate || !later) call.unsupported(`the coordinate rule '${settings.coordinate}, ${settings.nearest}'`)
  const isNearest = settings.mode === 'nearest'
  const isCubic = settings.mode === 'cubic'
  if (!isNearest && !isCubic && !settings.mode.endsWith('linear')) call.unsupported(`the mode '${settings.mode}'`)
  const a = call.float('cubic_coeff_a', -0.75)
  const filter: Filter = {
    kernel: isCubic ? (distance) => cubicKernel(distance, a) : linearKernel,
    support: isCubic ? 2 : 1,
    antialias: call.flag('antialias'),
    excludeOutside: call.flag('exclude_outside'),
  }
  const result = axes.reduce(
    (part, axis) => {
      const places = range(axis.output).map((index) => coordinate(axis, index))
      if (isNearest) return indexSelect(part, axis.axis, nearestPositions(axis, places, later))
      return weightedSum(part, axis.axis, tapsOf(axis, places, filter))
    },
    isNearest ? x : x.to('float32'),
  )
  return settings.coordinate === 'tf_crop_and_resize' ? extrapolated(call, result, axes) : result.to(x.dtype)
}

/** Elements whose place is outside the input become the extrapolation value. */
function extrapolated(call: OperatorCall, x: Tensor, axes: readonly ResizedAxis[]): Tensor {
  const value = call.float('extrapolation_value', 0)
  return axes.reduce((result, axis) => {
    const places = range(axis.output).map((index) => coordinates.tf_crop_and_resize?.(axis, index) ?? 0)
    const inside = Uint8Array.from(places, (place) => (place >= 0 && place <= axis.size - 1 ? 1 : 0))
    if (inside.every((flag) => flag === 1)) return result
    const shape = result.shape.map((_, index) => (index === axis.axis ? axis.output : 1))
    return where(fromTypedArray(inside, shape, 'bool'), result, value)
  }, x)
}

/** Output sizes and scales from the inputs `scales` and `sizes`; a policy may keep the proportions of the input. */
function sizesOf(call: OperatorCall, from: readonly number[]): { output: number; scale: number }[] {
  const scales = call.opset < 11 ? call.numbers(1) : call.numbers(2)
  if (scales && scales.length > 0) {
    return from.map((size, index) => ({ output: Math.floor(size * at(scales, index)), scale: at(scales, index) }))
  }
  const sizes = call.requiredNumbers(3)
  const ratios = from.map((size, index) => at(sizes, index) / size)
  const policy = call.text('keep_aspect_ratio_policy', 'stretch')
  if (policy === 'stretch') return ratios.map((scale, index) => ({ output: at(sizes, index), scale }))
  const scale = policy === 'not_larger' ? Math.min(...ratios) : Math.max(...ratios)
  return from.map((size) => ({ output: Math.floor(scale * size + 0.5), scale }))
}

function resize(call: OperatorCall): Tensor {
  const x = call.input(0)
  const axes = axesOf(x, call.ints('axes'))
  const mode = call.text('mode', 'nearest')
  // Version 10 knew one rule only.
  const coordinate = call.opset < 11 ? 'asymmetric' : call.text('coordinate_transformation_mode', 'half_pixel')
  const nearest = call.opset < 11 ? 'floor' : call.text('nearest_mode', 'round_prefer_floor')
  const regions = coordinate === 'tf_crop_and_resize' ? call.numbers(1) : undefined
  const sizes = sizesOf(
    call,
    axes.map((axis) => at(x.shape, axis)),
  )
  const resizedAxes = axes.map((axis, index): ResizedAxis => {
    const region = [regions?.[index] ?? 0, regions?.[index + axes.length] ?? 1] as const
    return { axis, size: at(x.shape, axis), ...at(sizes, index), region }
  })
  const changed = resizedAxes.filter(({ size, output, scale, region }) => {
    return size !== output || scale !== 1 || region[0] !== 0 || region[1] !== 1
  })
  return resized(call, changed, { mode, coordinate, nearest })
}

function upsample(call: OperatorCall): Tensor {
  const x = call.input(0)
  const scales = call.floats('scales') ?? call.requiredNumbers(1)
  const axes = range(x.rank).map((axis): ResizedAxis => {
    const [size, scale] = [at(x.shape, axis), at(scales, axis)]
    return { axis, size, scale, output: Math.floor(size * scale), region: [0, 1] }
  })
  const settings = { mode: call.text('mode', 'nearest'), coordinate: 'asymmetric', nearest: 'floor' }
  return resized(
    call,
    axes.filter(({ scale }) => scale !== 1),
    settings,
  )
}

export const resizing: OperatorTable = {
  Resize: rule(resize, { settings: [1, 2, 3] }),
  Upsample: rule(upsample, { settings: [1] }),
}
