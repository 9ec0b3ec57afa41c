/** Training pictures as the network gets them, changed anew in every epoch where that is asked for. */
import { useEffect, useState } from 'preact/hooks'
import { Button } from '../../parts/controls.tsx'
import type { TrainController } from './controller.ts'
import { MapGrid, single } from './map-grid.tsx'
import type { PictureBytes } from './protocol.ts'

const COUNT = 48

export function DataTab({ lab }: { lab: TrainController }) {
  const [epoch, setEpoch] = useState(0)
  const [samples, setSamples] = useState<PictureBytes>()
  const info = lab.info.value
  const { augmentation } = lab.setup.value
  const generation = lab.generation.value
  useEffect(() => {
    let current = true
    // A network that cannot be built has no session to ask; the next change brings one.
    lab.samples(COUNT, epoch).then(
      (found) => current && setSamples(found),
      () => undefined,
    )
    return () => {
      current = false
    }
  }, [lab, epoch, augmentation, generation])
  if (!info || !samples) return <div class="skeleton train-skeleton" role="img" aria-label="Pictures are coming." />
  return (
    <div class="stage-pad">
      <div class="table-bar">
        <p class="stage-note">
          {info.title}: {info.classNames.length} classes of {info.inputShape.join(' × ')} numbers.
        </p>
        {augmentation !== 'none' && (
          <Button label="As in the next epoch" icon="step" small onClick={() => setEpoch(epoch + 1)} />
        )}
      </div>
      <ul class="sample-list" aria-label="Training pictures with their classes">
        {Array.from(samples.labels, (label, index) => (
          <li key={index}>
            <MapGrid
              maps={single(info.inputShape, samples.values, index)}
              tile={56}
              scale="bytes"
              label={`Training picture ${index}`}
            />
            <span>{info.classNames[label]}</span>
          </li>
        ))}
      </ul>
      <p class="caption">
        {augmentation === 'none'
          ? 'They look the same in every epoch; change that with “While learning, show them”.'
          : `As they look in epoch ${epoch + 1}.`}
      </p>
    </div>
  )
}
