/** Reset, play, step, the epoch and the speed: the bar above every page that trains. */
import { formatCount, formatCounter } from '../../base/format.ts'
import { Button, Range } from '../../parts/controls.tsx'
import type { PlaygroundController } from './controller.ts'
import { speeds } from './setup.ts'

export function Transport({ play }: { play: PlaygroundController }) {
  const setup = play.setup.value
  const running = play.running.value
  const blocked = play.diagnosis.value !== undefined
  return (
    <div class="panel transport" role="toolbar" aria-label="Training">
      <div class="transport-buttons">
        {!setup['hide:resetButton'] && (
          <Button label="Start again with fresh weights" icon="reset" iconOnly onClick={() => play.reset()} />
        )}
        {!setup['hide:playButton'] && (
          <Button
            label={running ? 'Pause' : 'Train'}
            icon={running ? 'pause' : 'play'}
            kind="primary"
            disabled={blocked}
            onClick={() => play.toggle()}
          />
        )}
        {!setup['hide:stepButton'] && (
          <>
            <Button label="Train one epoch" icon="step" iconOnly disabled={blocked} onClick={() => play.step(-1)} />
            <Button label="Train one batch" icon="batch" iconOnly disabled={blocked} onClick={() => play.step(1)} />
          </>
        )}
      </div>
      <Counter play={play} />
      <div class="transport-speed">
        <Range
          label="Speed"
          value={speedName(setup.speed)}
          at={setup.speed}
          min={0}
          max={speeds.length - 1}
          onChange={(speed) => play.change({ speed })}
        />
      </div>
      <Measured play={play} />
    </div>
  )
}

export function noPoints(play: PlaygroundController): boolean {
  return play.plan.value?.train.target.length === 0
}

function Counter({ play }: { play: PlaygroundController }) {
  return (
    <div class="transport-count">
      <b data-testid="epoch">{formatCounter(play.epoch.value)}</b>
      <span>epochs</span>
    </div>
  )
}

function Measured({ play }: { play: PlaygroundController }) {
  const rate = play.epochsPerSecond.value
  return (
    <p class="transport-rate" data-testid="rate">
      {measuredText(play, rate)}
    </p>
  )
}

function measuredText(play: PlaygroundController, rate: number): string {
  if (play.running.value && noPoints(play)) return 'waiting for points'
  if (play.running.value) return rate > 0 ? `${formatCount(rate)} epochs/s` : 'starting'
  if (play.diagnosis.value) return 'diverged'
  const reasons = { epochs: 'stopped at its epoch', loss: 'stopped at its loss' }
  return play.stopped.value ? reasons[play.stopped.value] : 'paused'
}

export function speedName(index: number): string {
  const speed = speeds[index] as number
  if (speed === 0) return 'batch by batch'
  if (speed === Number.POSITIVE_INFINITY) return 'as fast as it goes'
  return `${speed} ${speed === 1 ? 'epoch' : 'epochs'}/s`
}
