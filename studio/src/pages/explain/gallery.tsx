/** Pictures to ask about, with what the network says of each; those that it gets wrong are marked. */
import type { ExplainController } from './controller.ts'
import { PixelView, pixelsAt } from './pixels.tsx'
import { LIKELIEST } from './setup.ts'

export function Gallery({ lab }: { lab: ExplainController }) {
  const info = lab.info.value
  const { picture: chosen } = lab.setup.value
  if (!info) return null
  const { pictures, labels, answers, inputShape } = info
  const wrong = labels.filter((label, index) => label !== answers[index]).length
  return (
    <section class="panel stage" aria-label="Pictures">
      <div class="stage-pad">
        <div class="table-bar">
          <h2 class="panel-title">Pictures</h2>
          <p class="caption">
            {wrong === 0 ? 'All of these are right.' : `${wrong} of ${labels.length} wrong; they have a broken frame.`}
          </p>
        </div>
        {info.warning !== undefined && <p class="stage-note">{info.warning}</p>}
        <ul class="explain-gallery">
          {Array.from(labels, (label, index) => {
            const answer = answers[index] ?? 0
            const name = `Picture ${index}: ${lab.className(label)}${answer === label ? '' : `, taken for ${lab.className(answer)}`}`
            return (
              <li key={index}>
                <button
                  type="button"
                  class={answer === label ? 'gallery-picture' : 'gallery-picture wrong'}
                  aria-label={name}
                  aria-pressed={index === chosen}
                  title={name}
                  onClick={() => lab.change({ picture: index, target: LIKELIEST })}
                >
                  <GalleryPicture planes={pictures} index={index} shape={inputShape} />
                </button>
              </li>
            )
          })}
        </ul>
      </div>
    </section>
  )
}

interface GalleryPictureProps {
  readonly planes: Uint8Array
  readonly index: number
  readonly shape: readonly [number, number, number]
}

function GalleryPicture({ planes, index, shape }: GalleryPictureProps) {
  return <PixelView small picture={pixelsAt(planes, index, shape)} />
}
