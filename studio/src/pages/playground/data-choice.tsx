/** The data sets with a picture of each. */
import { useEffect, useRef } from 'preact/hooks'
import { classColour, signedColour } from '../../base/colour.ts'
import { drawMarker, markerShapes, sharpContext } from '../../parts/markers.ts'
import { scheme } from '../../shell/theme.ts'
import type { PlaygroundController } from './controller.ts'
import { EXTENT } from './points.ts'
import type { Thumbnail } from './protocol.ts'
import { type ClassSet, classSets, type RegressionSet, regressionSets } from './setup.ts'
import { setNames } from './words.ts'

export function DataChoice({ play }: { play: PlaygroundController }) {
  const setup = play.setup.value
  const regression = setup.problem === 'regression'
  const names: readonly (ClassSet | RegressionSet)[] = regression ? regressionSets : classSets
  const selected = regression ? setup.regDataset : setup.dataset
  const choose = (name: ClassSet | RegressionSet): void =>
    play.change(regression ? { regDataset: name as RegressionSet } : { dataset: name as ClassSet })
  return (
    <div class="data-choice" role="radiogroup" aria-label="Data set">
      {names.map((name) => (
        <label key={name} class="data-option">
          <input
            type="radio"
            class="visually-hidden"
            name="data-set"
            checked={name === selected}
            onChange={() => choose(name)}
          />
          <Picture thumbnail={play.thumbnails.value.find((each) => each.name === name)} regression={regression} />
          <span>{setNames[name]}</span>
        </label>
      ))}
    </div>
  )
}

function Picture({ thumbnail, regression }: { thumbnail: Thumbnail | undefined; regression: boolean }) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const theme = scheme.value
  useEffect(() => {
    const sharp = canvas.current && sharpContext(canvas.current)
    if (!sharp) return
    const { context, width } = sharp
    if (thumbnail?.name === 'own' && thumbnail.points.target.length === 0) return drawPencil(context, width)
    context.lineWidth = 0
    context.globalAlpha = 0.9
    thumbnail?.points.target.forEach((target, index) => {
      const x = thumbnail.points.x[2 * index] as number
      const y = thumbnail.points.x[2 * index + 1] as number
      const fill = regression ? signedColour(theme, target) : classColour(theme, target)
      const scale = width / (2 * EXTENT)
      drawMarker(context, (x + EXTENT) * scale, (EXTENT - y) * scale, {
        shape: regression ? 'disc' : (markerShapes[target] ?? 'disc'),
        radius: 1.3,
        fill,
        edge: 'transparent',
      })
    })
  }, [thumbnail, theme, regression])
  return <canvas ref={canvas} />
}

function drawPencil(context: CanvasRenderingContext2D, width: number): void {
  context.strokeStyle = getComputedStyle(document.documentElement).getPropertyValue('--muted').trim()
  context.lineWidth = 1.5
  context.setLineDash([3, 3])
  context.strokeRect(6, 6, width - 12, width - 12)
  context.setLineDash([])
  context.beginPath()
  context.moveTo(width / 2, width / 2 - 6)
  context.lineTo(width / 2, width / 2 + 6)
  context.moveTo(width / 2 - 6, width / 2)
  context.lineTo(width / 2 + 6, width / 2)
  context.stroke()
}
