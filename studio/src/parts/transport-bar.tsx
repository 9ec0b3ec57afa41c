/** Start again, train, step, count and speed: the bar above every page on which something moves. */
import { Button, Range } from './controls.tsx'
import type { IconName } from './icon.tsx'

export interface TransportStep {
  readonly label: string
  readonly icon: IconName
  readonly run: () => void
}

interface TransportProps {
  readonly running: boolean
  /** What the large button is called while nothing runs. */
  readonly startLabel: string
  readonly onToggle?: (() => void) | undefined
  readonly onReset?: (() => void) | undefined
  readonly resetLabel: string
  readonly steps: readonly TransportStep[]
  /** Nothing can run now. */
  readonly blocked?: boolean
  readonly count: { readonly value: string; readonly label: string }
  readonly speed: {
    readonly name: string
    readonly at: number
    readonly most: number
    readonly onChange: (at: number) => void
  }
  /** A few words at the right end. */
  readonly status: string
}

export function TransportBar(props: TransportProps) {
  const { running, startLabel, onToggle, onReset, resetLabel, steps, blocked = false, count, speed, status } = props
  return (
    <div class="panel transport" role="toolbar" aria-label="Training">
      <div class="transport-buttons">
        {onReset && <Button label={resetLabel} icon="reset" iconOnly onClick={onReset} />}
        {onToggle && (
          <Button
            label={running ? 'Pause' : startLabel}
            icon={running ? 'pause' : 'play'}
            kind="primary"
            disabled={blocked}
            onClick={onToggle}
          />
        )}
        {steps.map((step) => (
          <Button key={step.label} label={step.label} icon={step.icon} iconOnly disabled={blocked} onClick={step.run} />
        ))}
      </div>
      <div class="transport-count">
        <b data-testid="epoch">{count.value}</b>
        <span>{count.label}</span>
      </div>
      <div class="transport-speed">
        <Range label="Speed" value={speed.name} at={speed.at} min={0} max={speed.most} onChange={speed.onChange} />
      </div>
      <p class="transport-rate" data-testid="rate">
        {status}
      </p>
    </div>
  )
}
