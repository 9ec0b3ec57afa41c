/**
 * The report of a run: one HTML page that needs nothing else, with curves, confusion matrix and worst mistakes. It holds no script and
 * loads nothing; it reads well in light and dark, on paper and with a screen reader.
 */
import { range } from '../../base/arrays.ts'
import type { EpochRecord } from '../record.ts'
import type { Evaluation } from '../types.ts'
import { lineChart, scatterChart } from './chart.ts'
import type { ClassExamination, Examination, Mistake, NumberExamination } from './examine.ts'
import { duration, escapeHtml, figure, percent } from './html.ts'
import { style } from './style.ts'

export interface ReportContent {
  readonly title: string
  /** One sentence under the title. */
  readonly lead?: string | undefined
  readonly history: readonly EpochRecord[]
  readonly best?: { readonly epoch: number } | undefined
  /** The figures of the test set. */
  readonly test?: (Evaluation & { readonly name: string }) | undefined
  readonly examination?: Examination | undefined
  /** What the run was made with: model, data, optimizer, seed, versions. */
  readonly facts?: Readonly<Record<string, string | number | boolean | null | undefined>>
  /** Why the run ended, when it did not simply finish. */
  readonly message?: string | undefined
}

/**
 * The report as the text of an HTML file.
 *
 * @example
 * import { train } from 'cognitron'
 * const page = train.report({ title: 'A run', history: [] })
 * console.log(page.startsWith('<!doctype html>')) // true
 */
export function report(content: ReportContent): string {
  const { title, lead, message } = content
  const parts = [
    `<h1>${escapeHtml(title)}</h1>`,
    lead ? `<p class="lead">${escapeHtml(lead)}</p>` : '',
    message ? `<p class="note">${escapeHtml(message)}</p>` : '',
    tiles(content),
    curves(content),
    examined(content),
    facts(content.facts ?? {}),
    '<footer>Made by cognitron. This page holds all its data; it loads nothing from elsewhere.</footer>',
  ]
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>${style}</style>
</head>
<body>
<main>
${parts.filter((part) => part !== '').join('\n')}
</main>
</body>
</html>
`
}

function tiles({ history, best, test }: ReportContent): string {
  const kept = history[(best?.epoch ?? history.length) - 1]
  const seconds = history.reduce((sum, record) => sum + record.seconds, 0)
  const speed = history.at(-1)?.samplesPerSecond
  const entries: [string, string][] = [
    ...(test?.accuracy === undefined ? [] : [['Test accuracy', percent(test.accuracy, 2)] as [string, string]]),
    ...(test ? [['Test loss', figure(test.loss)] as [string, string]] : []),
    ...(kept?.validationAccuracy === undefined
      ? []
      : [['Validation accuracy', percent(kept.validationAccuracy, 2)] as [string, string]]),
    ...(best ? [['Best epoch', `${best.epoch} of ${history.length}`] as [string, string]] : []),
    ['Training time', duration(seconds)],
    ...(speed === undefined ? [] : [['Samples a second', figure(Math.round(speed))] as [string, string]]),
  ]
  const boxes = entries.map(
    ([name, value], index) =>
      `<div${index === 0 ? ' class="first"' : ''}><dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}</dd></div>`,
  )
  return `<dl class="tiles">${boxes.join('')}</dl>`
}

function curves({ history, best }: ReportContent): string {
  if (history.length === 0) return ''
  const mark = best?.epoch
  const loss = lineChart({
    title: 'Loss',
    mark,
    series: [
      { name: 'training', kind: 'train', values: history.map((record) => record.trainLoss) },
      { name: 'validation', kind: 'validation', values: history.map((record) => record.validationLoss) },
    ],
  })
  const accuracy = lineChart({
    title: 'Accuracy',
    mark,
    format: (value) => percent(value),
    bounds: [0, 1],
    series: [
      { name: 'training', kind: 'train', values: history.map((record) => record.trainAccuracy) },
      { name: 'validation', kind: 'validation', values: history.map((record) => record.validationAccuracy) },
    ],
  })
  return `<section aria-labelledby="curves"><h2 id="curves">Learning curves</h2>
<div class="charts">${loss}${accuracy}</div>
<details><summary>All figures as a table</summary>${historyTable(history)}</details></section>`
}

function historyTable(history: readonly EpochRecord[]): string {
  const names = Object.keys(history[0]?.metrics ?? {})
  const head = ['Epoch', 'Train loss', 'Train accuracy', 'Validation loss', 'Validation accuracy', 'Seconds', ...names]
  const rows = history.map((record) => {
    const cells = [
      figure(record.trainLoss),
      percent(record.trainAccuracy),
      figure(record.validationLoss),
      percent(record.validationAccuracy),
      record.seconds.toFixed(2),
      ...names.map((name) => figure(record.metrics[name])),
    ]
    return `<tr><th scope="row">${record.epoch}${record.best ? ' *' : ''}</th>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`
  })
  return `<div class="scroll" tabindex="0"><table>
<thead><tr>${head.map((name) => `<th scope="col">${escapeHtml(name)}</th>`).join('')}</tr></thead>
<tbody>${rows.join('')}</tbody></table></div><p class="note">* the best epoch so far</p>`
}

function examined({ examination, test }: ReportContent): string {
  if (!examination) return ''
  const where = test ? ` on ${test.name}` : ''
  return examination.kind === 'classes' ? classSections(examination, where) : numberSection(examination, where)
}

function numberSection({ figures, truths, predictions }: NumberExamination, where: string): string {
  const chart = scatterChart({ title: 'Prediction against truth', x: truths, y: predictions, xLabel: 'truth' })
  const values: [string, number][] = [
    ['R²', figures.r2],
    ['Mean absolute error', figures.mae],
    ['Root mean squared error', figures.rmse],
    ['Correlation', figures.pearson],
  ]
  const list = values.map(([name, value]) => `<div><dt>${name}</dt><dd>${figure(value)}</dd></div>`).join('')
  return `<section aria-labelledby="predictions"><h2 id="predictions">Predictions${escapeHtml(where)}</h2>
<dl class="tiles">${list}</dl><div class="charts">${chart}</div></section>`
}

function classSections(examination: ClassExamination, where: string): string {
  return `<section aria-labelledby="confusion"><h2 id="confusion">Confusion matrix${escapeHtml(where)}</h2>
<p class="note">A row holds the samples of one class, a column what the network took them for; the diagonal is right.</p>
${confusionTable(examination)}${confusedPairs(examination)}
<details><summary>Precision, recall and F1 by class</summary>${classTable(examination)}</details></section>
${mistakesSection(examination)}`
}

function confusionTable({ confusion, classNames }: ClassExamination): string {
  const head = classNames.map((name) => `<th scope="col">${escapeHtml(name)}</th>`).join('')
  const rows = confusion.rows().map((row, target) => {
    const total = row.reduce((sum, count) => sum + count, 0)
    const cells = row.map((count, prediction) => {
      const kind = target === prediction ? ' class="hit"' : count === 0 ? ' class="none"' : ''
      // Few mistakes should still be seen, so their colour grows with the root of their share.
      const share = total === 0 ? 0 : target === prediction ? count / total : Math.sqrt(count / total)
      return `<td${kind} style="--share:${share.toFixed(3)}">${count}</td>`
    })
    return `<tr><th scope="row">${escapeHtml(classNames[target] ?? target)}</th>${cells.join('')}</tr>`
  })
  return `<div class="scroll" tabindex="0"><table class="confusion"><thead><tr><th scope="col">true \\ predicted</th>${head}</tr></thead>
<tbody>${rows.join('')}</tbody></table></div>`
}

function confusedPairs({ confusion, classNames }: ClassExamination): string {
  const pairs = range(confusion.classes)
    .flatMap((target) => range(confusion.classes).map((prediction) => ({ target, prediction })))
    .filter(({ target, prediction }) => target !== prediction && confusion.count(target, prediction) > 0)
    .map((pair) => ({ ...pair, count: confusion.count(pair.target, pair.prediction) }))
    .sort((a, b) => b.count - a.count)
    .slice(0, 3)
  if (pairs.length === 0) return '<p>Not a single mistake.</p>'
  const name = (c: number): string => `“${escapeHtml(classNames[c] ?? c)}”`
  const texts = pairs.map(({ target, prediction, count }) => `${name(target)} taken for ${name(prediction)} (${count})`)
  return `<p>Most often confused: ${texts.join(', ')}.</p>`
}

function classTable({ confusion, classNames, calibration }: ClassExamination): string {
  const rows = confusion
    .report()
    .map(
      ({ precision, recall, f1, support }, c) =>
        `<tr><th scope="row">${escapeHtml(classNames[c] ?? c)}</th><td>${percent(precision)}</td><td>${percent(recall)}</td><td>${percent(f1)}</td><td>${support}</td></tr>`,
    )
  const macro = confusion.macro()
  return `<div class="scroll" tabindex="0"><table><thead><tr><th scope="col">Class</th><th scope="col">Precision</th><th scope="col">Recall</th><th scope="col">F1</th><th scope="col">Samples</th></tr></thead>
<tbody>${rows.join('')}<tr><th scope="row">mean</th><td>${percent(macro.precision)}</td><td>${percent(macro.recall)}</td><td>${percent(macro.f1)}</td><td>${confusion.total}</td></tr></tbody></table></div>
<p class="note">Expected calibration error: ${percent(calibration.expectedError)} (how far certainty and accuracy are apart).</p>`
}

function mistakesSection({ mistakes, classNames }: ClassExamination): string {
  if (mistakes.length === 0) return ''
  const items = mistakes.map((mistake) => mistakeItem(mistake, classNames))
  return `<section aria-labelledby="mistakes"><h2 id="mistakes">Worst mistakes</h2>
<p class="note">The wrong answers that the network was surest of.</p><ul class="mistakes">${items.join('')}</ul></section>`
}

function mistakeItem({ index, label, predicted, confidence, picture }: Mistake, classNames: readonly string[]): string {
  const name = (c: number): string => escapeHtml(classNames[c] ?? c)
  const image = picture ? `<img src="${picture}" alt="sample ${index}, ${name(label)}">` : ''
  return `<li>${image}<b>${name(predicted)}</b> ${percent(confidence)}<br>is ${name(label)} <span class="note">#${index}</span></li>`
}

function facts(entries: NonNullable<ReportContent['facts']>): string {
  const rows = Object.entries(entries).flatMap(([name, value]) =>
    value === undefined || value === null ? [] : [`<dt>${escapeHtml(name)}</dt><dd>${escapeHtml(String(value))}</dd>`],
  )
  if (rows.length === 0) return ''
  return `<section aria-labelledby="facts"><h2 id="facts">How it was made</h2><dl class="facts">${rows.join('')}</dl></section>`
}
