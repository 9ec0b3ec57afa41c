/** The presets with what to look for in each. */
import { Dialog } from '../../parts/dialog.tsx'
import { MathLabel } from '../../parts/math-label.tsx'
import type { PlaygroundController } from './controller.ts'
import { presetSetup, presets } from './presets.ts'

export function PresetDialog({ play, onClose }: { play: PlaygroundController; onClose: () => void }) {
  return (
    <Dialog title="Experiments to try" onClose={onClose}>
      <ul class="preset-list">
        {presets.map((preset) => (
          <li key={preset.id}>
            <button
              type="button"
              class="preset"
              onClick={() => {
                usePreset(play, preset.id)
                onClose()
              }}
            >
              <b>
                <MathLabel text={preset.title} />
              </b>
              <span>
                <MathLabel text={preset.comment} />
              </span>
            </button>
          </li>
        ))}
      </ul>
    </Dialog>
  )
}

/** Opens a preset; the speed and what is shown stay as the person set them. */
export function usePreset(play: PlaygroundController, id: string): void {
  const preset = presets.find((each) => each.id === id)
  if (!preset) return
  const { speed, points, logEpochs, logLoss, smoothing } = play.setup.value
  play.preset.value = preset
  play.change({ ...presetSetup(preset), speed, points, logEpochs, logLoss, smoothing })
  play.reset()
  if (!play.running.value) play.start()
}
