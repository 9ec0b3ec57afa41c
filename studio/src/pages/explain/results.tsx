/** What the network says of the picture, and what the map says in numbers. */
import { formatShare, formatValue } from '../../base/format.ts'
import type { ExplainController } from './controller.ts'
import { strongest } from './map-tab.tsx'
import type { Answer } from './protocol.ts'

interface Props {
  readonly lab: ExplainController
}

const SHOWN = 5

/** The likeliest classes; pressing one asks what speaks for it. */
export function Predictions({ lab }: Props) {
  const look = lab.look.value
  const target = lab.answer.value?.target
  if (!look) return null
  const order = Array.from(look.probabilities.keys()).sort(
    (a, b) => (look.probabilities[b] ?? 0) - (look.probabilities[a] ?? 0),
  )
  const shown = order.slice(0, SHOWN)
  if (target !== undefined && !shown.includes(target)) shown[SHOWN - 1] = target
  const verdict =
    look.label === undefined ? '' : order[0] === look.label ? 'Right.' : `Wrong: it is ${lab.className(look.label)}.`
  return (
    <section class="panel results-panel" aria-label="Predictions">
      <div class="table-bar">
        <h2 class="panel-title">The network says</h2>
        <span class="caption">{verdict}</span>
      </div>
      <ol class="predictions">
        {shown.map((index) => {
          const share = look.probabilities[index] ?? 0
          return (
            <li key={index}>
              <button
                type="button"
                class="prediction"
                aria-pressed={index === target}
                data-class={index}
                onClick={() => lab.change({ target: index })}
              >
                <span class="prediction-name">{lab.className(index)}</span>
                <span class="prediction-bar">
                  <i style={{ width: `${100 * share}%` }} />
                </span>
                <span class="prediction-share">{formatShare(share)}</span>
              </button>
            </li>
          )
        })}
      </ol>
      <p class="caption">Press a class to see what speaks for it.</p>
    </section>
  )
}

export function Facts({ lab }: Props) {
  const answer = lab.answer.value
  const info = lab.info.value
  if (!answer || !info) return null
  return (
    <section class="panel results-panel" aria-label="The map in numbers">
      <h2 class="panel-title">The map in numbers</h2>
      <dl class="explain-facts">
        {factsOf(answer, lab).map(({ name, value, id }) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd data-testid={id}>{value}</dd>
          </div>
        ))}
      </dl>
      {answer.completeness && (
        <p class="caption">
          Integrated gradients are complete: the map adds up to the score of this picture less that of a black one, but
          for the error of taking steps.
        </p>
      )}
    </section>
  )
}

interface Fact {
  readonly name: string
  readonly value: string
  readonly id: string
}

function factsOf(answer: Answer, lab: ExplainController): Fact[] {
  const { completeness, layer } = answer
  return [
    { name: 'Class', value: lab.className(answer.target), id: 'target' },
    { name: 'Score', value: formatValue(answer.score), id: 'score' },
    { name: 'Strongest', value: strongest(answer), id: 'strongest' },
    ...(completeness
      ? [
          { name: 'Sum of the map', value: formatValue(completeness.sum), id: 'sum' },
          { name: 'Difference of scores', value: formatValue(completeness.expected), id: 'expected' },
          { name: 'Error', value: formatValue(completeness.error), id: 'error' },
        ]
      : []),
    ...(layer ? [{ name: 'Layer', value: `${layer.name}, ${layer.height} × ${layer.width}`, id: 'layer' }] : []),
    { name: 'Worked out in', value: `${Math.max(1, Math.round(answer.ms))} ms`, id: 'ms' },
  ]
}
