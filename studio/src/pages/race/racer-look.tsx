/** How each racer looks: a colour, a marker and a line, so that colour is never the only sign. */
import { useEffect, useRef } from 'preact/hooks'
import { classColour, type Scheme } from '../../base/colour.ts'
import { drawMarker, type MarkerShape, markerShapes, sharpContext } from '../../parts/markers.ts'
import { scheme } from '../../shell/theme.ts'
import { type RacerName, racerNames } from './setup.ts'

export interface RacerLook {
  readonly colour: string
  readonly shape: MarkerShape
  readonly dash: readonly number[]
}

const COLOURS = 5

/** Colours come round after five, with another marker and a dashed line. */
export function lookOf(name: RacerName, theme: Scheme): RacerLook {
  const at = racerNames.indexOf(name)
  const round = Math.floor(at / COLOURS)
  return {
    colour: classColour(theme, at),
    shape: markerShapes[(at + round) % markerShapes.length] as MarkerShape,
    dash: round === 0 ? [] : [5, 4],
  }
}

export function RacerMark({ name }: { name: RacerName }) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const theme = scheme.value
  useEffect(() => {
    const sharp = canvas.current && sharpContext(canvas.current)
    if (!sharp) return
    const { colour, shape } = lookOf(name, theme)
    sharp.context.lineWidth = 1
    drawMarker(sharp.context, sharp.width / 2, sharp.height / 2, { shape, radius: 5, fill: colour, edge: colour })
  }, [name, theme])
  // biome-ignore lint/a11y/noAriaHiddenOnFocusable: a canvas takes no focus
  return <canvas ref={canvas} class="racer-mark" aria-hidden="true" />
}
