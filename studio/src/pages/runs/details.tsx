/** One run in full: its figures, what was made with which settings, its files, and what a person adds to it. */
import { formatSeconds } from '../../base/duration.ts'
import { formatCount, formatShare, formatValue } from '../../base/format.ts'
import { Button } from '../../parts/controls.tsx'
import { goTo, linkTo } from '../../shell/router.ts'
import type { RunsController } from './controller.ts'
import { markOf, marks, setBaseline, setMark } from './marks.ts'
import { dataOf, headline, modelOf, type RunEntry, secondsLeft, stateWords } from './records.ts'

interface Props {
  readonly lab: RunsController
}

export function Details({ lab }: Props) {
  const run = lab.shown.value
  if (!run) return null
  return (
    <>
      <section class="panel results-panel" aria-label="The run">
        <h2 class="panel-title run-title">{run.name}</h2>
        {run.problem !== undefined && <p class="run-problem">{run.problem}</p>}
        <Figures lab={lab} run={run} />
        <Files run={run} />
      </section>
      <section class="panel results-panel" aria-label="Notes">
        <Notes lab={lab} run={run} />
      </section>
      {run.settings.size > 0 && (
        <section class="panel results-panel" aria-label="Settings of the run">
          <h2 class="panel-title">Settings</h2>
          <dl class="run-settings">
            {[...run.settings].map(([name, value]) => (
              <div key={name}>
                <dt>{name.replace(/^settings\./, '')}</dt>
                <dd>{value}</dd>
              </div>
            ))}
          </dl>
        </section>
      )}
    </>
  )
}

function Figures({ lab, run }: Props & { run: RunEntry }) {
  const { loss, accuracy } = headline(run)
  const state = lab.stateOf(run)
  const left = state === 'learning' ? secondsLeft(run) : undefined
  const parameters = run.settings.get('model.parameters')
  const lines: readonly (readonly [string, string])[] = [
    ['State', left === undefined ? stateWords[state] : `${stateWords[state]}, ${formatSeconds(left)} left`],
    [
      'Network',
      [modelOf(run), parameters === undefined ? '' : `${formatCount(Number(parameters))} parameters`]
        .filter(Boolean)
        .join(', '),
    ],
    ['Data', dataOf(run)],
    ['Best epoch', run.best.epoch === undefined ? '' : `${run.best.epoch} of ${run.epochs}`],
    ['Loss', loss === undefined ? '' : formatValue(loss)],
    ['Accuracy', accuracy === undefined ? '' : formatShare(accuracy)],
    [
      'Pace',
      run.last.samplesPerSecond === undefined ? '' : `${formatCount(run.last.samplesPerSecond)} samples a second`,
    ],
    ['Time', run.seconds > 0 ? formatSeconds(run.seconds) : ''],
    ['Begun', date(run.settings.get('created'))],
  ]
  return (
    <dl class="run-settings plain">
      {lines.map(([name, value]) =>
        value === '' ? null : (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ),
      )}
    </dl>
  )
}

function date(text: string | undefined): string {
  const time = new Date(text ?? '')
  return Number.isNaN(time.getTime()) ? '' : time.toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'short' })
}

function Files({ run }: { run: RunEntry }) {
  const path = (file: string): string => `/api/runs/${encodeURIComponent(run.name)}/files/${file}`
  const has = (file: string): boolean => run.files.includes(file)
  const links = [
    ...(has('report.html') ? [{ href: path('report.html'), label: 'Report', opens: true }] : []),
    ...(has('best.safetensors') ? [{ href: path('best.safetensors'), label: 'Weights', opens: false }] : []),
    ...(has('stats.csv') ? [{ href: path('stats.csv'), label: 'Figures (CSV)', opens: false }] : []),
  ]
  if (links.length === 0) return null
  return (
    <ul class="run-files">
      {isExplainable(run) && (
        <li>
          <a
            href={linkTo('explain', writeExplain(run.name))}
            onClick={(event) => {
              if (event.ctrlKey || event.metaKey || event.shiftKey) return
              event.preventDefault()
              goTo('explain', writeExplain(run.name))
            }}
          >
            Look inside
          </a>
        </li>
      )}
      {links.map(({ href, label, opens }) => (
        <li key={label}>
          <a
            href={href}
            {...(opens ? { target: '_blank', rel: 'noopener' } : { download: `${run.name}-${href.split('/').at(-1)}` })}
          >
            {label}
            {opens && <span class="visually-hidden"> (opens a tab)</span>}
          </a>
        </li>
      ))}
    </ul>
  )
}

/** Whether the page Explain can open it: a network for pictures with its weights. */
function isExplainable({ files, settings }: RunEntry): boolean {
  const isKnown = settings.has('settings.model') || settings.has('settings.layers')
  const shape = /^\[[13],\d+,\d+\]$/.test(settings.get('data.inputShape') ?? '')
  return files.includes('best.safetensors') && isKnown && shape
}

function writeExplain(name: string): string {
  return new URLSearchParams({ network: `run:${name}` }).toString()
}

function Notes({ lab, run }: Props & { run: RunEntry }) {
  const mark = markOf(run.name)
  const isBaseline = marks.value.baseline === run.name
  const compared = lab.compared.value.some(({ name }) => name === run.name)
  return (
    <>
      <div class="run-buttons">
        <Button
          label={compared ? 'Compared' : 'Compare'}
          small
          pressed={compared}
          onClick={() => lab.toggleCompared(run.name)}
        />
        <Button label="Baseline" small pressed={isBaseline} onClick={() => setBaseline(isBaseline ? '' : run.name)} />
        <Button
          label="Archive"
          small
          pressed={mark.archived}
          onClick={() => setMark(run.name, { archived: !mark.archived })}
        />
      </div>
      <label class="field" key={`tags ${run.name}`}>
        <span class="field-label">Tags, between commas</span>
        <input
          class="text-input"
          value={mark.tags.join(', ')}
          maxLength={200}
          onChange={(event) => setMark(run.name, { tags: tagsIn(event.currentTarget.value) })}
        />
      </label>
      <label class="field" key={`note ${run.name}`}>
        <span class="field-label">Note</span>
        <textarea
          class="text-input run-note"
          maxLength={4000}
          value={mark.note}
          onChange={(event) => setMark(run.name, { note: event.currentTarget.value })}
        />
      </label>
      <p class="caption">Kept in this browser; the folder of the run stays as it is.</p>
    </>
  )
}

function tagsIn(text: string): string[] {
  return [...new Set(text.split(',').map((tag) => tag.trim()))].filter((tag) => tag !== '').slice(0, 12)
}
