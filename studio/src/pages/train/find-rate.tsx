/** The learning-rate finder: one step at each of a hundred growing rates, the losses as a curve, and the rate where they fall fastest. */
import { useState } from 'preact/hooks'
import { nearestNumber } from '../../base/address.ts'
import { Button } from '../../parts/controls.tsx'
import { Curve, describeCurve } from '../../parts/curve.tsx'
import { Dialog } from '../../parts/dialog.tsx'
import type { TrainController } from './controller.ts'
import type { RateTrial } from './protocol.ts'
import { learningRates } from './setup.ts'

const series = [{ label: 'Loss', colour: '--text' }] as const

export function FindRate({ lab }: { lab: TrainController }) {
  const [open, setOpen] = useState(false)
  const [trial, setTrial] = useState<RateTrial>()
  const [problem, setProblem] = useState('')
  const find = async (): Promise<void> => {
    if (lab.running.value) lab.stop()
    setTrial(undefined)
    setProblem('')
    setOpen(true)
    try {
      setTrial(await lab.findRate())
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error))
    }
  }
  const { kind } = lab.stage.value
  const ready = kind === 'ready' && lab.problem.value === undefined && lab.phase.value !== 'failed'
  return (
    <>
      <Button label="Find a rate" icon="search" small disabled={!ready} onClick={() => void find()} />
      {open && (
        <Dialog title="Find a learning rate" onClose={() => setOpen(false)}>
          {problem && (
            <p class="notice danger" role="alert">
              {problem}
            </p>
          )}
          {!trial && !problem && (
            <div class="skeleton rate-skeleton" role="img" aria-label="A hundred rates are being tried." />
          )}
          {trial && <Found lab={lab} trial={trial} onClose={() => setOpen(false)} />}
        </Dialog>
      )}
    </>
  )
}

function Found({ lab, trial, onClose }: { lab: TrainController; trial: RateTrial; onClose: () => void }) {
  const { rates, losses, suggestion } = trial
  const data = { x: rates, lines: [losses] }
  const choice = suggestion === undefined ? undefined : nearestNumber(learningRates, suggestion)
  const words =
    choice === undefined
      ? 'The loss fell at no rate; the network or the pictures need another look.'
      : `The loss falls fastest near a rate of ${suggestion?.toPrecision(2)}; the nearest choice is ${choice}.`
  return (
    <>
      <p data-testid="rate-words">{words}</p>
      <Curve
        series={series}
        data={data}
        logX
        logY={false}
        smoothing={0}
        height={220}
        label={describeCurve('Loss', series, data).replace(/over .* epochs/, `over ${rates.length} rates`)}
      />
      <p class="caption">
        Smoothed loss by learning rate: one batch at each rate, from small to too large. The network is as it was.
      </p>
      <div class="dialog-actions">
        <Button label="Cancel" onClick={onClose} />
        {choice !== undefined && (
          <Button
            label={`Use ${choice}`}
            kind="primary"
            onClick={() => {
              lab.change({ learningRate: choice })
              onClose()
            }}
          />
        )}
      </div>
    </>
  )
}
