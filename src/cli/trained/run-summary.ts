/** `summary`: the layers of a network as a table. */
import { type ModelSummary, summarize } from '../../explain/summary.ts'
import { formatCount } from '../progress/format.ts'
import { writeJsonLine } from '../progress/json-progress.ts'
import { type Column, pairs, rule, showShape, table } from '../table.ts'
import type { Output, Terminal } from '../terminal.ts'
import { type NetworkOptions, openNetwork } from './open-network.ts'

export interface SummaryOptions extends NetworkOptions {
  readonly json?: boolean
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
