/**
 * Reads the reference values computed by PyTorch. They lie in the folder `goldens` of COGNITRON_SHARED, or of `../shared`
 * beside the repository; where both are absent the tests that need them skip and say so.
 */
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Shape } from '../../src/shape/shape.ts'

export interface GoldenTensor {
  readonly shape: Shape
  readonly values: number[]
}

/** One reference file: its tensors by name, and what was run to get them. */
export interface Golden {
  readonly spec: { readonly module?: string; readonly args?: unknown[]; readonly kwargs?: Record<string, unknown> }
  tensor(name: string): GoldenTensor
}

/** The folder of data and references that are too large for the repository. */
export const sharedFolder = process.env.COGNITRON_SHARED ?? fileURLToPath(new URL('../../../shared', import.meta.url))

/** Where the reference files lie. */
export const goldensFolder = `${sharedFolder}/goldens/torch`

/** Whether the reference values are there; says loudly when they are not. */
export const hasGoldens = existsSync(goldensFolder)
if (!hasGoldens) {
  console.warn(
    `SKIPPED: no PyTorch references in ${sharedFolder}/goldens; set COGNITRON_SHARED to the folder that has them.`,
  )
}

/** The reference `goldens/torch/{name}.safetensors`. */
export function readGolden(name: string): Golden {
  const file = readFileSync(`${goldensFolder}/${name}.safetensors`)
  const headerEnd = 8 + Number(file.readBigUInt64LE(0))
  const header = JSON.parse(file.toString('utf8', 8, headerEnd)) as Record<string, Entry> & {
    __metadata__: { spec: string }
  }
  const tensor = (key: string): GoldenTensor => {
    const entry = header[key]
    if (!entry) throw new Error(`${name} has no tensor "${key}"`)
    const [start, end] = entry.data_offsets
    const view = new DataView(file.buffer, file.byteOffset + headerEnd + start, end - start)
    return { shape: entry.shape, values: readers[entry.dtype](view) }
  }
  return { spec: JSON.parse(header.__metadata__.spec) as Golden['spec'], tensor }
}

interface Entry {
  readonly dtype: keyof typeof readers
  readonly shape: number[]
  readonly data_offsets: [number, number]
}

const readEach = (view: DataView, size: number, read: (offset: number) => number): number[] =>
  Array.from({ length: view.byteLength / size }, (_, index) => read(index * size))

const readers = {
  F32: (view: DataView) => readEach(view, 4, (offset) => view.getFloat32(offset, true)),
  F64: (view: DataView) => readEach(view, 8, (offset) => view.getFloat64(offset, true)),
  I32: (view: DataView) => readEach(view, 4, (offset) => view.getInt32(offset, true)),
  I64: (view: DataView) => readEach(view, 8, (offset) => Number(view.getBigInt64(offset, true))),
  BOOL: (view: DataView) => readEach(view, 1, (offset) => view.getUint8(offset)),
}
