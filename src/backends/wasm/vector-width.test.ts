/** Wide vectors: another way to compile, never another result. `test/conformance` compares all operations. */
import { describe, expect, it } from 'vitest'
import { ModuleBuilder } from './assembler/assembler.ts'
import { bareKernel } from './bare-kernel.ts'
import { compileModule } from './compile-module.ts'
import { tileForm, tileRows } from './kernels/contract-plan.ts'
import { widePays } from './vector-width.ts'

/** target[0…7] = 2 · source[0…7], as two neighbouring vectors. */
function doubling(): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder()
  module.importMemory('env', 'memory', { min: 1, shared: false })
  const addresses = ['i32', 'i32'] as const
  module.function(
    'run',
    addresses,
    [],
    (f, source, target) => {
      const parts = [0, 16].map((offset) => {
        const part = f.local('v128')
        f.get(source).load('v128.load', offset, 2).f32x4splat(2).op('f32x4.mul').set(part)
        return { part, offset }
      })
      for (const { part, offset } of parts) f.get(target).get(part).store('v128.store', offset, 2)
    },
    { export: true },
  )
  return module.finish()
}

describe('modules', () => {
  it.each([false, true])('compute the same, compiled with wide: %s, and again the other way', (wide) => {
    for (const each of [wide, !wide]) {
      const memory = new WebAssembly.Memory({ initial: 1 })
      const values = new Float32Array(memory.buffer)
      values.set([1, 2, 3, 4, 5, 6, 7, 8.5])
      const instance = new WebAssembly.Instance(compileModule(doubling(), { wide: each }), { env: { memory } })
      const run = instance.exports.run as (source: number, target: number) => void
      // The target overlaps nothing, then four of the source's elements: all loads come before the stores.
      run(0, 64)
      expect([...values.subarray(16, 24)]).toEqual([2, 4, 6, 8, 10, 12, 14, 17])
      run(0, 16)
      expect([...values.subarray(0, 12)]).toEqual([1, 2, 3, 4, 2, 4, 6, 8, 10, 12, 14, 17])
    }
  })

  it('that are no modules are refused, and the next one compiles', () => {
    expect(() => compileModule(new Uint8Array([0, 1, 2, 3]), { wide: true })).toThrow(WebAssembly.CompileError)
    expect(compileModule(doubling(), { wide: true })).toBeInstanceOf(WebAssembly.Module)
  })
})

describe('tiles', () => {
  it('fill fifteen registers: sums, a row of B and a splat', () => {
    for (const wide of [false, true]) {
      for (const columns of [1, 8, 9, 1000]) {
        const { maxRows, panel } = tileForm(wide, columns)
        const perRow = panel / (wide ? 8 : 4)
        expect(maxRows * perRow + perRow + 1).toBeLessThanOrEqual(15)
        expect(maxRows * perRow).toBe(12)
      }
    }
  })

  it.each([1, 5, 6, 7, 12, 64, 100])('cover %i rows evenly', (count) => {
    const { rows, tiles, tallTiles } = tileRows(count, 6)
    expect(tallTiles * rows + (tiles - tallTiles) * (rows - 1)).toBe(count)
    expect(rows).toBeLessThanOrEqual(6)
  })
})

it('the measurement says the same each time', () => {
  expect(widePays()).toBe(widePays())
})

it('the bare tile counts two operations for each of its multiply-adds', () => {
  expect(bareKernel({ wide: false, tiles: 3 }).flops).toBe(2 * 6 * 8 * 256 * 3)
  expect(bareKernel({ wide: true, tiles: 3 }).flops).toBe(2 * 6 * 16 * 256 * 3)
})
