/** The Playground's transport bar. */
import { formatCount, formatCounter } from '../../base/format.ts'
import { TransportBar, type TransportStep } from '../../parts/transport-bar.tsx'
import type { PlaygroundController } from './controller.ts'
import { speeds } from './setup.ts'

interface TransportProps {
  /** The set-up whose epoch and pace are shown. */
  readonly play: PlaygroundController
  /** All that train together. */
  readonly all: readonly PlaygroundController[]
}

export function Transport({ play, all }: TransportProps) {
  const setup = play.setup.value
  const running = all.some((each) => each.running.value)
  const each = (work: (play: PlaygroundController) => void): void => {
    for (const one of all) work(one)
  }
  const toggle = (): void =>
    each((one) => {
      if (running) one.stop()
      else if (!one.diagnosis.value) one.start()
    })
  const steps: TransportStep[] = [
    { label: 'Train one epoch', icon: 'step', run: () => each((one) => one.step(-1)) },
    { label: 'Train one batch', icon: 'batch', run: () => each((one) => one.step(1)) },
  ]
  return (
    <TransportBar
      running={running}
      startLabel="Train"
      onToggle={setup['hide:playButton'] ? undefined : toggle}
      onReset={setup['hide:resetButton'] ? undefined : () => each((one) => one.reset())}
      resetLabel="Start again with fresh weights"
      steps={setup['hide:stepButton'] ? [] : steps}
      blocked={all.every((each) => each.diagnosis.value !== undefined)}
      count={{ value: formatCounter(play.epoch.value), label: 'epochs' }}
      speed={{
        name: speedName(setup.speed),
        at: setup.speed,
        most: speeds.length - 1,
        onChange: (speed) => each((one) => one.change({ speed })),
      }}
      status={statusText(play, play.epochsPerSecond.value)}
    />
  )
}

function statusText(play: PlaygroundController, rate: number): string {
  if (play.running.value && play.plan.value?.train.target.length === 0) return 'waiting for points'
  if (play.running.value) return rate > 0 ? `${formatCount(rate)} epochs/s` : 'starting'
  if (play.diagnosis.value) return 'diverged'
  const reasons = { epochs: 'stopped at its epoch', loss: 'stopped at its loss' }
  return play.stopped.value ? reasons[play.stopped.value] : 'paused'
}

function speedName(index: number): string {
  const speed = speeds[index] as number
  if (speed === 0) return 'batch by batch'
  if (speed === Number.POSITIVE_INFINITY) return 'as fast as it goes'
  return `${speed} ${speed === 1 ? 'epoch' : 'epochs'}/s`
}
