/** `cognitron export`: a network as an ONNX file. */
import { stat } from 'node:fs/promises'
import { io, manualSeed, zeros } from '../../index.ts'
import { UsageError } from '../failure.ts'
import { formatCount } from '../progress/format.ts'
import { pairs, showShape } from '../table.ts'
import type { Terminal } from '../terminal.ts'
import { findTrained, loadWeights } from '../trained/open.ts'
import { type NetworkOptions, openNetwork } from '../trained/open-network.ts'
import { runFolderOf } from '../training/locate-run.ts'
import { saveOnnx } from './files.ts'

export interface ExportOptions extends NetworkOptions {
  /** The path of the file, or true for the name of the network. */
  readonly onnx?: string | true
  readonly weights?: string
  readonly batchSize?: number
  readonly overwrite?: boolean
}

/** Writes the file and says what is in it. Throws UsageError when a file would be replaced or no format was asked for. */
export async function runExport(text: string, options: ExportOptions, { output }: Terminal): Promise<void> {
  if (options.onnx === undefined) throw new UsageError('Say in which format: cognitron export MODEL --onnx [FILE].')
  manualSeed(0)
  const { name, model, inputShape } = await openNetwork(text, options)
  const weights = options.weights ?? ((await runFolderOf(text)) ? (await findTrained(text)).weights : undefined)
  if (weights !== undefined) await loadWeights(model, weights)
  const path = options.onnx === true ? `${name}.onnx` : options.onnx
  await checkFree(path, options.overwrite)
  const file = await io.onnx.exportOnnx(model, [zeros([options.batchSize ?? 1, ...inputShape])], {
    name,
    openBatch: options.batchSize === undefined,
  })
  await saveOnnx(path, file)
  const { graph, opsetImport } = file
  const [batch] = graph.input[0]?.type?.tensorType?.shape?.dim ?? []
  output.write(
    `${pairs(output, [
      ['file', path],
      ['network', `${name}, ${weights === undefined ? 'fresh weights' : `weights of ${weights}`}`],
      ['input', `${showShape(output, inputShape)}, ${describeBatch(batch?.dimValue)}`],
      ['operators', `${formatCount(graph.node.length)} of operator set ${opsetImport[0]?.version}`],
    ])}\n`,
  )
}

function describeBatch(size: number | undefined): string {
  return size === undefined ? 'any number at once' : `${formatCount(size)} at once`
}

async function checkFree(path: string, overwrite: boolean | undefined): Promise<void> {
  if (overwrite) return
  const there = await stat(path).catch(() => undefined)
  if (there) throw new UsageError(`${path} exists already; name another file, or replace it with --overwrite.`)
}
