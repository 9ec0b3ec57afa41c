/**
 * The layers of an image classifier as plain data: what the layer builder edits, what stands in the address, and what is kept with
 * trained weights. Shapes are worked out here without the library, so that a mistake is explained while it is being made. Building the
 * network is the worker's business (`engine/build-network.ts`).
 */
import type { Codec } from './address.ts'

export type LayerSpec =
  | {
      readonly kind: 'conv'
      readonly channels: number
      readonly size: number
      readonly stride: number
      readonly padding: number
    }
  | { readonly kind: 'maxPool' | 'avgPool'; readonly size: number }
  | { readonly kind: 'linear'; readonly units: number }
  | { readonly kind: 'dropout'; readonly rate: number }
  | { readonly kind: 'relu' | 'leakyRelu' | 'gelu' | 'tanh' | 'sigmoid' | 'batchNorm' | 'globalPool' | 'flatten' }

export type LayerKind = LayerSpec['kind']

/** Channels, height, width; or a single number of features. */
export type LayerShape = readonly number[]

export const limits = {
  channels: { min: 1, max: 256 },
  size: { min: 1, max: 11 },
  stride: { min: 1, max: 4 },
  padding: { min: 0, max: 5 },
  poolSize: { min: 2, max: 8 },
  units: { min: 1, max: 1024 },
  rate: { min: 0.05, max: 0.9 },
} as const

export const MOST_LAYERS = 24

/** What a new layer of each kind is. */
export const newLayers: Readonly<Record<LayerKind, LayerSpec>> = {
  conv: { kind: 'conv', channels: 16, size: 3, stride: 1, padding: 1 },
  maxPool: { kind: 'maxPool', size: 2 },
  avgPool: { kind: 'avgPool', size: 2 },
  linear: { kind: 'linear', units: 64 },
  dropout: { kind: 'dropout', rate: 0.25 },
  relu: { kind: 'relu' },
  leakyRelu: { kind: 'leakyRelu' },
  gelu: { kind: 'gelu' },
  tanh: { kind: 'tanh' },
  sigmoid: { kind: 'sigmoid' },
  batchNorm: { kind: 'batchNorm' },
  globalPool: { kind: 'globalPool' },
  flatten: { kind: 'flatten' },
}

export const layerKinds = Object.keys(newLayers) as readonly LayerKind[]

/** One layer with what it makes of its input. */
export interface ShapedLayer {
  readonly layer: LayerSpec
  readonly input: LayerShape
  /** Absent where the layer cannot take its input, or one before it could not. */
  readonly output?: LayerShape
  readonly parameters: number
  /** How many pixels of the picture, a side, one number of its output depends on; Infinity for all. */
  readonly sees?: number
  /** Why it cannot take its input, and how to mend that. */
  readonly problem?: string
}

const size = (shape: LayerShape): number => shape.reduce((product, extent) => product * extent, 1)

/** `[16, 28, 28]` → `16 × 28 × 28` */
export function shapeText(shape: LayerShape): string {
  return shape.join(' × ')
}

type Outcome = { readonly output: LayerShape; readonly parameters: number } | { readonly problem: string }

function slid(extent: number, window: number, stride: number, padding: number): number {
  return Math.floor((extent + 2 * padding - window) / stride) + 1
}

function spatial(shape: LayerShape, what: string): { problem: string } | undefined {
  if (shape.length === 3) return undefined
  return { problem: `${what} needs maps, but here are ${shapeText(shape)} numbers; move it before the flattening.` }
}

function windowed(shape: LayerShape, what: string, window: readonly [number, number, number]): Outcome | number[] {
  const problem = spatial(shape, what)
  if (problem) return problem
  const [, height = 0, width = 0] = shape
  const sides = [slid(height, ...window), slid(width, ...window)]
  if (Math.min(...sides) >= 1) return sides
  const [side, , padding] = window
  const border = padding > 0 ? ` with a border of ${padding}` : ''
  return {
    problem: `${what} of ${side} × ${side} does not fit into maps of ${height} × ${width}${border}; make it smaller or take a pooling away.`,
  }
}

/** What one layer makes of its input. */
function shapeThrough(layer: LayerSpec, input: LayerShape): Outcome {
  const [channels = 0] = input
  switch (layer.kind) {
    case 'conv': {
      const sides = windowed(input, 'A convolution', [layer.size, layer.stride, layer.padding])
      if (!Array.isArray(sides)) return sides
      const parameters = layer.channels * (channels * layer.size ** 2 + 1)
      return { output: [layer.channels, ...sides], parameters }
    }
    case 'maxPool':
    case 'avgPool': {
      const sides = windowed(input, 'A pooling', [layer.size, layer.size, 0])
      return Array.isArray(sides) ? { output: [channels, ...sides], parameters: 0 } : sides
    }
    case 'globalPool':
      return spatial(input, 'Averaging each map') ?? { output: [channels], parameters: 0 }
    case 'flatten':
      return { output: [size(input)], parameters: 0 }
    case 'linear':
      if (input.length === 1) return { output: [layer.units], parameters: layer.units * (channels + 1) }
      return {
        problem: `A dense layer needs a list of numbers, but here are maps of ${shapeText(input)}; put a flattening before it.`,
      }
    case 'batchNorm':
      return { output: input, parameters: 2 * channels }
    default:
      return { output: input, parameters: 0 }
  }
}

/** How far a number sees, and how far neighbours stand apart, in pixels of the picture. */
interface Sight {
  readonly sees: number
  readonly apart: number
}

function sightThrough(layer: LayerSpec, { sees, apart }: Sight): Sight {
  if (layer.kind === 'conv') return { sees: sees + (layer.size - 1) * apart, apart: apart * layer.stride }
  if (layer.kind === 'maxPool' || layer.kind === 'avgPool') {
    return { sees: sees + (layer.size - 1) * apart, apart: apart * layer.size }
  }
  const isWhole = layer.kind === 'globalPool' || layer.kind === 'linear'
  return { sees: isWhole ? Number.POSITIVE_INFINITY : sees, apart }
}

/** Every layer with its shapes; after a layer that cannot be, the rest has none. */
export function shapeLayers(layers: readonly LayerSpec[], input: LayerShape): ShapedLayer[] {
  let shape: LayerShape | undefined = input
  let sight: Sight = { sees: 1, apart: 1 }
  return layers.map((layer) => {
    if (!shape) return { layer, input: [], parameters: 0 }
    const before = shape
    const outcome = shapeThrough(layer, before)
    if ('problem' in outcome) {
      shape = undefined
      return { layer, input: before, parameters: 0, problem: outcome.problem }
    }
    shape = outcome.output
    sight = sightThrough(layer, sight)
    return { layer, input: before, ...outcome, sees: sight.sees }
  })
}

/** The layers followed by those that end in one score for each class: a flattening where maps are left, and a dense layer. */
export function withOutput(layers: readonly LayerSpec[], input: LayerShape, classes: number): readonly LayerSpec[] {
  const last = layers.length === 0 ? input : shapeLayers(layers, input).at(-1)?.output
  const flat: readonly LayerSpec[] = last && last.length > 1 ? [{ kind: 'flatten' }] : []
  return [...layers, ...flat, { kind: 'linear', units: classes }]
}

const words: Readonly<Record<LayerKind, string>> = {
  conv: 'conv',
  maxPool: 'max',
  avgPool: 'avg',
  linear: 'dense',
  dropout: 'drop',
  relu: 'relu',
  leakyRelu: 'leaky',
  gelu: 'gelu',
  tanh: 'tanh',
  sigmoid: 'sigmoid',
  batchNorm: 'norm',
  globalPool: 'gap',
  flatten: 'flatten',
}

const pattern = /^([a-z]+)(\d+(?:\.\d+)?)?(?:x(\d+))?(?:s(\d+))?(?:p(\d+))?$/

/** `conv16x3s2p1`, `max2`, `dense64`, `drop0.25`, `relu`. */
export const layerCodec: Codec<LayerSpec> = {
  parse(text) {
    const [, word, first, window, stride, padding] = pattern.exec(text) ?? []
    const kind = layerKinds.find((each) => words[each] === word)
    if (!kind) return undefined
    const layer = newLayers[kind]
    const value = first === undefined ? undefined : Number(first)
    if (layer.kind === 'conv') {
      const side = clamp(window, limits.size, layer.size)
      return {
        kind: 'conv',
        channels: clamp(value, limits.channels, layer.channels),
        size: side,
        stride: clamp(stride, limits.stride, 1),
        padding: clamp(padding, limits.padding, Math.floor(side / 2)),
      }
    }
    if ('size' in layer) return { ...layer, size: clamp(value, limits.poolSize, layer.size) }
    if ('units' in layer) return { ...layer, units: clamp(value, limits.units, layer.units) }
    if ('rate' in layer)
      return { ...layer, rate: Math.min(limits.rate.max, Math.max(limits.rate.min, value ?? layer.rate)) }
    return layer
  },
  format(layer) {
    const word = words[layer.kind]
    if (layer.kind === 'conv') {
      const stride = layer.stride === 1 ? '' : `s${layer.stride}`
      const padding = layer.padding === Math.floor(layer.size / 2) ? '' : `p${layer.padding}`
      return `${word}${layer.channels}x${layer.size}${stride}${padding}`
    }
    if ('size' in layer) return `${word}${layer.size}`
    if ('units' in layer) return `${word}${layer.units}`
    return 'rate' in layer ? `${word}${layer.rate}` : word
  },
}

function clamp(
  value: string | number | undefined,
  { min, max }: { readonly min: number; readonly max: number },
  fallback: number,
): number {
  return value === undefined ? fallback : Math.min(max, Math.max(min, Math.round(Number(value))))
}
