/** Small pictures as canvases whose pixels stay squares. */
import { useEffect, useMemo, useRef } from 'preact/hooks'
import { type Ramp, rampPixel, signedRamp } from '../../base/colour.ts'
import { formatValue } from '../../base/format.ts'
import { scheme } from '../../shell/theme.ts'
import type { MapData, Pixels } from './protocol.ts'

interface PixelViewProps {
  readonly picture: Pixels
  /** None where what is around says it. */
  readonly label?: string
  readonly small?: boolean
  readonly onPoint?: (place: { row: number; column: number } | undefined) => void
}

export function PixelView({ picture, label, small, onPoint }: PixelViewProps) {
  const canvas = useRef<HTMLCanvasElement>(null)
  useEffect(() => {
    const context = canvas.current?.getContext('2d')
    const { width, height, pixels } = picture
    context?.putImageData(new ImageData(new Uint8ClampedArray(pixels), width, height), 0, 0)
  }, [picture])
  const { width, height } = picture
  const point = (event: PointerEvent): void => {
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect()
    const row = Math.floor(((event.clientY - box.top) / box.height) * height)
    const column = Math.floor(((event.clientX - box.left) / box.width) * width)
    const inside = row >= 0 && row < height && column >= 0 && column < width
    onPoint?.(inside ? { row, column } : undefined)
  }
  return (
    <canvas
      ref={canvas}
      width={width}
      height={height}
      class={small ? 'pixels small' : 'pixels'}
      style={{ aspectRatio: `${width} / ${height}` }}
      {...(label === undefined ? {} : { role: 'img', 'aria-label': label })}
      {...(onPoint ? { onPointerMove: point, onPointerLeave: () => onPoint(undefined) } : {})}
    />
  )
}

interface MapViewProps extends Omit<PixelViewProps, 'picture'> {
  readonly data: MapData
  readonly strengths: Ramp
}

/** A map in the colours of the theme. */
export function MapView({ data, strengths, ...rest }: MapViewProps) {
  const theme = scheme.value
  const picture = useMemo(() => {
    const { map, width, height, signed, low, high } = data
    const ramp = signed ? signedRamp(theme) : strengths
    const colours = Uint32Array.from(map, (value) => rampPixel(ramp, value, low, high))
    return { width, height, pixels: new Uint8Array(colours.buffer) }
  }, [data, strengths, theme])
  return <PixelView picture={picture} {...rest} />
}

/** The colours of a map with the numbers of their ends. */
export function ScaleLegend({ data, strengths }: { data: MapData; strengths: Ramp }) {
  const { low, high, signed } = data
  const ramp = signed ? signedRamp(scheme.value) : strengths
  const colours = Array.from({ length: 33 }, (_, step) => cssPixel(rampPixel(ramp, step, 0, 32)))
  return (
    <div class="scale-legend">
      <i style={{ background: `linear-gradient(to right, ${colours.join()})` }} />
      <span>{formatValue(low)}</span>
      <span>{signed ? '0' : ''}</span>
      <span>{formatValue(high)}</span>
    </div>
  )
}

function cssPixel(pixel: number): string {
  return `rgb(${pixel & 255} ${(pixel >> 8) & 255} ${(pixel >> 16) & 255})`
}

/** Picture `index` of planes `[count, channels, height, width]`. */
export function pixelsAt(
  planes: Uint8Array,
  index: number,
  [channels, height, width]: readonly [channels: number, height: number, width: number],
): Pixels {
  const size = height * width
  const start = index * channels * size
  const pixels = new Uint8Array(4 * size)
  for (let place = 0; place < size; place++) {
    for (let channel = 0; channel < 3; channel++) {
      pixels[4 * place + channel] = planes[start + (channels === 3 ? channel : 0) * size + place] as number
    }
    pixels[4 * place + 3] = 255
  }
  return { width, height, pixels }
}
