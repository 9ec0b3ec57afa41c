/** What tells runs apart: their settings, and the figures of their best epochs beside those of the baseline. */
import { formatSeconds } from '../../base/duration.ts'
import { Switch } from '../../parts/controls.tsx'
import { IdentityMarker } from '../../parts/identity.tsx'
import { ScrollTable } from '../../parts/scroll-table.tsx'
import { formatFigure, NothingChosen } from './compare.tsx'
import type { RunsController } from './controller.ts'
import { differingSettings, familyTitle, figureNamed, isShare, type RunEntry } from './records.ts'

interface Props {
  readonly lab: RunsController
}

export function Differences({ lab }: Props) {
  const runs = lab.compared.value
  const { allSettings } = lab.setup.value
  const baseline = lab.baseline.value
  if (runs.length === 0 || !baseline) return <NothingChosen />
  const all = [...new Set(runs.flatMap(({ settings }) => [...settings.keys()]))]
  const differing = differingSettings(runs)
  const names = allSettings ? all : differing.filter((name) => name !== 'created')
  return (
    <div class="stage-pad">
      <div class="table-bar">
        <p class="stage-note">
          {names.length === 0
            ? 'These runs were made with the same settings.'
            : `${differing.length} of ${all.length} settings differ. Differences of figures are to ${baseline.name}.`}
        </p>
        <Switch label="All settings" on={allSettings} onChange={(on) => lab.change({ allSettings: on })} />
      </div>
      <ScrollTable label="Differences">
        <table class="data-table differences">
          <thead>
            <tr>
              <th scope="col">Figure or setting</th>
              {runs.map((run, place) => (
                <th key={run.name} scope="col">
                  <span class="run-heading">
                    <IdentityMarker place={place} />
                    {run.name}
                  </span>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {figureNames(runs).map((name) => (
              <FigureRow key={name} name={name} runs={runs} baseline={baseline} />
            ))}
            <tr>
              <th scope="row">Time of all epochs</th>
              {runs.map((run) => (
                <td key={run.name}>{run.seconds > 0 ? formatSeconds(run.seconds) : '–'}</td>
              ))}
            </tr>
            {names.map((name) => (
              <tr key={name} class={differing.includes(name) ? 'differs' : ''}>
                <th scope="row">
                  <code>{name}</code>
                </th>
                {runs.map((run) => (
                  <td key={run.name} class="setting-value">
                    {run.settings.get(name) ?? '–'}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollTable>
      <p class="caption">Figures are those of each run’s best epoch.</p>
    </div>
  )
}

/** The figures of the best epochs that judge, best first. */
export function figureNames(runs: readonly RunEntry[]): string[] {
  const names = new Set(runs.flatMap(({ best }) => ['epoch', ...Object.keys(best)]))
  const skipped = new Set(['epochs', 'seconds', 'samplesPerSecond', 'lr'])
  const order = ['epoch', 'validationLoss', 'validationAccuracy', 'trainLoss', 'trainAccuracy']
  const place = (name: string): number => (order.includes(name) ? order.indexOf(name) : order.length)
  return [...names].filter((name) => !skipped.has(name)).sort((a, b) => place(a) - place(b))
}

export function figureTitle(name: string): string {
  if (name === 'epoch') return 'Best epoch'
  const { family, part } = figureNamed(name)
  const title = familyTitle(family)
  return part === '' ? title : `${part === 'train' ? 'Training' : 'Validation'} ${title.toLowerCase()}`
}

function FigureRow({ name, runs, baseline }: { name: string; runs: readonly RunEntry[]; baseline: RunEntry }) {
  const { family } = figureNamed(name)
  const format = name === 'epoch' ? String : formatFigure(family)
  const base = baseline.best[name]
  return (
    <tr>
      <th scope="row">{figureTitle(name)}</th>
      {runs.map((run) => {
        const value = run.best[name]
        return (
          <td key={run.name} data-figure={name} data-run={run.name}>
            {value === undefined ? '–' : format(value)}
            {run.name !== baseline.name && value !== undefined && base !== undefined && name !== 'epoch' && (
              <Difference by={value - base} family={family} format={format} />
            )}
          </td>
        )
      })}
    </tr>
  )
}

/** Better and worse have a word and a sign, so that colour is not all. */
function Difference({ by, family, format }: { by: number; family: string; format: (value: number) => string }) {
  if (!Number.isFinite(by) || by === 0) return null
  const better = isShare(family) ? by > 0 : /loss|error|mae|mse/i.test(family) ? by < 0 : undefined
  const word = better === undefined ? '' : better ? ' better' : ' worse'
  const sign = by > 0 ? '+' : '−'
  return (
    <span class={`difference${word}`}>
      {sign}
      {format(Math.abs(by))}
      {word !== '' && <span class="visually-hidden">,{word}</span>}
    </span>
  )
}
