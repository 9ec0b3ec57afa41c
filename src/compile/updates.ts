/**
 * Lets new values of variables be computed in place where no one needs the old value any more, and copies them at the end where
 * someone does. All reads of a program see the values from before it.
 */
import { at } from '../base/arrays.ts'
import { remembered } from '../base/remembered.ts'
import { elementCount } from '../shape/shape.ts'
import type { Affine, BufferId, Expression } from './expression.ts'
import { sameAffine } from './index-map.ts'
import { buffersRead, buffersWritten, type Kernel, type MapKernel, type ProgramBuffer } from './kernel.ts'

export interface VariableUpdate {
  readonly variable: BufferId
  readonly value: BufferId
}

/** Kernels that only serve updates, after all others, in their order. */
export function updatesLast(kernels: readonly Kernel[], updates: readonly VariableUpdate[]): Kernel[] {
  const values = new Set(updates.map((update) => update.value))
  const late = new Set<Kernel>()
  const readLater = new Set<BufferId>()
  for (const kernel of kernels.toReversed()) {
    const written = buffersWritten(kernel)
    const onlyUpdates = written.every((buffer) => values.has(buffer) && !readLater.has(buffer))
    if (onlyUpdates) late.add(kernel)
    else buffersRead(kernel, (buffer) => readLater.add(buffer))
  }
  return [...kernels.filter((kernel) => !late.has(kernel)), ...kernels.filter((kernel) => late.has(kernel))]
}

/** Writes updates into their variables: renames buffers in place where that is safe, else appends copies. */
export function placeUpdates(
  kernels: readonly Kernel[],
  buffers: ProgramBuffer[],
  updates: readonly VariableUpdate[],
): { kernels: Kernel[]; renamed: ReadonlyMap<BufferId, BufferId> } {
  const renamed = new Map<BufferId, BufferId>()
  const copied: VariableUpdate[] = []
  const finalReads = new Set(updates.map((update) => update.value))
  const accesses = accessesOf(kernels)
  for (const update of updates) {
    const temporary = at(buffers, update.value).role.kind === 'temporary'
    const free = temporary && !renamed.has(update.value) && !finalReads.has(update.variable)
    if (free && canWriteInPlace(kernels, accesses, update)) renamed.set(update.value, update.variable)
    else copied.push(update)
  }
  const early: Kernel[] = []
  const late: Kernel[] = []
  for (const { variable, value } of copied) {
    if (variable === value) continue
    const source = at(buffers, value)
    let from = value
    if (source.role.kind === 'variable' || renamed.has(value)) {
      // Another update may overwrite the source first.
      buffers.push({ dtype: source.dtype, length: source.length, role: { kind: 'temporary' } })
      from = buffers.length - 1
      early.push(copyKernel(buffers, value, from))
    }
    late.push(copyKernel(buffers, from, variable))
  }
  const renamedKernels = kernels.map((kernel) => renameBuffers(kernel, renamed))
  return { kernels: [...renamedKernels, ...early.map((kernel) => renameBuffers(kernel, renamed)), ...late], renamed }
}

export function copyKernel(buffers: readonly ProgramBuffer[], from: BufferId, to: BufferId): MapKernel {
  const { dtype, length } = at(buffers, from)
  const along = { offset: 0, strides: [1] }
  const value: Expression = { kind: 'load', dtype, buffer: from, at: along }
  return { kind: 'map', extents: [elementCount([length])], stores: [{ buffer: to, at: along, value }] }
}

/** By buffer: the numbers of the kernels that write it, and what kernels read where. */
interface Accesses {
  readonly writers: ReadonlyMap<BufferId, readonly number[]>
  readonly readers: ReadonlyMap<BufferId, readonly { readonly kernel: number; readonly at: Affine | undefined }[]>
}

function accessesOf(kernels: readonly Kernel[]): Accesses {
  const writers = new Map<BufferId, number[]>()
  const readers = new Map<BufferId, { kernel: number; at: Affine | undefined }[]>()
  const list = <T>(lists: Map<BufferId, T[]>, buffer: BufferId): T[] => {
    return remembered(lists, buffer, () => [])
  }
  kernels.forEach((kernel, index) => {
    for (const buffer of buffersWritten(kernel)) list(writers, buffer).push(index)
    buffersRead(kernel, (buffer, at) => list(readers, buffer).push({ kernel: index, at }))
  })
  return { writers, readers }
}

/** One kernel writes the value, none after it reads the variable, and it reads the variable only where it writes. */
function canWriteInPlace(
  kernels: readonly Kernel[],
  { writers, readers }: Accesses,
  { variable, value }: VariableUpdate,
): boolean {
  const [position, ...others] = writers.get(value) ?? []
  if (position === undefined || others.length > 0) return false
  const writer = at(kernels, position)
  // A border is filled before anything is read.
  const ordered = writer.kind === 'map' && !writer.fill
  const store = ordered ? writer.stores.find((each) => each.buffer === value) : undefined
  return (readers.get(variable) ?? []).every(
    (read) =>
      read.kernel < position ||
      (read.kernel === position && read.at !== undefined && store !== undefined && sameAffine(read.at, store.at)),
  )
}

function renameBuffers(kernel: Kernel, renamed: ReadonlyMap<BufferId, BufferId>): Kernel {
  if (renamed.size === 0) return kernel
  const rename = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(rename)
    if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value
    return renameRecord(value)
  }
  const done = new Map<object, object>()
  const renameRecord = (record: object): object =>
    remembered(done, record, () => {
      const copy: Record<string, unknown> = {}
      for (const [key, value] of Object.entries(record)) {
        const isBuffer = typeof value === 'number' && bufferKeys.has(key)
        copy[key] = isBuffer ? (renamed.get(value) ?? value) : rename(value)
      }
      return copy
    })
  return renameRecord(kernel) as Kernel
}

/** The fields of kernels and expressions that name buffers. */
const bufferKeys: ReadonlySet<string> = new Set([
  'buffer',
  'counter',
  'source',
  'target',
  'indices',
  'gradient',
  'sums',
  'sourceOffsets',
  'targetOffsets',
])
