/** By what one of several compared things is known wherever it is drawn: a colour and a marker of its own. */
import { useEffect, useRef } from 'preact/hooks'
import { classColour, classColours, type Scheme } from '../base/colour.ts'
import { scheme } from '../shell/theme.ts'
import { drawMarker, type MarkerShape, markerShapes, sharpContext } from './markers.ts'

export interface Identity {
  readonly colour: string
  readonly shape: MarkerShape
}

/** Place 0, 1, … among those that are compared. Colours repeat after five, with other markers. */
export function identityOf(place: number, theme: Scheme): Identity {
  const colours = classColours[theme].length
  const shape = markerShapes[(place + 2 * Math.floor(place / colours)) % markerShapes.length] ?? 'disc'
  return { colour: classColour(theme, place), shape }
}

export function IdentityMarker({ place }: { place: number }) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const theme = scheme.value
  useEffect(() => {
    const sharp = canvas.current && sharpContext(canvas.current)
    if (!sharp) return
    const { colour, shape } = identityOf(place, theme)
    drawMarker(sharp.context, 7, 7, { shape, radius: 5, fill: colour, edge: 'transparent' })
  }, [place, theme])
  return <canvas ref={canvas} class="identity-marker" />
}
