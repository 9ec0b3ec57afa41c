/** All methods side by side, the check with weights that became noise, and the code. */
import { CodeView } from '../../parts/code-view.tsx'
import { explainCommand, explainProgram } from './code.ts'
import type { ExplainController } from './controller.ts'
import { strongest } from './map-tab.tsx'
import { MapView, PixelView } from './pixels.tsx'
import type { SanityCheck } from './protocol.ts'
import { type Method, methods } from './setup.ts'
import { methodWords } from './words.ts'

interface Props {
  readonly lab: ExplainController
}

export function MethodsTab({ lab }: Props) {
  const all = lab.all.value
  const { method: chosen } = lab.setup.value
  const target = lab.answer.value?.target ?? 0
  return (
    <div class="stage-pad">
      <p class="stage-note">
        What speaks for {lab.className(target)}: the same question, asked in {methods.length} ways. Each has its own
        scale.
      </p>
      <ul class="method-grid">
        {methods.map((method) => {
          const answer = all.get(method)
          const { title } = methodWords[method]
          return (
            <li key={method}>
              <button
                type="button"
                class="method-card"
                aria-pressed={method === chosen}
                onClick={() => lab.change({ method, tab: 'map' })}
              >
                {answer ? (
                  <PixelView picture={answer.overlay} label={`${title}; strongest at ${strongest(answer)}.`} />
                ) : (
                  <span class="skeleton pixels-skeleton" />
                )}
                <b>{title}</b>
                <span>{answer ? (answer.signed ? 'for and against' : 'strength alone') : 'being worked out'}</span>
              </button>
            </li>
          )
        })}
      </ul>
    </div>
  )
}

export function CheckTab({ lab }: Props) {
  const { method } = lab.setup.value
  const check = lab.check.value
  const current = check?.method === method ? check : undefined
  const { title } = methodWords[method]
  const last = current?.stages.at(-1)
  return (
    <div class="stage-pad">
      <p class="stage-note">
        The weights of the network become noise, layer by layer from the last one. A map that explains what was learned
        must change; one that stays draws edges whatever the network knows. The weights are put back afterwards.
      </p>
      {!current ? (
        <div class="skeleton explain-skeleton" aria-busy="true" />
      ) : (
        <>
          <p data-testid="verdict">
            <b>
              {current.passed
                ? `${title} passes: the map depends on what was learned.`
                : `${title} does not pass: the strengths hardly depend on what was learned.`}
            </b>{' '}
            {last && correlationWords(last, current.original.signed)}{' '}
            {multiplies.has(method) &&
              'It multiplies by the picture, so that its strengths follow the picture whatever the weights.'}
          </p>
          <ul class="method-grid">
            <li class="method-card">
              <MapView data={current.original} strengths={lab.strengths.value} label="The map as it is." />
              <b>As learned</b>
              <span>correlation 1</span>
            </li>
            {current.stages.map((stage, index) => (
              <li key={stage.layer} class="method-card" data-stage={stage.layer}>
                <MapView
                  data={stage.map}
                  strengths={lab.strengths.value}
                  label={`The map without layer ${stage.layer}.`}
                />
                <b>
                  {index === 0 ? 'Without ' : '… and without '}
                  {layerWords(lab, stage.layer)}
                </b>
                <span>correlation {correlation(stage.correlation)}</span>
              </li>
            ))}
          </ul>
          <p class="caption">
            Spearman’s rank correlation of the strengths; a map passes below 0.5. After Adebayo et al. 2018, with
            weights shuffled within each layer.
          </p>
        </>
      )}
    </div>
  )
}

/** Methods whose maps have the picture as a factor. */
const multiplies = new Set<Method>(['gradient-x-input', 'integrated-gradients'])

function correlationWords(
  { correlation: strengths, signedCorrelation }: SanityCheck['stages'][number],
  signed: boolean,
): string {
  const sentence = `With every weight shuffled its strengths still correlate ${correlation(strengths)} with the original`
  return signed ? `${sentence}; with their signs it is ${correlation(signedCorrelation)}.` : `${sentence}.`
}

function correlation(value: number): string {
  return value.toFixed(2).replace('-', '−')
}

function layerWords(lab: ExplainController, path: string): string {
  const label = lab.info.value?.layers.find((layer) => layer.path === path)?.label
  return label ? `${label} (${path})` : `layer ${path}`
}

export function CodeTab({ lab }: Props) {
  const setup = lab.setup.value
  return (
    <div class="stage-pad">
      <p class="stage-note">The same map with the library.</p>
      <CodeView code={explainProgram(setup, lab.info.value)} label="The map as a program" />
      <p class="stage-note">And from a run and a picture file, on the command line.</p>
      <CodeView code={explainCommand(setup)} label="The map as a command" />
    </div>
  )
}
