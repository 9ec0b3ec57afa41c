/** Maps, filters and pictures as squares on one canvas, as sharp as the screen: each value is a cell with hard edges. */
import { useEffect, useRef } from 'preact/hooks'
import { type Ramp, rampPixel, type Scheme, signedRamp } from '../../base/colour.ts'
import { scheme } from '../../shell/theme.ts'

export interface MapSet {
  readonly count: number
  /** 1, or 3 for colours. */
  readonly channels: number
  readonly height: number
  readonly width: number
  /** `[count, channels, height, width]` */
  readonly values: ArrayLike<number>
}

interface MapGridProps {
  readonly maps: MapSet
  /** The width of one picture in CSS pixels. */
  readonly tile: number
  /** At most so many; the rest is left out. */
  readonly most?: number
  /** At most so many rows; the rest is left out. */
  readonly rows?: number
  /** Bytes from 0 to 255, or signed numbers with their colour scale from −limit to limit. */
  readonly scale: 'bytes' | { readonly limit: number }
  /** Pictures that are crossed out. */
  readonly crossed?: readonly number[]
  readonly label: string
}

const GAP = 3
const ramps = new Map<Scheme, Ramp>()

function rampFor(theme: Scheme): Ramp {
  const known = ramps.get(theme) ?? signedRamp(theme)
  ramps.set(theme, known)
  return known
}

/** The largest absolute value, at least a hair above 0. */
export function limitOf(values: ArrayLike<number>): number {
  let limit = 1e-6
  for (let index = 0; index < values.length; index++) limit = Math.max(limit, Math.abs(values[index] as number))
  return limit
}

const none: readonly number[] = []

export function MapGrid({ maps, tile, most = maps.count, rows: mostRows, scale, crossed = none, label }: MapGridProps) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const theme = scheme.value
  const shown = Math.min(most, maps.count)
  const tall = Math.max(1, Math.round((tile * maps.height) / maps.width))
  useEffect(() => {
    const element = canvas.current
    const frame = element?.parentElement
    if (!element || !frame) return
    const draw = (): void => {
      // A single picture fits anywhere; asking for room would cost a layout each.
      const room = shown > 1 ? Math.floor((frame.clientWidth + GAP) / (tile + GAP)) : 1
      const columns = Math.max(1, Math.min(shown, room))
      const rows = Math.min(Math.ceil(shown / columns), mostRows ?? Number.POSITIVE_INFINITY)
      const size = { width: columns * (tile + GAP) - GAP, height: rows * (tall + GAP) - GAP }
      const context = sized(element, size)
      if (!context) return
      for (let index = 0; index < Math.min(shown, rows * columns); index++) {
        const [x, y] = [(index % columns) * (tile + GAP), Math.floor(index / columns) * (tall + GAP)]
        context.drawImage(pictureOf(maps, index, scale, theme), x, y, tile, tall)
        if (crossed.includes(index)) cross(context, x, y, tile, tall)
      }
    }
    draw()
    if (shown <= 1) return undefined
    const watch = new ResizeObserver(draw)
    watch.observe(frame)
    return () => watch.disconnect()
  }, [maps, scale, theme, shown, mostRows, tile, crossed])
  return (
    <div class="map-grid">
      {/* Where words stand beside it, the picture says nothing more. */}
      <canvas ref={canvas} {...(label === '' ? { 'aria-hidden': true } : { role: 'img', 'aria-label': label })} />
    </div>
  )
}

/** Sets the size of a canvas in CSS pixels and gives its context, with hard edges. */
function sized(
  canvas: HTMLCanvasElement,
  { width, height }: { readonly width: number; readonly height: number },
): CanvasRenderingContext2D | null {
  const ratio = devicePixelRatio
  const [wide, high] = [Math.round(width * ratio), Math.round(height * ratio)]
  if (canvas.width !== wide) canvas.width = wide
  if (canvas.height !== high) canvas.height = high
  canvas.style.width = `${width}px`
  canvas.style.height = `${height}px`
  const context = canvas.getContext('2d')
  context?.setTransform(ratio, 0, 0, ratio, 0, 0)
  context?.clearRect(0, 0, width, height)
  if (context) context.imageSmoothingEnabled = false
  return context
}

let scratch: OffscreenCanvas | undefined

/** One picture, a pixel a value. Valid until the next call. */
function pictureOf(maps: MapSet, index: number, scale: MapGridProps['scale'], theme: Scheme): OffscreenCanvas {
  const { channels, height, width, values } = maps
  scratch ??= new OffscreenCanvas(width, height)
  if (scratch.width !== width) scratch.width = width
  if (scratch.height !== height) scratch.height = height
  const context = scratch.getContext('2d') as OffscreenCanvasRenderingContext2D
  const image = context.createImageData(width, height)
  const pixels = new Uint32Array(image.data.buffer)
  const area = width * height
  const start = index * channels * area
  const ramp = rampFor(theme)
  for (let place = 0; place < area; place++) {
    pixels[place] =
      scale === 'bytes'
        ? bytesPixel(values, start + place, channels === 3 ? area : 0)
        : rampPixel(ramp, values[start + place] as number, -scale.limit, scale.limit)
  }
  context.putImageData(image, 0, 0)
  return scratch
}

function bytesPixel(values: ArrayLike<number>, place: number, step: number): number {
  const channel = (index: number): number => values[place + index * step] as number
  return ((255 << 24) | (channel(2) << 16) | (channel(1) << 8) | channel(0)) >>> 0
}

function cross(context: CanvasRenderingContext2D, x: number, y: number, width: number, height: number): void {
  context.strokeStyle = getComputedStyle(document.documentElement).getPropertyValue('--danger').trim()
  context.lineWidth = 1.5
  context.beginPath()
  context.moveTo(x + 2, y + 2)
  context.lineTo(x + width - 2, y + height - 2)
  context.moveTo(x + width - 2, y + 2)
  context.lineTo(x + 2, y + height - 2)
  context.stroke()
}

/** Picture `index` of a set of bytes as a set of its own. */
export function single(
  [channels, height, width]: readonly [number, number, number],
  values: Uint8Array,
  index: number,
): MapSet {
  const size = channels * height * width
  return { count: 1, channels, height, width, values: values.subarray(index * size, (index + 1) * size) }
}
