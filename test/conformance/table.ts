/** The table of docs/conformance.md: operations, backends, values and gradients, filled with what checks found. */
import { gradientRules } from '../../src/grad/rules.ts'
import { topologicalOrder } from '../../src/ir/graph.ts'
import type { PrimitiveName } from '../../src/ir/node.ts'
import { type PrimitiveKind, primitives } from '../../src/ir/primitives.ts'
import { layerSamples } from '../op-samples/layers.ts'
import { lossSamples } from '../op-samples/losses.ts'
import { type PublicSample, publicSamples } from '../op-samples/public.ts'
import { type OpSample, opSamples, sampleInputs } from '../op-samples.ts'
import { type Findings, hasOrder, type Order, orders } from './run.ts'

/** What was found, by sample and order. */
export type Results = Map<string, Findings>

export const resultKey = (sample: OpSample, order: Order): string => `${sample.name}|${order}`

export const allSamples: readonly OpSample[] = [...opSamples, ...publicSamples, ...layerSamples, ...lossSamples]

const kindNames: Record<PrimitiveKind, string> = {
  leaf: 'Leaves',
  elementwise: 'Element-wise',
  reduction: 'Reductions',
  movement: 'Movement',
  indexing: 'Indexing',
  contraction: 'Contractions',
  window: 'Windows',
}

function primitivesOf(sample: OpSample): Set<string> {
  return new Set(topologicalOrder([sample.build(...sampleInputs(sample))]).map((node) => node.op))
}

/** Samples by primitive; an input and a variable are the same to a sample. */
function samplesByPrimitive(): Map<string, OpSample[]> {
  const found = new Map<string, OpSample[]>()
  for (const sample of opSamples) {
    for (const name of primitivesOf(sample)) found.set(name, [...(found.get(name) ?? []), sample])
  }
  return found.set('variable', found.get('input') ?? [])
}

/** Samples by operation, in alphabetical order. */
function samplesByOperation(samples: readonly PublicSample[]): Map<string, OpSample[]> {
  const found = new Map<string, OpSample[]>()
  for (const sample of samples) found.set(sample.operation, [...(found.get(sample.operation) ?? []), sample])
  return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)))
}

const hasGradient = (name: string): boolean => gradientRules[name as PrimitiveName] !== 'notDifferentiable'

/** `✓`, `3 of 4`, or `–` where nothing has a derivative. */
function cell(
  name: string,
  samples: readonly OpSample[],
  { order, column, results }: { order: Order; column: string; results: Results },
): string {
  if (order !== 'values' && !hasGradient(name)) return '–'
  const tried = samples.filter((sample) => hasOrder(sample, order))
  if (tried.length === 0) return '–'
  const right = tried.filter((sample) => {
    const findings = results.get(resultKey(sample, order))
    return findings?.has(column) && findings.get(column) === undefined
  })
  return right.length === tried.length ? '✓' : `${right.length} of ${tried.length}`
}

function tableOf(rows: ReadonlyMap<string, readonly OpSample[]>, columns: readonly string[], results: Results): string {
  const header = `| operation | samples | ${columns.join(' | ')} |`
  const lines = [...rows].map(([name, samples]) => {
    const cells = columns.map((column) =>
      orders.map((order) => cell(name, samples, { order, column, results })).join(' '),
    )
    return `| \`${name}\` | ${samples.length} | ${cells.join(' | ')} |`
  })
  return [header, `|---|--:|${columns.map(() => ':-:|').join('')}`, ...lines].join('\n')
}

/** The document. */
export function conformanceDocument(results: Results, columns: readonly string[]): string {
  const byPrimitive = samplesByPrimitive()
  const sections = Object.entries(kindNames).map(([kind, title]) => {
    const names = (Object.keys(primitives) as PrimitiveName[]).filter((name) => primitives[name].kind === kind)
    const rows = new Map(names.map((name) => [name as string, byPrimitive.get(name) ?? []]))
    return `### ${title}\n\n${tableOf(rows, columns, results)}`
  })
  const composed = (samples: readonly PublicSample[]): string => tableOf(samplesByOperation(samples), columns, results)
  return `# Conformance

Written by \`npm run conformance\` from the results of its checks; \`test/backend-conformance.test.ts\` fails when this file is not current.

Each backend has three marks: values, gradient, gradient of the gradient. ✓ means that every sample agrees, – that there is no derivative
to compare. The interpreter computes in double precision and is the oracle: its values are judged by PyTorch and ONNX in tests of their own,
its gradients here by central differences. The others must agree with it to 2·10⁻⁵ + 2·10⁻⁴ · |value|.

## Primitives

${sections.join('\n\n')}

## Operations of tensors

Composed of the primitives; methods and functions under one name.

${composed(publicSamples)}

## Layers

By their input, with weights from a seed.

${composed(layerSamples)}

## Losses

${composed(lossSamples)}
`
}
