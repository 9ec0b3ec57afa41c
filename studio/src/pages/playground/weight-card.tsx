/** The card beside a link or a neuron: shows the number, and once pinned lets it be changed. */
import { useEffect, useRef } from 'preact/hooks'
import { formatValue } from '../../base/format.ts'
import { Button } from '../../parts/controls.tsx'
import { MathLabel } from '../../parts/math-label.tsx'
import type { PlaygroundController } from './controller.ts'
import { featureInfo } from './features.ts'
import type { LayerPlan, Plan } from './protocol.ts'
import { chosenFeatures } from './setup.ts'

interface Place {
  readonly label: string
  /** Stays and can be edited. */
  readonly pinned: boolean
  readonly x: number
  readonly y: number
}

export type Pick =
  | (Place & { readonly kind: 'link'; readonly place: number })
  | (Place & { readonly kind: 'unit'; readonly layer: number; readonly unit: number })

interface Props {
  readonly play: PlaygroundController
  readonly plan: Plan
  readonly pick: Pick
  readonly onClose: () => void
  readonly width: number
}

const WIDTH = 216

export function WeightCard({ play, plan, pick, onClose, width }: Props) {
  const box = useRef<HTMLDivElement>(null)
  const opener = useRef<Element | null>(null)
  useEffect(() => {
    if (!pick.pinned) return
    opener.current = document.activeElement
    box.current?.querySelector('input')?.focus()
    return () => (opener.current as HTMLElement | null)?.focus?.()
  }, [pick])
  const left = Math.max(4, Math.min(width - WIDTH - 4, pick.x - WIDTH / 2))
  const style = { left: `${left}px`, top: `${pick.y + 8}px`, width: `${WIDTH}px` }
  const weights = play.frame.value?.weights
  if (!pick.pinned && pick.kind === 'link') {
    return (
      <div class="weight-card hover" style={style}>
        <span>
          <MathLabel text={pick.label} />
        </span>
        <b>{formatValue(weights?.[pick.place] ?? 0)}</b>
        <small>Click to change it.</small>
      </div>
    )
  }
  const rows =
    pick.kind === 'link' ? [{ label: 'Weight', place: pick.place }] : rowsOf(play, plan, pick.layer, pick.unit)
  return (
    <div
      ref={box}
      class="weight-card"
      style={style}
      role="dialog"
      aria-label={`Change ${pick.label}`}
      onKeyDown={(event) => event.key === 'Escape' && onClose()}
    >
      <div class="weight-card-head">
        <span>
          <MathLabel text={pick.label} />
        </span>
        <Button label="Close" icon="close" kind="quiet" small iconOnly onClick={onClose} />
      </div>
      {rows.map(({ label, place }) => (
        // biome-ignore lint/a11y/noLabelWithoutControl: the number box stands in the component
        <label key={place} class="weight-row">
          <span>
            <MathLabel text={label} />
          </span>
          <WeightInput play={play} place={place} value={weights?.[place] ?? 0} />
        </label>
      ))}
    </div>
  )
}

/** The bias of a unit and the weights that lead to it. */
export function rowsOf(
  play: PlaygroundController,
  plan: Plan,
  layer: number,
  unit: number,
): { label: string; place: number }[] {
  const { inputs, weightsAt, biasesAt } = plan.layers[layer] as LayerPlan
  const names = chosenFeatures(play.setup.value)
  const weights = Array.from({ length: inputs }, (_, input) => ({
    label: layer === 0 ? `from ${featureInfo[names[input] ?? 'x'].label}` : `from ${layer}.${input + 1}`,
    place: weightsAt + unit * inputs + input,
  }))
  return [{ label: 'Bias', place: biasesAt + unit }, ...weights]
}

interface WeightInputProps {
  readonly play: PlaygroundController
  readonly place: number
  readonly value: number
  readonly label?: string
}

/** A number that follows the training until someone types into it. */
export function WeightInput({ play, place, value, label }: WeightInputProps) {
  const field = useRef<HTMLInputElement>(null)
  useEffect(() => {
    const input = field.current
    if (input && document.activeElement !== input) input.value = value.toFixed(3)
  }, [value])
  return (
    <input
      ref={field}
      class="text-input"
      type="number"
      step="0.1"
      aria-label={label}
      defaultValue={value.toFixed(3)}
      onChange={(event) => {
        const next = Number(event.currentTarget.value)
        if (event.currentTarget.value !== '' && Number.isFinite(next)) play.setWeight(place, next)
      }}
    />
  )
}
