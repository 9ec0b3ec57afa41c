/**
 * Test cases in a folder, as the ONNX project lays them out: `CASE/model.onnx` with `CASE/test_data_set_K/input_N.pb` and
 * `output_N.pb`; or `NAME.onnx` with `NAME_output_N.pb` beside it, where an input without a file counts up from 0 to 1.
 */
import { readdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { fileError } from '../../base/file-errors.ts'

/** The files of inputs and expected outputs of one run, by their number. */
export interface CaseData {
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
}

export interface OnnxCase {
  readonly name: string
  readonly model: string
  readonly dataSets: readonly CaseData[]
}

async function filesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).sort()
  } catch (error) {
    throw fileError(error, 'read', folder)
  }
}

/** Paths of `PREFIX_0.pb`, `PREFIX_1.pb`, … in the order of their numbers. */
function numbered(folder: string, files: readonly string[], prefix: string): string[] {
  const found = files.flatMap((file) => {
    const number = file.startsWith(prefix) ? /^_(\d+)\.pb$/.exec(file.slice(prefix.length))?.[1] : undefined
    return number === undefined ? [] : [{ number: Number(number), path: join(folder, file) }]
  })
  return found.sort((a, b) => a.number - b.number).map(({ path }) => path)
}

async function caseFolder(folder: string, files: readonly string[]): Promise<OnnxCase> {
  const sets = files.filter((file) => file.startsWith('test_data_set_')).map((file) => join(folder, file))
  const dataSets = await Promise.all(
    sets.map(async (set) => {
      const inside = await filesIn(set)
      return { inputs: numbered(set, inside, 'input'), outputs: numbered(set, inside, 'output') }
    }),
  )
  return { name: basename(folder), model: join(folder, 'model.onnx'), dataSets }
}

/** All cases in `folder` and the folders in it, by name. Throws FileError for a folder that cannot be read. */
export async function findCases(folder: string): Promise<OnnxCase[]> {
  const files = await filesIn(folder)
  if (files.includes('model.onnx')) return [await caseFolder(folder, files)]
  const single = files.flatMap((file): OnnxCase[] => {
    const name = file.endsWith('.onnx') ? file.slice(0, -'.onnx'.length) : ''
    const outputs = name === '' ? [] : numbered(folder, files, `${name}_output`)
    if (outputs.length === 0) return []
    const inputs = numbered(folder, files, `${name}_input`)
    return [{ name, model: join(folder, file), dataSets: [{ inputs, outputs }] }]
  })
  const entries = await readdir(folder, { withFileTypes: true })
  const folders = entries.filter((entry) => entry.isDirectory()).map((entry) => join(folder, entry.name))
  const nested = await Promise.all(folders.sort().map(findCases))
  return [...single, ...nested.flat()]
}
