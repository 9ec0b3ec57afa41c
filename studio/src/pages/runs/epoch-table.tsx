/** Every epoch of the compared runs in numbers. */
import { formatCount } from '../../base/format.ts'
import { ScrollTable } from '../../parts/scroll-table.tsx'
import { formatFigure, NothingChosen, partsOf } from './compare.tsx'
import type { RunsController } from './controller.ts'
import { figureTitle } from './differences.tsx'
import { figureNamed } from './records.ts'

/** More rows make a page slow; the export has all of them. */
const MOST_ROWS = 400

export function EpochTable({ lab }: { lab: RunsController }) {
  const runs = lab.compared.value
  const columns = columnsOf(lab)
  if (runs.length === 0) return <NothingChosen />
  const epochs = epochsOf(lab)
  const rows = epochs.slice(-MOST_ROWS)
  return (
    <div class="stage-pad">
      <p class="stage-note">
        {rows.length < epochs.length
          ? `The last ${formatCount(rows.length)} of ${formatCount(epochs.length)} epochs; the export has all of them.`
          : `${formatCount(epochs.length)} epochs.`}
      </p>
      <ScrollTable label="Epochs">
        <table class="data-table">
          <thead>
            <tr>
              <th scope="col">Epoch</th>
              {columns.map(({ run, name }) => (
                <th key={`${run} ${name}`} scope="col">
                  {run}
                  <br />
                  {figureTitle(name)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((epoch) => (
              <tr key={epoch}>
                <th scope="row">{epoch}</th>
                {columns.map(({ run, name, at, values }) => {
                  const value = values[at.get(epoch) ?? -1]
                  return (
                    <td key={`${run} ${name}`}>
                      {value === undefined ? '' : formatFigure(figureNamed(name).family)(value)}
                    </td>
                  )
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollTable>
    </div>
  )
}

interface Column {
  readonly run: string
  readonly name: string
  readonly values: readonly number[]
  /** The place of each epoch. */
  readonly at: ReadonlyMap<number, number>
}

/** The figures of the families that are drawn. */
function columnsOf(lab: RunsController): Column[] {
  return lab.compared.value.flatMap(({ name: run }) => {
    const series = lab.series.value.get(run)
    const at = new Map(series?.epochs.map((epoch, index) => [epoch, index]))
    return lab.charts.value.flatMap((family) =>
      partsOf(series, family, lab.setup.value.training).map((name) => ({
        run,
        name,
        at,
        values: series?.columns.get(name) ?? [],
      })),
    )
  })
}

function epochsOf(lab: RunsController): number[] {
  const all = new Set(lab.compared.value.flatMap(({ name }) => lab.series.value.get(name)?.epochs ?? []))
  return [...all].sort((a, b) => a - b)
}

/** One line for each epoch of each compared run, with every figure it has. */
export function epochRows(lab: RunsController): { header: string[]; rows: (string | number)[][] } {
  const all = [...lab.series.value]
  const names = [...new Set(all.flatMap(([, series]) => [...series.columns.keys()]))]
  const rows = all.flatMap(([run, series]) =>
    series.epochs.map((epoch, index) => [run, epoch, ...names.map((name) => series.columns.get(name)?.[index] ?? '')]),
  )
  return { header: ['run', 'epoch', ...names], rows }
}
