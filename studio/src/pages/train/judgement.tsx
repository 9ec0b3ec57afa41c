/** How it does on test pictures: who is taken for whom, the pictures behind each number, the worst mistakes, and figures of each class. */
import { useEffect, useState } from 'preact/hooks'
import { formatShare, formatValue } from '../../base/format.ts'
import { Button } from '../../parts/controls.tsx'
import type { TrainController } from './controller.ts'
import { MapGrid, single } from './map-grid.tsx'
import type { DataInfo, Judgement } from './protocol.ts'

interface Props {
  readonly lab: TrainController
}

interface JudgedProps extends Props {
  readonly info: DataInfo
  readonly judged: Judgement
}

const PAGE = 24

export function JudgementTab({ lab }: Props) {
  const info = lab.info.value
  const judged = lab.judgement.value
  const [cell, setCell] = useState<readonly [number, number]>()
  useEffect(() => setCell(undefined), [lab.generation.value])
  if (!info) return null
  if (!judged) {
    return (
      <div class="stage-pad">
        <p class="train-empty">The network is judged after its first epoch. Train it to see what it gets wrong.</p>
      </div>
    )
  }
  return (
    <div class="stage-pad">
      <ConfusionTable {...{ lab, info, judged, cell }} onCell={setCell} />
      <Pictures {...{ lab, info, judged, cell }} onAll={() => setCell(undefined)} />
      <ClassTable {...{ lab, info, judged }} />
    </div>
  )
}

interface ConfusionProps extends JudgedProps {
  readonly cell: readonly [number, number] | undefined
  readonly onCell: (cell: readonly [number, number]) => void
}

function ConfusionTable({ info, judged, cell, onCell }: ConfusionProps) {
  const { classNames } = info
  const classes = classNames.length
  const count = (row: number, column: number): number => judged.confusion[row * classes + column] ?? 0
  const labels = classNames.map((_, index) => index)
  return (
    <section aria-label="Confusion matrix">
      <div class="confusion-scroll">
        <table class="train-confusion">
          <caption>
            Rows are what the picture is, columns what the network says. Press a number to see its pictures.
          </caption>
          <thead>
            <tr>
              <th scope="col">
                <span class="visually-hidden">True class</span>
              </th>
              {labels.map((column) => (
                <th key={column} scope="col">
                  {classNames[column]}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {labels.map((row) => {
              const sum = labels.reduce((total, column) => total + count(row, column), 0)
              return (
                <tr key={row}>
                  <th scope="row">{classNames[row]}</th>
                  {labels.map((column) => {
                    const own = count(row, column)
                    const isPressed = cell?.[0] === row && cell[1] === column
                    return (
                      <td key={column}>
                        <button
                          type="button"
                          class={row === column ? 'right' : 'wrong'}
                          style={{ '--share': sum > 0 ? Math.sqrt(own / sum) : 0 }}
                          disabled={own === 0}
                          aria-pressed={isPressed}
                          aria-label={`${own} of ${classNames[row]} taken for ${classNames[column]}`}
                          onClick={() => onCell([row, column])}
                        >
                          {own === 0 ? '·' : own}
                        </button>
                      </td>
                    )
                  })}
                </tr>
              )
            })}
          </tbody>
        </table>
      </div>
    </section>
  )
}

interface PicturesProps extends JudgedProps {
  readonly cell: readonly [number, number] | undefined
  readonly onAll: () => void
}

/** The pictures of a cell, or all mistakes, the worst first. */
function Pictures({ lab, info, judged, cell, onAll }: PicturesProps) {
  const [most, setMost] = useState(PAGE)
  useEffect(() => setMost(PAGE), [cell])
  const { labels } = info.test
  const wanted = (index: number): boolean => {
    const [label, predicted] = [labels[index], judged.predicted[index]]
    return cell ? label === cell[0] && predicted === cell[1] : label !== predicted
  }
  const found = Array.from(labels, (_, index) => index)
    .filter(wanted)
    .sort((a, b) => (judged.losses[b] as number) - (judged.losses[a] as number))
  const name = (label: number | undefined): string => info.classNames[label ?? 0] ?? ''
  const title = cell
    ? `${found.length} of ${name(cell[0])} ${cell[0] === cell[1] ? 'recognised, the least sure first' : `taken for ${name(cell[1])}`}`
    : `${found.length} mistakes, the worst first`
  return (
    <section class="mistakes" aria-label="Pictures" data-testid="mistakes">
      <div class="table-bar">
        <h2 class="panel-title">{title}</h2>
        {cell && <Button label="All mistakes" small onClick={onAll} />}
      </div>
      {found.length === 0 && (
        <p class="train-empty">No mistake on {labels.length.toLocaleString('en')} test pictures.</p>
      )}
      <ul class="mistake-list">
        {found.slice(0, most).map((index) => (
          <li key={index}>
            <button
              type="button"
              class="mistake"
              title="Look inside the network with this picture"
              onClick={() => lab.change({ picture: index, tab: 'inside' })}
            >
              <MapGrid maps={single(info.inputShape, info.test.values, index)} tile={56} scale="bytes" label="" />
              <span>
                <b>
                  {name(labels[index])}
                  {labels[index] === judged.predicted[index] ? '' : ` → ${name(judged.predicted[index])}`}
                </b>
                <span>{formatShare(judged.confidence[index] ?? 0)} sure</span>
                <span data-loss={judged.losses[index]}>loss {formatValue(judged.losses[index] ?? 0)}</span>
              </span>
            </button>
          </li>
        ))}
      </ul>
      {found.length > most && (
        <Button label={`Show ${Math.min(PAGE, found.length - most)} more`} small onClick={() => setMost(most + PAGE)} />
      )}
    </section>
  )
}

function ClassTable({ info, judged }: JudgedProps) {
  return (
    <section class="layer-view" aria-label="Figures of each class">
      <h2 class="panel-title">Class by class</h2>
      <div class="table-scroll">
        <table class="data-table">
          <caption class="visually-hidden">Precision, recall and F1 of each class</caption>
          <thead>
            <tr>
              <th scope="col">Class</th>
              <th scope="col">Pictures</th>
              <th scope="col">Found (recall)</th>
              <th scope="col">Right when said (precision)</th>
              <th scope="col">F1</th>
            </tr>
          </thead>
          <tbody>
            {judged.classes.map(({ precision, recall, f1, support }, index) => (
              <tr key={info.classNames[index]}>
                <td>{info.classNames[index]}</td>
                <td>{support}</td>
                <td>{formatShare(recall)}</td>
                <td>{formatShare(precision)}</td>
                <td>{Number.isFinite(f1) ? f1.toFixed(3) : '–'}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p class="caption">
        The network is {formatShare(judged.calibrationError)} more or less sure than it is right, on average (expected
        calibration error, 15 bins).
      </p>
    </section>
  )
}
