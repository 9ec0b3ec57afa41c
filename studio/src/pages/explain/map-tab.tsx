/** The picture, its map and both over each other; pointing at a place tells its number. */
import { useSignal } from '@preact/signals'
import { formatValue } from '../../base/format.ts'
import { Range } from '../../parts/controls.tsx'
import type { ExplainController } from './controller.ts'
import { MapView, PixelView, ScaleLegend } from './pixels.tsx'
import type { Answer } from './protocol.ts'
import { methodWords } from './words.ts'

interface Props {
  readonly lab: ExplainController
}

export function MapTab({ lab }: Props) {
  const place = useSignal<{ row: number; column: number } | undefined>(undefined)
  const look = lab.look.value
  const answer = lab.answer.value
  if (!look || !answer) return <div class="skeleton explain-skeleton" />
  const words = methodWords[answer.method]
  const name = lab.className(answer.target)
  const point = (next: { row: number; column: number } | undefined): void => {
    place.value = next
  }
  return (
    <div class="stage-pad">
      <div class={lab.busy.value ? 'explain-maps busy' : 'explain-maps'}>
        <figure>
          <PixelView
            picture={look.picture}
            label={`The picture${look.label === undefined ? '' : `, of class ${lab.className(look.label)}`}.`}
            onPoint={point}
          />
          <figcaption class="caption">
            Picture, {look.picture.height} × {look.picture.width}
            {look.label === undefined ? '' : `, of class ${lab.className(look.label)}`}
          </figcaption>
        </figure>
        <figure>
          <MapView
            data={answer}
            strengths={lab.strengths.value}
            label={`${words.title} for ${name}; strongest at ${strongest(answer)}.`}
            onPoint={point}
          />
          <ScaleLegend data={answer} strengths={lab.strengths.value} />
        </figure>
        <figure data-export="overlay">
          <PixelView picture={answer.overlay} label={`The map over the picture.`} onPoint={point} />
          <Range
            label="Map over the picture"
            value={`${Math.round(100 * lab.setup.value.opacity)} %`}
            at={lab.setup.value.opacity}
            min={0}
            max={1}
            step={0.05}
            onChange={(opacity) => lab.change({ opacity })}
          />
        </figure>
      </div>
      <p class="explain-readout caption" aria-hidden="true">
        {readout(answer, place.value)}
      </p>
      <div class="explain-words">
        <p>
          <b>{words.title}</b> for {name}. {words.shows}
        </p>
        <p class="stage-note">
          {words.mind} <span class="explain-source">{words.source}</span>
        </p>
      </div>
    </div>
  )
}

export function strongest({ strongest: { row, column } }: Answer): string {
  return `row ${row}, column ${column}`
}

function readout({ map, width }: Answer, place: { row: number; column: number } | undefined): string {
  if (!place) return 'Point at a place to read its number.'
  return `Row ${place.row}, column ${place.column}: ${formatValue(map[place.row * width + place.column] ?? Number.NaN)}`
}
