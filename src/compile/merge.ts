/**
 * Joins element-wise kernels over the same extents into one, so that what both read is read once and what one computes for the other
 * stays in a register: the three updates of an Adam step become one pass.
 */
import { product, sameNumbers } from '../base/arrays.ts'
import { remembered } from '../base/remembered.ts'
import { type BufferId, type Expression, replaceLeaves, visitExpressions, withParts } from './expression.ts'
import { sameAffine } from './index-map.ts'
import { buffersRead, buffersWritten, type Kernel, type MapKernel, type Store } from './kernel.ts'

/** How far apart two kernels may stand, which bounds the work for long programs. */
const REACH = 48
const MAX_STORES = 8
const MAX_LOADS = 16
/** Kernels over more points that read nothing in common stay apart: together they only push each other out of the cache. */
const MAX_UNRELATED_POINTS = 2 ** 14

/** The kernels in an order that computes the same, joined where possible. */
export function mergeMaps(kernels: readonly Kernel[]): Kernel[] {
  const result: Kernel[] = []
  for (const kernel of kernels) {
    if (kernel.kind !== 'map' || !joinEarlier(result, kernel)) result.push(kernel)
  }
  return result.map((kernel) => (kernel.kind === 'map' ? { ...kernel, stores: internStores(kernel.stores) } : kernel))
}

/** Moves `kernel` up into an earlier one over the same extents, if nothing in between minds. */
function joinEarlier(kernels: Kernel[], kernel: MapKernel): boolean {
  if (kernel.fill) return false
  const reads = readSet(kernel)
  const writes = new Set(buffersWritten(kernel))
  for (let index = kernels.length - 1; index >= Math.max(0, kernels.length - REACH); index--) {
    const earlier = kernels[index] as Kernel
    const joined = earlier.kind === 'map' ? join(earlier, kernel) : undefined
    if (joined) {
      kernels[index] = joined
      return true
    }
    const conflict =
      buffersWritten(earlier).some((buffer) => reads.has(buffer) || writes.has(buffer)) ||
      [...readSet(earlier)].some((buffer) => writes.has(buffer))
    if (conflict) return false
  }
  return false
}

const readSets = new WeakMap<Kernel, ReadonlySet<BufferId>>()

function readSet(kernel: Kernel): ReadonlySet<BufferId> {
  return remembered(readSets, kernel, () => {
    const buffers = new Set<BufferId>()
    buffersRead(kernel, (buffer) => buffers.add(buffer))
    return buffers
  })
}

function join(first: MapKernel, second: MapKernel): MapKernel | undefined {
  if (first.fill || !sameNumbers(first.extents, second.extents)) return undefined
  if (first.stores.length + second.stores.length > MAX_STORES) return undefined
  if (product(first.extents) > MAX_UNRELATED_POINTS && !haveCommonReads(first, second)) return undefined
  const stored = new Map(first.stores.map((store) => [store.buffer, store]))
  let fits = true
  const values = replaceLeaves(
    second.stores.map((store) => store.value),
    (leaf) => {
      if (leaf.kind !== 'load' && leaf.kind !== 'gather') return undefined
      const producer = stored.get(leaf.buffer)
      if (!producer) return undefined
      if (leaf.kind === 'load' && sameAffine(leaf.at, producer.at)) return producer.value
      fits = false
      return undefined
    },
  )
  // A buffer that both write, or that the first reads and the second writes elsewhere, keeps them apart.
  const overwrites = second.stores.some((store) => stored.has(store.buffer) || readsElsewhere(first, store))
  if (!fits || overwrites) return undefined
  const moved = second.stores.map((store, index) => ({ ...store, value: values[index] as Expression }))
  const stores = internStores([...first.stores, ...moved])
  return countLoads(stores) > MAX_LOADS ? undefined : { ...first, stores }
}

/** Whether the second reads, point by point, what the first reads or writes. */
function haveCommonReads(first: MapKernel, second: MapKernel): boolean {
  const touched = new Set(buffersWritten(first))
  buffersRead(first, (buffer) => touched.add(buffer))
  let common = false
  buffersRead(second, (buffer, at) => {
    if (touched.has(buffer) && at?.strides.some((stride) => stride !== 0)) common = true
  })
  return common
}

function readsElsewhere(kernel: MapKernel, store: Store): boolean {
  let elsewhere = false
  buffersRead(kernel, (buffer, at) => {
    if (buffer === store.buffer && !(at && sameAffine(at, store.at))) elsewhere = true
  })
  return elsewhere
}

function countLoads(stores: readonly Store[]): number {
  let loads = 0
  visitExpressions(
    stores.map((store) => store.value),
    (expression) => {
      if (expression.kind === 'load' || expression.kind === 'gather') loads += 1
    },
  )
  return loads
}

/** The same stores with equal subexpressions made one object. */
export function internStores(stores: readonly Store[]): Store[] {
  const interned = new Map<string, Expression>()
  const ids = new Map<Expression, number>()
  const done = new Map<Expression, Expression>()
  const identify = (expression: Expression): number => remembered(ids, expression, () => ids.size)
  const intern = (expression: Expression): Expression =>
    remembered(done, expression, () => {
      const rebuilt = withParts(expression, intern)
      return remembered(interned, keyOf(rebuilt), () => rebuilt)
    })
  const keyOf = (expression: Expression): string => {
    if (expression.kind === 'op') return `${expression.op}${expression.dtype}(${expression.operands.map(identify)})`
    if (expression.kind === 'gather')
      return `gather${identify(expression.index)}${JSON.stringify({ ...expression, index: 0 })}`
    if (expression.kind === 'constant') {
      return `${expression.dtype}:${Object.is(expression.value, -0) ? '-0' : expression.value}`
    }
    return JSON.stringify(expression)
  }
  return stores.map((store) => ({ ...store, value: intern(store.value) }))
}
