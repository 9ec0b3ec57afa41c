/**
 * The linear memory of a backend: blocks for variables and tables, and one arena that all programs use in turn. Blocks are taken at
 * the first place that fits and joined with their neighbours when they come back.
 */
import { at } from '../../base/arrays.ts'
import { CognitronError } from '../../base/errors.ts'

const PAGE = 65536
/** 4 GiB, the most that 32-bit addresses reach. */
const MAX_PAGES = 65536
const LINE = 64
/** Vectors may read a little past the end of any block. */
const SLACK = 64

interface Range {
  start: number
  end: number
}

export class LinearMemory {
  readonly memory: WebAssembly.Memory
  readonly shared: boolean
  /** Free ranges in order of address. */
  readonly #free: Range[] = []
  #arena: Range = { start: 0, end: 0 }
  #floats: Float32Array
  #bytes: Uint8Array

  constructor(options: { shared: boolean }) {
    this.shared = options.shared
    this.memory = new WebAssembly.Memory({ initial: 16, maximum: MAX_PAGES, shared: options.shared })
    this.#floats = new Float32Array(this.memory.buffer)
    this.#bytes = new Uint8Array(this.memory.buffer)
    // Address 0 stays unused.
    this.#free.push({ start: LINE, end: this.memory.buffer.byteLength })
  }

  /** The whole memory as float32; look it up anew after every allocation. */
  get floats(): Float32Array {
    this.#refresh()
    return this.#floats
  }

  get bytes(): Uint8Array {
    this.#refresh()
    return this.#bytes
  }

  /** Bytes in use, the arena included. */
  get usedBytes(): number {
    return this.memory.buffer.byteLength - this.#free.reduce((sum, range) => sum + range.end - range.start, 0)
  }

  /** Takes a block of at least `byteLength` bytes. Throws CognitronError when the memory is full. */
  allocate(byteLength: number): number {
    const size = blockSize(byteLength)
    const index = this.#free.findIndex((range) => range.end - range.start >= size)
    if (index < 0) {
      this.#grow(size)
      return this.allocate(byteLength)
    }
    const range = at(this.#free, index)
    const address = range.start
    range.start += size
    if (range.start === range.end) this.#free.splice(index, 1)
    return address
  }

  /** Gives back a block that was taken with the same `byteLength`. */
  free(address: number, byteLength: number): void {
    this.#release({ start: address, end: address + blockSize(byteLength) })
  }

  /** The address of an arena of at least `byteLength` bytes; its content does not outlast a run. */
  arena(byteLength: number): number {
    if (this.#arena.end - this.#arena.start >= byteLength) return this.#arena.start
    if (this.#arena.end > this.#arena.start) this.#release(this.#arena)
    const start = this.allocate(byteLength)
    this.#arena = { start, end: start + blockSize(byteLength) }
    return start
  }

  #release(block: Range): void {
    const next = this.#free.findIndex((range) => range.start > block.start)
    const index = next < 0 ? this.#free.length : next
    const before = this.#free[index - 1]
    const after = this.#free[index]
    if (before && before.end === block.start) {
      before.end = block.end
      if (after && after.start === before.end) {
        before.end = after.end
        this.#free.splice(index, 1)
      }
    } else if (after && after.start === block.end) after.start = block.start
    else this.#free.splice(index, 0, { ...block })
  }

  #grow(size: number): void {
    const oldBytes = this.memory.buffer.byteLength
    const last = this.#free.at(-1)
    const missing = size - (last && last.end === oldBytes ? last.end - last.start : 0)
    // Growing by an eighth at least keeps the number of growths small.
    const pages = Math.max(Math.ceil(missing / PAGE), Math.ceil(oldBytes / PAGE / 8))
    const room = MAX_PAGES - oldBytes / PAGE
    try {
      this.memory.grow(Math.min(pages, Math.max(room, Math.ceil(missing / PAGE))))
    } catch {
      throw new CognitronError(
        `the network needs more memory than WebAssembly has: ${Math.round((oldBytes + size) / 2 ** 20)} MiB wanted, 4096 MiB at most; ` +
          'use a smaller batch.',
      )
    }
    this.#release({ start: oldBytes, end: this.memory.buffer.byteLength })
  }

  #refresh(): void {
    if (this.#floats.buffer === this.memory.buffer) return
    this.#floats = new Float32Array(this.memory.buffer)
    this.#bytes = new Uint8Array(this.memory.buffer)
  }
}

function blockSize(byteLength: number): number {
  return Math.ceil((byteLength + SLACK) / LINE) * LINE
}
