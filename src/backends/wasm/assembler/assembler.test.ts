import { describe, expect, it } from 'vitest'
import {
  doubleLanes,
  type FunctionBuilder,
  type Label,
  type Local,
  ModuleBuilder,
  type ValueType,
} from './assembler.ts'
import { features } from './features.ts'

/** Instantiates and gives the exports as plain functions. */
function run(module: ModuleBuilder, env: WebAssembly.ModuleImports = {}): Record<string, CallableFunction> {
  const instance = new WebAssembly.Instance(new WebAssembly.Module(module.finish({ names: true })), { env })
  return instance.exports as Record<string, CallableFunction>
}

function call(
  params: readonly ValueType[],
  result: ValueType,
  body: (f: FunctionBuilder) => void,
  ...values: (number | bigint)[]
): number | bigint {
  const module = new ModuleBuilder()
  module.define(module.declare('f', params, [result], { export: true }), body)
  return run(module).f?.(...values)
}

describe('constants', () => {
  it.each([0, 1, -1, 63, 64, -64, -65, 127, 128, 8191, 8192, 2147483647, -2147483648])('i32 %d', (value) => {
    expect(call([], 'i32', (f) => f.i32(value))).toBe(value)
  })
  it('takes unsigned i32 values', () => {
    expect(call([], 'i32', (f) => f.i32(0xffffffff))).toBe(-1)
    expect(() => call([], 'i32', (f) => f.i32(0x100000000))).toThrow('4294967296 is not a 32-bit integer')
    expect(() => call([], 'i32', (f) => f.i32(0.5))).toThrow('0.5 is not a 32-bit integer')
  })
  it.each([0, -1, 2147483647, -2147483648])('i64 %d', (value) => {
    expect(call([], 'i64', (f) => f.i64(value))).toBe(BigInt(value))
  })
  it('f32 and f64 keep all bits', () => {
    expect(call([], 'f32', (f) => f.f32(0.1))).toBe(Math.fround(0.1))
    expect(call([], 'f64', (f) => f.f64(0.1))).toBe(0.1)
    expect(call([], 'f64', (f) => f.f64(-0))).toBe(-0)
  })
  it('v128 lanes', () => {
    const lane = (emit: (f: FunctionBuilder) => unknown, index: number) =>
      call([], 'f32', (f) => {
        emit(f)
        f.extractLane('f32x4.extract_lane', index)
      })
    expect([0, 1, 2, 3].map((index) => lane((f) => f.v128(Float32Array.of(1, 2, 3, 4.5)), index))).toEqual([
      1, 2, 3, 4.5,
    ])
    expect(lane((f) => f.f32x4splat(7), 2)).toBe(7)
    expect(lane((f) => f.i32x4splat(0x40000000), 3)).toBe(2)
    expect(lane((f) => f.i32x4(0, 0x3f800000, 0, 0), 1)).toBe(1)
    expect(lane((f) => f.v128(doubleLanes(8)).op('f32x4.demote_f64x2_zero'), 1)).toBe(8)
    const [a, b] = [Float32Array.of(1, 2, 3, 4), Float32Array.of(5, 6, 7, 8)]
    expect(lane((f) => f.v128(a).v128(b).shuffle32(7, 0, 1, 2), 0)).toBe(8)
  })
})

describe('control flow', () => {
  it('block, br by label and by depth, br_if, values out of blocks', () => {
    expect(
      call([], 'i32', (f) =>
        f.block((exit) => {
          f.i32(5).br(exit)
        }, 'i32'),
      ),
    ).toBe(5)
    const clamp = (f: FunctionBuilder) => {
      const [n] = f.params as [Local<'i32'>]
      f.block((outer) => {
        f.block(() => {
          f.get(n).i32(10).op('i32.lt_s').brIf(0)
          f.i32(10).set(n).br(outer)
        })
        f.get(n).plus(1).set(n)
      })
      f.get(n)
    }
    expect(call(['i32'], 'i32', clamp, 3)).toBe(4)
    expect(call(['i32'], 'i32', clamp, 30)).toBe(10)
  })
  it('if with both arms and a result', () => {
    const sign = (f: FunctionBuilder) => {
      f.get(f.params[0] as Local<'i32'>)
        .i32(0)
        .op('i32.lt_s')
      f.if(
        () => f.f32(-1),
        () => f.f32(1),
        'f32',
      )
    }
    expect(call(['i32'], 'f32', sign, -9)).toBe(-1)
    expect(call(['i32'], 'f32', sign, 9)).toBe(1)
  })
  it('loop: 10! by hand', () => {
    const factorial = (f: FunctionBuilder) => {
      const [n] = f.params as [Local<'i32'>]
      const result = f.local('i32')
      f.i32(1).set(result)
      f.loop((again) => {
        f.get(result).get(n).op('i32.mul').set(result)
        f.get(n).i32(1).op('i32.sub').tee(n).brIf(again)
      })
      f.get(result)
    }
    expect(call(['i32'], 'i32', factorial, 10)).toBe(3628800)
  })
  const visited = (from: number | 'local', to: number | 'local', step: number, ...values: number[]) => {
    const module = new ModuleBuilder()
    module.importMemory('env', 'memory', { min: 1, shared: false })
    module.function(
      'f',
      ['i32', 'i32'],
      ['i32'],
      (f, a, b) => {
        const [i, end] = f.locals('i32', 'i32')
        f.forRange(i, from === 'local' ? a : from, to === 'local' ? b : to, step, () => {
          f.get(end).get(i).store('i32.store').addImmediate(end, 4)
        })
        f.get(end)
      },
      { export: true },
    )
    const memory = new WebAssembly.Memory({ initial: 1 })
    const end = run(module, { memory }).f?.(...values)
    return [...new Int32Array(memory.buffer, 0, end / 4)]
  }
  it('forRange counts up and down, with constants and locals, and may be empty', () => {
    expect(visited(0, 10, 4)).toEqual([0, 4, 8])
    expect(visited(5, 0, -2)).toEqual([5, 3, 1])
    expect(visited(3, 3, 1)).toEqual([])
    expect(visited('local', 'local', 1, 2, 5)).toEqual([2, 3, 4])
    expect(visited('local', 'local', 1, 5, 5)).toEqual([])
    expect(visited('local', 'local', 1, 6, 5)).toEqual([])
    expect(visited(-3, 'local', 3, 0, 4)).toEqual([-3, 0, 3])
    expect(visited('local', 0, -1, 2, 0)).toEqual([2, 1])
    expect(() => visited(0, 1, 0)).toThrow('steps of 0')
  })
  it('forRange ends early through its label', () => {
    const module = new ModuleBuilder()
    module.function(
      'f',
      [],
      ['i32'],
      (f) => {
        const i = f.local('i32')
        f.forRange(i, 0, 100, 1, (exit) => f.get(i).i32(7).op('i32.eq').brIf(exit))
        f.get(i)
      },
      { export: true },
    )
    expect(run(module).f?.()).toBe(7)
  })
})

describe('modules', () => {
  it('functions call one another before they are defined', () => {
    const module = new ModuleBuilder()
    const odd = module.declare('odd', ['i32'], ['i32'])
    const even = module.function(
      'even',
      ['i32'],
      ['i32'],
      (f, n) => {
        f.get(n).op('i32.eqz')
        f.if(
          () => f.i32(1),
          () => f.get(n).i32(1).op('i32.sub').call(odd),
          'i32',
        )
      },
      { export: true },
    )
    module.define(odd, (f) => {
      const [n] = f.params as [Local<'i32'>]
      f.get(n).op('i32.eqz')
      f.if(
        () => f.i32(0),
        () => f.get(n).i32(1).op('i32.sub').call(even),
        'i32',
      )
    })
    module.function('sevenIsEven', [], ['i32'], (f) => f.i32(7).call(even), { export: true })
    const exports = run(module)
    expect(exports.even?.(10)).toBe(1)
    expect(exports.even?.(9)).toBe(0)
    expect(exports.sevenIsEven?.()).toBe(0)
  })
  it('a function may be written while another is being written', () => {
    const module = new ModuleBuilder()
    module.function(
      'outer',
      [],
      ['f32'],
      (f) => {
        const inner = module.function('inner', ['f32'], ['f32'], (g, x) => g.get(x).get(x).op('f32.add'))
        f.f32(3).call(inner)
      },
      { export: true },
    )
    expect(run(module).outer?.()).toBe(6)
  })
  it('globals start as zero and keep what is set', () => {
    const module = new ModuleBuilder()
    const counter = module.global('i32')
    const lanes = module.global('v128')
    module.function(
      'next',
      [],
      ['i32'],
      (f) => {
        f.globalGet(counter).i32(2).op('i32.add').globalSet(counter)
        f.globalGet(lanes).i32x4splat(20).op('i32x4.add').globalSet(lanes)
        f.globalGet(lanes).extractLane('i32x4.extract_lane', 3).globalGet(counter).op('i32.add')
      },
      { export: true },
    )
    const { next } = run(module) as unknown as { next(): number }
    expect([next(), next()]).toEqual([22, 44])
    expect([counter.index, lanes.index, lanes.type]).toEqual([0, 1, 'v128'])
  })
  it('memory is filled through the instruction for it', () => {
    const module = new ModuleBuilder()
    module.importMemory('env', 'memory', { min: 1, shared: false })
    module.function('fill', [], [], (f) => f.i32(500).i32(255).i32(2).op('memory.fill'), { export: true })
    const memory = new WebAssembly.Memory({ initial: 1 })
    run(module, { memory }).fill?.()
    expect([...new Uint8Array(memory.buffer).slice(499, 503)]).toEqual([0, 255, 255, 0])
  })
  it('the name section is optional and names every function', () => {
    const build = () => {
      const module = new ModuleBuilder()
      module.function('matmul 3x4', [], [], () => undefined)
      return module
    }
    const named = new WebAssembly.Module(build().finish({ names: true }))
    const section = WebAssembly.Module.customSections(named, 'name')[0]
    expect(new TextDecoder().decode(section)).toContain('matmul 3x4')
    expect(WebAssembly.Module.customSections(new WebAssembly.Module(build().finish()), 'name')).toEqual([])
  })
  it('grows past its first buffer and assembles fast', () => {
    const module = new ModuleBuilder()
    const started = performance.now()
    for (let kernel = 0; kernel < 50; kernel++) {
      module.function(`kernel ${kernel}`, ['v128'], ['v128'], (f, x) => {
        for (let step = 0; step < 500; step++) f.get(x).op('f32x4.abs').get(x).op('f32x4.add').set(x)
        f.get(x)
      })
    }
    const bytes = module.finish()
    const elapsedMs = performance.now() - started
    expect(bytes.length).toBeGreaterThan(50 * 500 * 11)
    expect(WebAssembly.validate(bytes)).toBe(true)
    // 125,000 instructions; a real training step has about a fifth of that.
    expect(elapsedMs).toBeLessThan(500)
  })
})

describe('vectors and memory', () => {
  const saxpy = (relaxed: boolean) => {
    const module = new ModuleBuilder()
    module.importMemory('env', 'memory', { min: 1, shared: false })
    module.function(
      'saxpy',
      ['i32', 'i32', 'i32', 'f32'],
      [],
      (f, x, y, count, a) => {
        const i = f.local('i32')
        const scale = f.local('v128')
        f.get(a).op('f32x4.splat').set(scale)
        f.forRange(i, 0, count, 4, () => {
          f.get(y)
          f.get(scale).get(x).load('v128.load')
          if (relaxed) f.get(y).load('v128.load').op('f32x4.relaxed_madd')
          else f.op('f32x4.mul').get(y).load('v128.load').op('f32x4.add')
          f.store('v128.store').addImmediate(x, 16).addImmediate(y, 16)
        })
      },
      { export: true },
    )
    const memory = new WebAssembly.Memory({ initial: 1 })
    const floats = new Float32Array(memory.buffer)
    for (let index = 0; index < 12; index++) {
      floats[index] = index
      floats[64 + index] = 100
    }
    run(module, { memory }).saxpy?.(0, 256, 12, 0.5)
    return [...floats.slice(64, 77)]
  }
  const expected = [100, 100.5, 101, 101.5, 102, 102.5, 103, 103.5, 104, 104.5, 105, 105.5, 0]
  it('y ← a·x + y', () => expect(saxpy(false)).toEqual(expected))
  it.runIf(features.relaxedSimd)('y ← a·x + y, relaxed', () => expect(saxpy(true)).toEqual(expected))

  it('lane loads and stores, zero-extending and splatting loads', () => {
    const module = new ModuleBuilder()
    module.importMemory('env', 'memory', { min: 1, shared: false })
    module.function(
      'f',
      [],
      [],
      (f) => {
        f.i32(64).i32(0).load('v128.load32_splat', 4).store('v128.store')
        f.i32(80).i32(0).load('v128.load64_zero', 0).op('i16x8.extend_low_i8x16_u').op('i32x4.extend_low_i16x8_u')
        f.store('v128.store')
        f.i32(96).i32(0).i32(0).load('v128.load32_zero', 4).lane('v128.load32_lane', 0, 3).store('v128.store')
        f.i32(112).i32(0).load('v128.load').lane('v128.store32_lane', 0, 1)
      },
      { export: true },
    )
    const memory = new WebAssembly.Memory({ initial: 1 })
    const words = new Uint32Array(memory.buffer)
    words.set([0x04030201, 0xdeadbeef])
    run(module, { memory }).f?.()
    expect([...words.slice(16, 20)]).toEqual([0xdeadbeef, 0xdeadbeef, 0xdeadbeef, 0xdeadbeef])
    expect([...words.slice(20, 24)]).toEqual([1, 2, 3, 4])
    expect([...words.slice(24, 28)]).toEqual([0xdeadbeef, 0, 0, 0x04030201])
    expect([...words.slice(28, 30)]).toEqual([0xdeadbeef, 0])
  })

  it('hoisted constants and scopes keep their values apart', () => {
    const module = new ModuleBuilder()
    const indices: number[] = []
    module.function(
      'f',
      ['f32'],
      ['f32'],
      (f, x) => {
        f.scope(() => {
          const a = f.local('v128')
          indices.push(a.index)
          f.get(x).op('f32x4.splat').hoistedF32x4(2).op('f32x4.mul').set(a)
          f.scope(() => {
            const b = f.local('v128')
            indices.push(b.index)
            f.get(a).hoistedF32x4(2).op('f32x4.add').hoistedI32x4(0x3f800000).op('f32x4.add').set(b)
            f.get(b).extractLane('f32x4.extract_lane', 3).set(x)
          })
          indices.push(f.local('v128').index)
        })
        indices.push(f.local('v128').index)
        f.get(x)
      },
      { export: true },
    )
    expect(run(module).f?.(5)).toBe(13)
    const [a, b, c, d] = indices
    expect(c).toBe(b)
    expect([a, b]).toContain(d)
    expect(a).not.toBe(b)
  })
})

describe.runIf(features.threads)('shared memory and atomics', () => {
  it('adds, subtracts, notifies', () => {
    const module = new ModuleBuilder()
    module.importMemory('env', 'memory', { min: 1, max: 2, shared: true })
    module.function(
      'f',
      [],
      ['i32'],
      (f) => {
        f.i32(0).i32(5).atomic('i32.atomic.store', 8)
        f.i32(0).i32(3).atomic('i32.atomic.rmw.add', 8).op('drop')
        f.i32(0).i32(1).atomic('i32.atomic.rmw.sub', 8).op('drop')
        // Nobody sleeps there, and the value differs from the awaited one: neither call blocks.
        f.i32(8).i32(1).atomic('memory.atomic.notify').op('drop')
        f.i32(8).i32(1).i64(-1).atomic('memory.atomic.wait32')
        f.i32(0).atomic('i32.atomic.load', 8).op('i32.add')
      },
      { export: true },
    )
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 2, shared: true })
    expect(run(module, { memory }).f?.()).toBe(8)
    expect(new Int32Array(memory.buffer)[2]).toBe(7)
  })
})

describe('broken emitters are told so', () => {
  const emit = (body: (f: FunctionBuilder, x: Local<'i32'>) => void) => () =>
    new ModuleBuilder().function('kernel', ['i32'], [], body)
  it.each<[string, () => unknown]>([
    [
      'branch to a block that is not open',
      emit((f) => {
        let stale: Label = { height: 0 }
        f.block((label) => {
          stale = label
        })
        f.block(() => f.br(stale))
      }),
    ],
    ['no block 2 levels out', emit((f) => f.block(() => f.br(2)))],
    [
      'belongs to another function',
      emit((f) => {
        new ModuleBuilder().function('other', ['i32'], [], (_, y) => f.get(y))
      }),
    ],
    ['has no lane 4', emit((f) => f.extractLane('f32x4.extract_lane', 4))],
    ['has no lane 4', emit((f) => f.lane('v128.load32_lane', 0, 4))],
    ['is aligned to 2^2 at most', emit((f) => f.load('f32.load', 0, 3))],
    ['-4 is not an unsigned 32-bit integer', emit((f) => f.load('f32.load', -4))],
    ['has 16 bytes, not 12', emit((f) => f.v128(Float32Array.of(1, 2, 3)))],
    ['has 16 bytes, not 1', emit((f) => f.shuffle([1]))],
    [
      'never defined',
      () => {
        const module = new ModuleBuilder()
        module.declare('lost', [], [])
        module.finish()
      },
    ],
    [
      'already defined',
      () => {
        const module = new ModuleBuilder()
        module.define(
          module.function('twice', [], [], () => undefined),
          () => undefined,
        )
      },
    ],
  ])('%s', (message, broken) => {
    expect(broken).toThrow(message)
    expect(broken).toThrow('internal error')
  })
})
