/** `summary`: the layers of a network as a table. */
import { type ModelSummary, summarize } from '../../explain/summary.ts'
import { models } from '../../index.ts'
import type { Network } from '../../train/types.ts'
import { UsageError } from '../failure.ts'
import { formatCount } from '../progress/format.ts'
import { writeJsonLine } from '../progress/json-progress.ts'
import { type Column, pairs, rule, showShape, table } from '../table.ts'
import type { Output, Terminal } from '../terminal.ts'
import { loadAssignment } from '../training/assignment.ts'
import { isJobFile } from '../training/job-path.ts'
import { runFolderOf } from '../training/locate-run.ts'
import { readRunDescription } from '../training/run-description.ts'

export interface SummaryOptions {
  readonly input?: readonly number[]
  readonly classes?: number
  readonly json?: boolean
}

interface Described {
  readonly name: string
  readonly model: Network
  readonly inputShape: readonly number[]
}

/** Summarises as asked. Throws UsageError for an unknown network, ShapeError for an input that it does not take. */
export async function runSummary(text: string, options: SummaryOptions, { output }: Terminal): Promise<void> {
  const { name, model, inputShape } = await openNetwork(text, options)
  const found = summarize(model, inputShape)
  if (options.json) {
    for (const layer of found.layers) writeJsonLine(output, 'layer', layer)
    const { layers, ...totals } = found
    writeJsonLine(output, 'result', { model: name, layers: layers.length, ...totals })
    return
  }
  output.write(`${describe(output, name, found)}\n`)
}

async function openNetwork(text: string, options: SummaryOptions): Promise<Described> {
  if (Object.hasOwn(models.modelEntries, text)) return named(text, options)
  const folder = isJobFile(text) ? undefined : await runFolderOf(text)
  if (folder === undefined && !isJobFile(text)) return named(text, options)
  const run = folder === undefined ? undefined : await readRunDescription(folder)
  if (run?.settings.model !== undefined) {
    return named(run.settings.model, {
      input: run.data.inputShape,
      ...(run.data.classes ? { classes: run.data.classes } : {}),
      ...options,
    })
  }
  if (options.classes !== undefined) {
    throw new UsageError(`${text} builds its own network, so --classes has no meaning; leave it out.`)
  }
  const { model, modelName, train } = await loadAssignment({
    data: run?.settings.data ?? text,
    seed: run?.settings.seed ?? 0,
  })
  return { name: modelName, model, inputShape: options.input ?? train.inputShape }
}

function named(name: string, { input, classes }: SummaryOptions): Described {
  const entry = models.modelNamed(name)
  const inputShape = input ?? entry.inputShape
  return { name, model: entry.create({ inputShape, classes: classes ?? entry.classes }), inputShape }
}

const allColumns: readonly Column[] = [
  { title: 'layer' },
  { title: 'kind' },
  { title: 'output' },
  { title: 'parameters', align: 'right' },
  { title: 'multiply-adds', align: 'right' },
  { title: 'sees', align: 'right' },
]

function describe(output: Output, name: string, found: ModelSummary): string {
  // Rows of numbers have no places that a unit could see.
  const columns = found.inputShape.length > 1 ? allColumns : allColumns.slice(0, -1)
  const rows = (kind: 'label' | 'kind'): string[][] =>
    found.layers.map((layer) => [
      layer.path,
      layer[kind],
      showShape(output, layer.outputShape),
      layer.parameters === 0 ? '' : formatCount(layer.parameters),
      layer.multiplyAdds === 0 ? '' : formatCount(layer.multiplyAdds),
      ...(columns === allColumns ? [field(output, layer.receptiveField)] : []),
    ])
  const full = table(output, columns, rows('label'))
  const lines = widest(full) + 2 < output.columns ? full : table(output, columns, rows('kind'))
  const { parameters, trainable, multiplyAdds } = found
  const frozen = trainable === parameters ? '' : `, ${formatCount(parameters - trainable)} of them frozen`
  const totals = pairs(output, [
    ['parameters', `${formatCount(parameters)}${frozen} (${bytes(4 * parameters)})`],
    ['multiply-adds', `${formatCount(multiplyAdds)} for one input`],
  ])
  const from = showShape(output, found.inputShape)
  const to = showShape(output, found.outputShape)
  const arrow = output.unicode ? '→' : '->'
  return [
    `  ${name}: ${from} ${arrow} ${to}`,
    '',
    ...lines.map((line) => `  ${line}`),
    `  ${rule(output, widest(lines))}`,
    totals,
    '',
    ...legend(found),
  ]
    .join('\n')
    .trimEnd()
}

/** The receptive field: `3 × 3`, or `all`. */
function field(output: Output, sizes: readonly number[]): string {
  if (sizes.length === 0) return ''
  return sizes.every((size) => size === Number.POSITIVE_INFINITY)
    ? 'all'
    : showShape(output, sizes).replaceAll('Infinity', 'all')
}

function legend({ inputShape }: ModelSummary): string[] {
  return inputShape.length > 1
    ? ['  "sees" is the receptive field: the part of the picture that one output depends on.']
    : []
}

/** How wide the lines are without what only styles them. */
function widest(lines: readonly string[]): number {
  return Math.max(...lines.map((line) => stripStyles(line).length))
}

function stripStyles(line: string): string {
  return line.replaceAll('\x1b', '␛').replace(/␛\[\d+m/g, '')
}

function bytes(count: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB']
  const step = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, count)) / 3))
  return `${(count / 1000 ** step).toFixed(step === 0 ? 0 : 1)} ${units[step]} in float32`
}
