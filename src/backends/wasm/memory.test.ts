/** The linear memory: blocks never overlap, come back whole, and grow the memory only when there is no room. */
import { describe, expect, it } from 'vitest'
import { at, range } from '../../base/arrays.ts'
import { RandomSequence } from '../../random/threefry.ts'
import { LinearMemory } from './memory.ts'

const fresh = (): LinearMemory => new LinearMemory({ shared: false })

describe('blocks', () => {
  it('start on lines of 64 bytes, not at 0, with slack behind', () => {
    const memory = fresh()
    const [a, b] = [memory.allocate(1), memory.allocate(64)]
    expect([a, b]).toEqual([64, 192])
    expect(memory.allocate(0)).toBe(320)
  })

  it('go into the first gap that is large enough', () => {
    const memory = fresh()
    const [first, second] = [memory.allocate(1000), memory.allocate(10)]
    memory.allocate(10)
    memory.free(first, 1000)
    memory.free(second, 10)
    // Both gaps are one now.
    expect(memory.allocate(1100)).toBe(first)
  })

  it('grow the memory, and keep what was in it', () => {
    const memory = fresh()
    const small = memory.allocate(16)
    memory.floats[small / 4] = 42
    const large = memory.allocate(5e6)
    expect(memory.memory.buffer.byteLength).toBeGreaterThan(large + 5e6)
    expect(memory.floats[small / 4]).toBe(42)
    expect(memory.bytes.length).toBe(memory.memory.buffer.byteLength)
  })

  it('say in words when 4 GiB are full', () => {
    expect(() => fresh().allocate(2 ** 32)).toThrow(
      /the network needs more memory than WebAssembly has: \d+ MiB wanted, 4096 MiB at most; use a smaller batch\./,
    )
  })

  it('never overlap, and all come back, in any order', () => {
    const random = new RandomSequence(1)
    const memory = fresh()
    const empty = memory.usedBytes
    const blocks: { address: number; bytes: number }[] = []
    for (const _ of range(3000)) {
      if (blocks.length > 0 && random.uniform() < 0.48) {
        const [block] = blocks.splice(random.integer(blocks.length), 1) as [{ address: number; bytes: number }]
        memory.free(block.address, block.bytes)
        continue
      }
      const bytes = random.integer(random.uniform() < 0.1 ? 200_000 : 2000)
      const address = memory.allocate(bytes)
      for (const other of blocks) {
        if (address < other.address + other.bytes && other.address < address + bytes) expect.fail('blocks overlap')
      }
      blocks.push({ address, bytes })
    }
    while (blocks.length > 0) {
      const { address, bytes } = blocks.pop() as { address: number; bytes: number }
      memory.free(address, bytes)
    }
    expect(memory.usedBytes).toBe(empty)
    // The whole memory is one block again.
    const { byteLength } = memory.memory.buffer
    memory.allocate(byteLength - 256)
    expect(memory.memory.buffer.byteLength).toBe(byteLength)
  })
})

describe('the arena', () => {
  it('is one for all programs, and grows to the largest', () => {
    const memory = fresh()
    const first = memory.arena(1000)
    expect(memory.arena(500)).toBe(first)
    const used = memory.usedBytes
    const second = memory.arena(100_000)
    expect(memory.usedBytes).toBeGreaterThan(used)
    expect(memory.arena(1000)).toBe(second)
    expect(memory.arena(100_000)).toBe(second)
  })

  it('gives its old place back', () => {
    const memory = fresh()
    const first = memory.arena(1000)
    const block = memory.allocate(10)
    const second = memory.arena(1e6)
    expect(second).toBeGreaterThan(block)
    expect(memory.allocate(500)).toBe(first)
  })

  it('lies in memory that threads share, when it is shared', () => {
    const memory = new LinearMemory({ shared: true })
    const start = memory.arena(10)
    const view = new Int32Array(memory.memory.buffer, start, 1)
    Atomics.store(view, 0, 7)
    memory.allocate(5e6)
    expect(at(new Int32Array(memory.memory.buffer, start, 1), 0)).toBe(7)
    expect(memory.memory.buffer).toBeInstanceOf(SharedArrayBuffer)
  })
})
