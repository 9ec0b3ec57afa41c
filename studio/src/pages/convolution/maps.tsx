/** The picture with the window on it, and the output that it has written: canvases whose pixels are squares of the page. */
import { useEffect, useRef } from 'preact/hooks'
import { signedColour } from '../../base/colour.ts'
import { sharpContext } from '../../parts/markers.ts'
import { scheme } from '../../shell/theme.ts'
import type { ConvolutionController } from './controller.ts'
import type { NumberMap, Picture } from './protocol.ts'

function themeColour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim()
}

function grey(value: number): string {
  const level = Math.round(255 * Math.min(1, Math.max(0, value)))
  return `rgb(${level} ${level} ${level})`
}

function pixelColour({ channels, height, width, values }: Picture, place: number): string {
  if (channels === 1) return grey(values[place] as number)
  const level = (channel: number): number =>
    Math.round(255 * Math.min(1, Math.max(0, values[channel * height * width + place] as number)))
  return `rgb(${level(0)} ${level(1)} ${level(2)})`
}

export function PictureMap({ lab }: { lab: ConvolutionController }) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const result = lab.result.value
  const { padding, dilation } = lab.setup.value
  const taps = lab.taps.value
  const theme = scheme.value
  useEffect(() => {
    const draw = (): void => {
      const sharp = canvas.current && sharpContext(canvas.current)
      if (!sharp || !result) return
      const { context, width } = sharp
      const { picture } = result
      const cell = width / (picture.width + 2 * padding)
      context.fillStyle = themeColour('--sunken')
      context.fillRect(0, 0, width, sharp.height)
      for (let row = 0; row < picture.height; row++) {
        for (let column = 0; column < picture.width; column++) {
          context.fillStyle = pixelColour(picture, row * picture.width + column)
          // A hair wider, so that no seams show.
          context.fillRect((column + padding) * cell, (row + padding) * cell, cell + 0.4, cell + 0.4)
        }
      }
      drawWindow(context, taps, cell, padding)
    }
    draw()
    const watch = new ResizeObserver(draw)
    if (canvas.current) watch.observe(canvas.current)
    return () => watch.disconnect()
  }, [result, padding, dilation, taps, theme])
  const { height = 28, width = 28 } = result?.picture ?? {}
  const ratio = `${width + 2 * padding} / ${height + 2 * padding}`
  return (
    <canvas
      ref={canvas}
      class="conv-canvas"
      style={{ aspectRatio: ratio }}
      role="img"
      aria-label={`Picture of ${height} by ${width} pixels with a border of ${padding}; the window is marked.`}
    />
  )
}

function drawWindow(
  context: CanvasRenderingContext2D,
  taps: readonly { pictureRow: number; pictureColumn: number }[],
  cell: number,
  padding: number,
): void {
  const first = taps[0]
  const last = taps.at(-1)
  if (!first || !last) return
  const at = (index: number): number => (index + padding) * cell
  context.strokeStyle = themeColour('--accent')
  context.lineWidth = 1
  for (const { pictureRow, pictureColumn } of taps) context.strokeRect(at(pictureColumn), at(pictureRow), cell, cell)
  context.lineWidth = 2.5
  const size = at(last.pictureRow) + cell - at(first.pictureRow)
  context.strokeRect(at(first.pictureColumn), at(first.pictureRow), size, size)
}

/** Outputs whose kernel adds up to about 1 are pictures again; others are signed. */
export function isPicture(kernel: readonly number[]): boolean {
  return Math.abs(kernel.reduce((sum, value) => sum + value, 0) - 1) < 0.01
}

interface OutputProps {
  readonly lab: ConvolutionController
  readonly map: NumberMap
  /** A place that is marked, for the output itself. */
  readonly marked: boolean
  readonly label: string
}

export function OutputMap({ lab, map, marked, label }: OutputProps) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const result = lab.result.value
  const place = lab.place.value
  const theme = scheme.value
  useEffect(() => {
    const draw = (): void => {
      const sharp = canvas.current && sharpContext(canvas.current)
      if (!sharp || !result) return
      const { context, width } = sharp
      const cell = width / map.width
      const limit = map.values.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-6)
      const asPicture = isPicture(result.kernel) && result.picture.channels === 1
      map.values.forEach((value, index) => {
        context.fillStyle = asPicture ? grey(value) : signedColour(theme, value, limit)
        context.fillRect((index % map.width) * cell, Math.floor(index / map.width) * cell, cell + 0.4, cell + 0.4)
      })
      if (!marked) return
      context.strokeStyle = themeColour('--accent')
      context.lineWidth = 2.5
      context.strokeRect(place.column * cell, place.row * cell, cell, cell)
    }
    draw()
    const watch = new ResizeObserver(draw)
    if (canvas.current) watch.observe(canvas.current)
    return () => watch.disconnect()
  }, [result, map, place, marked, theme])
  return (
    <canvas
      ref={canvas}
      class="conv-canvas"
      style={{ aspectRatio: `${map.width} / ${map.height}` }}
      role="img"
      aria-label={label}
    />
  )
}
