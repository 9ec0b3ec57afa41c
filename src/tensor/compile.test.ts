/** Compiled functions: when they are recorded, what they take and give, in which order they take effect, and what they refuse. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { InterpreterBackend } from '../backends/interpreter/index.ts'
import { WasmBackend } from '../backends/wasm/index.ts'
import {
  ArgumentError,
  CognitronError,
  compile,
  conv2d,
  getBackend,
  nn,
  Parameter,
  setBackend,
  Tensor,
  tensor,
  VariableTensor,
} from '../index.ts'
import type { Backend } from '../runtime/backend.ts'

const parameter = (...values: number[]): Parameter => new Parameter(Float32Array.from(values), [values.length])
const read = async (from: Tensor | Promise<Tensor>): Promise<number[]> => [...(await (await from).data())]

describe('a compiled function', () => {
  it('is recorded once per shapes, element types and plain arguments', async () => {
    let recordings = 0
    const f = compile((x: Tensor, factor: number) => {
      recordings += 1
      return x.mul(factor)
    })
    expect(await read(f(tensor([1, 2]), 3))).toEqual([3, 6])
    expect(await read(f(tensor([5, 7]), 3))).toEqual([15, 21])
    expect(recordings).toBe(1)
    expect(await read(f(tensor([5, 7]), 4))).toEqual([20, 28])
    expect(await read(f(tensor([5]), 4))).toEqual([20])
    expect(await read(f(tensor(Int32Array.of(5)), 4))).toEqual([20])
    expect(recordings).toBe(4)
    expect(await read(f(tensor([1, 1]), 3))).toEqual([3, 3])
    expect(recordings).toBe(4)
    expect(f.programs.length).toBe(4)
  })

  it('tells arguments apart that look alike', async () => {
    let recordings = 0
    const f = compile((...args: unknown[]) => {
      recordings += 1
      return tensor(args.length)
    })
    const alike = [
      ['a,b'],
      ['a', 'b'],
      [['a', 'b']],
      ['1'],
      [1],
      [true],
      ['true'],
      [null],
      [undefined],
      [0],
      [-0],
      [{ a: 1 }],
      [{ b: 1 }],
      [{}],
      [[]],
    ]
    for (const args of alike) await f(...args)
    expect(recordings).toBe(alike.length)
  })

  it('takes and gives arrays and records, nested, with plain values among them', async () => {
    const f = compile(({ x, scale }: { x: Tensor; scale: { by: number } }, list: Tensor[]) => {
      const sum = list.reduce((total, each) => total.add(each), x)
      return { sum, more: [x.mul(scale.by), 'text', 7, null, undefined, true] as const, empty: {}, none: [] }
    })
    const result = await f({ x: tensor([1, 2]), scale: { by: 10 } }, [tensor([3, 4]), tensor([5, 6])])
    expect(await read(result.sum)).toEqual([9, 12])
    expect(await read(result.more[0])).toEqual([10, 20])
    expect(result.more.slice(1)).toEqual(['text', 7, null, undefined, true])
    expect([result.empty, result.none]).toEqual([{}, []])
  })

  it('may give one tensor twice, an argument, a captured tensor, a constant and nothing', async () => {
    const captured = tensor([7])
    const f = compile((x: Tensor) => {
      const y = x.add(1)
      return [y, y, x, captured, tensor(5).add(1)]
    })
    const results = await f(tensor([1]))
    expect(await Promise.all(results.map(read))).toEqual([[2], [2], [1], [7], [6]])
    expect(await compile((x: Tensor) => void x.add(1))(tensor([1]))).toBeUndefined()
  })

  it('computes arguments that are still expressions', async () => {
    const p = parameter(2)
    const f = compile((x: Tensor) => x.mul(10))
    expect(await read(f(p.add(1)))).toEqual([30])
    expect(await read(f(p))).toEqual([20])
  })

  it('is recorded again when training mode changes, and remembers both', async () => {
    const layer = new nn.Dropout(0.5)
    let recordings = 0
    const f = compile((x: Tensor) => {
      recordings += 1
      return layer.forward(x)
    })
    const x = tensor([1, 2, 3, 4])
    await f(x)
    layer.eval()
    expect(await read(f(x))).toEqual([1, 2, 3, 4])
    expect(recordings).toBe(2)
    layer.train()
    expect((await read(f(x))).every((value, index) => value === 0 || value === 2 * (index + 1))).toBe(true)
    expect(recordings).toBe(2)
  })

  it('is recorded again when a parameter is frozen', async () => {
    const [p, q] = [parameter(2), parameter(3)]
    let recordings = 0
    const f = compile(() => {
      recordings += 1
      p.mul(q).sum().backward()
      return [p.grad ?? tensor(0), q.grad ?? tensor(0)]
    })
    const values = async () => Promise.all((await f()).map(read))
    expect(await values()).toEqual([[3], [2]])
    p.requiresGrad = false
    expect(await values()).toEqual([[0], [2]])
    p.requiresGrad = true
    expect(await values()).toEqual([[3], [2]])
    expect(recordings).toBe(2)
  })

  it('drops gradients of its recording, also when it fails', async () => {
    const p = parameter(2)
    await compile(() => {
      p.square().sum().backward()
      return tensor(0)
    })()
    expect(p.grad).toBeNull()
    const failing = compile(() => {
      p.square().sum().backward()
      throw new Error('no luck')
    })
    await expect(failing()).rejects.toThrow('no luck')
    expect(p.grad).toBeNull()
    // No recording stays open.
    expect(await read(p)).toEqual([2])
  })

  it('goes on working after other programs have pushed its own out of the cache', async () => {
    const wave = (count: number, f: (index: number) => number) => Float32Array.from({ length: count }, (_, i) => f(i))
    const w = new Parameter(wave(108, Math.sin), [4, 3, 3, 3])
    const x = tensor(
      wave(192, (i) => Math.cos(i * i)),
      { shape: [1, 3, 8, 8] },
    )
    const f = compile((image: Tensor) => conv2d(image, w, { stride: 2 }).square().sum())
    const before = await read(f(x))
    for (let size = 1; size <= 300; size++) await tensor(new Float32Array(size)).add(1).sum().data()
    expect(await read(f(x))).toEqual(before)
  })
})

describe('variables in compiled functions', () => {
  it('may be assigned twice; reads see what was assigned last', async () => {
    const p = parameter(1)
    const f = compile(() => {
      p.assign(p.add(1))
      const between = p.mul(100)
      p.assign(p.mul(10))
      return [between, p.add(0.5)]
    })
    const values = async () => Promise.all((await f()).map(read))
    expect(await values()).toEqual([[200], [20.5]])
    expect(await values()).toEqual([[2100], [210.5]])
    expect(await read(p)).toEqual([210])
  })

  it('may swap', async () => {
    const [a, b] = [new VariableTensor(Float32Array.of(1, 2), [2]), new VariableTensor(Float32Array.of(3, 4), [2])]
    const swap = compile(() => {
      const kept = a.add(0)
      a.assign(b)
      b.assign(kept)
      return [kept]
    })
    const [old] = await swap()
    expect(await Promise.all([a, b, old as Tensor].map(read))).toEqual([
      [3, 4],
      [1, 2],
      [1, 2],
    ])
    await swap()
    expect(await Promise.all([a, b].map(read))).toEqual([
      [1, 2],
      [3, 4],
    ])
  })

  it('give their old value as a result beside the update, and one value to two of them', async () => {
    const [a, b] = [parameter(1), parameter(5)]
    const f = compile((x: Tensor) => {
      const old = a.mul(1)
      const next = a.add(x)
      a.assign(next)
      b.assign(next)
      return [old, next]
    })
    const results = await f(tensor([10]))
    expect(await Promise.all([...results, a, b].map(read))).toEqual([[1], [11], [11], [11]])
  })

  it('that end as they began are no updates', () => {
    const p = parameter(1)
    const f = compile(() => {
      const before = new Tensor(p.node)
      p.assign(p.mul(2))
      p.assign(before)
      return p.mul(3)
    })
    expect(f.prepare().graph.updates).toEqual([])
  })

  it('are read anew at every run; captured tensors are not', async () => {
    const p = parameter(1)
    const captured = p.mul(10)
    const f = compile(() => captured.add(p))
    expect(await read(f())).toEqual([11])
    p.assign(tensor([2]))
    expect(await read(f())).toEqual([12])
  })

  it('keep in captured tensors the value from before an update that came before the recording', async () => {
    const p = parameter(1)
    const captured = p.mul(10)
    p.assign(tensor([5]))
    const f = compile(() => {
      const sum = captured.add(p)
      p.assign(p.add(1))
      return sum
    })
    expect(await read(f())).toEqual([15])
    expect(await read(f())).toEqual([16])
    expect(await read(captured)).toEqual([10])
  })

  it('get gradients through captured tensors', async () => {
    const p = parameter(3)
    const captured = p.mul(p)
    const f = compile(() => {
      captured.mul(2).sum().backward()
      return p.grad ?? tensor(0)
    })
    expect(await read(f())).toEqual([12])
  })
})

describe('calls', () => {
  it('take effect in their order, also when an argument is still to be computed', async () => {
    const p = parameter(1)
    const f = compile((x: Tensor) => {
      p.assign(p.mul(2).add(x))
      return p
    })
    const first = f(tensor([0.5]).mul(2))
    const second = f(tensor([10]))
    expect([await read(first), await read(second)]).toEqual([[3], [16]])
  })

  it('have read and updated variables when they return', async () => {
    const p = parameter(1)
    const f = compile((x: Tensor) => {
      const sum = p.add(x)
      p.assign(sum)
      return sum
    })
    const result = f(tensor([1]))
    p.write([100])
    expect(await read(result)).toEqual([2])
    expect(await read(f(tensor([1])))).toEqual([101])
  })
})

describe('other backends', () => {
  let usual: Backend
  beforeEach(() => {
    usual = getBackend()
  })
  afterEach(() => setBackend(usual))

  it('get the parameters when they are installed, and functions a program of their own', async () => {
    const p = parameter(1, 2, 3)
    const f = compile((x: Tensor) => {
      const product = x.mul(p)
      p.assign(p.add(1))
      return product
    })
    expect(await read(f(tensor([1, 1, 1])))).toEqual([1, 2, 3])
    const second = new WasmBackend({ threads: 1 })
    for (let index = 0; index < 20; index++) second.createBuffer('float32', new Float32Array(64).fill(7))
    setBackend(second)
    expect(await read(f(tensor([1, 1, 1])))).toEqual([2, 3, 4])
    setBackend(new InterpreterBackend())
    expect(await read(f(tensor([1, 1, 1])))).toEqual([3, 4, 5])
    expect(await read(p)).toEqual([4, 5, 6])
    setBackend(usual)
    expect(await read(f(tensor([1, 1, 1])))).toEqual([4, 5, 6])
    expect(f.programs.length).toBe(3)
  })

  it('leave expressions over old values what they were', async () => {
    const p = parameter(1)
    const before = p.mul(10)
    setBackend(new InterpreterBackend())
    p.assign(p.add(1))
    setBackend(usual)
    expect(await read(before)).toEqual([10])
    expect(await read(p)).toEqual([2])
  })
})

describe('what compiled functions refuse, in words', () => {
  const x = tensor([1])
  const refuses = async (run: () => unknown, kind: new (...args: never[]) => Error, message: string) => {
    const error = await Promise.resolve()
      .then(run)
      .catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(kind)
    expect((error as Error).message).toBe(message)
  }

  it('reading values while recording', () =>
    refuses(
      () => {
        let inner: Promise<unknown> = Promise.resolve()
        const f = compile((y: Tensor) => {
          inner = y.data()
          return y
        })
        return f(x).then(() => inner)
      },
      CognitronError,
      'the values of a tensor were asked for inside a compiled function; return the tensor and read it outside.',
    ))

  it('async functions, without an unhandled rejection', () =>
    refuses(
      () =>
        compile(async (y: Tensor) => {
          await y.data()
          return y
        })(x),
      CognitronError,
      'a compiled function must not be async: it is recorded, not run; read values outside.',
    ))

  it('compiled functions inside, at the call', () => {
    const inner = compile((y: Tensor) => y.add(1))
    return refuses(
      () => compile((y: Tensor) => y.add(inner(y) as unknown as Tensor))(x),
      CognitronError,
      'a compiled function was called inside another; call the plain function there.',
    )
  })

  it.each([
    ['a map', new Map(), 'an object of class Map'],
    ['a typed array', new Float32Array(2), 'an object of class Float32Array'],
    ['a function', () => 1, 'a function'],
    ['a layer', new nn.ReLU(), 'an object of class ReLU'],
  ])('%s as an argument', (_, value, name) =>
    refuses(
      () => compile((y: unknown) => y)(value),
      ArgumentError,
      `a compiled function takes tensors, plain values and arrays or records of them, given ${name}.`,
    ),
  )

  it('other objects as results', () =>
    refuses(
      () => compile((y: Tensor) => new Set([y.add(1)]))(x),
      ArgumentError,
      'a compiled function returns tensors, plain values and arrays or records of them, given an object of class Set.',
    ))

  it('tensors that leaked out of a recording', async () => {
    let leaked: Tensor = x
    await compile((y: Tensor) => {
      leaked = y.add(1)
      return y
    })(x)
    await refuses(
      () => leaked.data(),
      CognitronError,
      'a tensor from inside a compiled function was used outside it, where it has no values; return it from the function and use ' +
        'the result.',
    )
    await refuses(
      () => compile(() => leaked.mul(2))(),
      CognitronError,
      'a compiled function uses a tensor from inside another one, where it has no values; return it from that function and pass the ' +
        'result.',
    )
  })
})
