/**
 * Addresses inside a loop nest. Accesses with equal strides from equal bases share one pointer and differ by a constant, so that a
 * kernel over ten contiguous arrays advances one local.
 */
import { at } from '../../../base/arrays.ts'
import { invariant } from '../../../base/errors.ts'
import type { Affine, BufferId } from '../../../compile/expression.ts'
import type { Local } from '../assembler/assembler.ts'
import type { Base, KernelFunction } from './kernel-context.ts'

export interface Access {
  /** Absent for a plain count, such as the value of a loop index. */
  readonly buffer?: BufferId
  readonly at: Affine
}

interface Group {
  readonly local: Local<'i32'>
  /** Bytes per step of each loop. */
  readonly strides: readonly number[]
  /** What the local is set to at the start; 0 when absent. */
  readonly start: Base | undefined
}

export class Pointers {
  readonly #kernel: KernelFunction
  readonly #groups = new Map<string, Group>()
  #ahead = { loop: 0, count: 0 }

  constructor(kernel: KernelFunction, accesses: Iterable<Access>) {
    this.#kernel = kernel
    for (const access of accesses) {
      const key = this.#key(access)
      if (this.#groups.has(key)) continue
      const size = this.#elementBytes(access)
      const local = kernel.f.local('i32')
      this.#groups.set(key, {
        local,
        strides: access.at.strides.map((stride) => stride * size),
        start: this.#start(access),
      })
    }
  }

  /** Sets all pointers to index 0 of every loop. */
  reset(): void {
    const { f } = this.#kernel
    for (const { local, start } of this.#groups.values()) {
      if (!start) f.i32(0)
      else if (start.offset === 0) f.get(start.pointer)
      else f.get(start.pointer).plus(start.offset)
      f.set(local)
    }
  }

  /** Moves all pointers by `count` steps of loop `loop`. */
  advance(loop: number, count: number): void {
    for (const { local, strides } of this.#groups.values()) {
      this.#kernel.f.addImmediate(local, at(strides, loop) * count)
    }
  }

  /** Moves all pointers by as many steps of `loop` as `count` holds. */
  advanceBy(loop: number, count: Local<'i32'>): void {
    const { f } = this.#kernel
    for (const { local, strides } of this.#groups.values()) {
      const stride = at(strides, loop)
      if (stride !== 0) f.get(local).plus(count, stride).set(local)
    }
  }

  /**
   * Runs `body` with all pointers `count` steps of `loop` ahead, as constants in its instructions: engines can tell that accesses
   * are neighbours. Pointers that run backwards are moved for the while.
   */
  ahead(loop: number, count: number, body: () => void): void {
    const backwards = (direction: number): void => {
      for (const { local, strides } of this.#groups.values()) {
        this.#kernel.f.addImmediate(local, Math.min(0, at(strides, loop)) * count * direction)
      }
    }
    const before = this.#ahead
    this.#ahead = { loop, count: count + (before.loop === loop ? before.count : 0) }
    backwards(1)
    body()
    backwards(-1)
    this.#ahead = before
  }

  /** Where an access stands now. */
  address(access: Access): Base {
    const group = this.#groups.get(this.#key(access))
    invariant(group, 'an access that was not announced')
    const { loop, count } = this.#ahead
    const ahead = count * Math.max(0, group.strides[loop] ?? 0)
    const base = access.buffer === undefined ? { offset: 0 } : this.#kernel.address(access.buffer)
    if (access.buffer !== undefined && hasNegativeStride(access.at)) return { pointer: group.local, offset: ahead }
    return { pointer: group.local, offset: ahead + base.offset + access.at.offset * this.#elementBytes(access) }
  }

  #start({ buffer, at: affine }: Access): Base | undefined {
    if (buffer === undefined) return undefined
    const { pointer, offset } = this.#kernel.address(buffer)
    if (!hasNegativeStride(affine)) return { pointer, offset: 0 }
    return { pointer, offset: offset + affine.offset * this.#elementBytes({ buffer, at: affine }) }
  }

  #elementBytes({ buffer }: Access): number {
    return buffer === undefined ? 1 : this.#kernel.context.elementBytes(buffer)
  }

  #key(access: Access): string {
    const { buffer, at: affine } = access
    const size = this.#elementBytes(access)
    const strides = affine.strides.map((stride) => stride * size).join()
    if (buffer === undefined) return `count:${strides}`
    // Constants in instructions cannot be negative, so a pointer that runs backwards starts at its own place.
    if (hasNegativeStride(affine)) return `${buffer}@${affine.offset}:${strides}`
    return `${this.#kernel.address(buffer).pointer.index}:${strides}`
  }
}

function hasNegativeStride(affine: Affine): boolean {
  return affine.strides.some((stride) => stride < 0)
}
