/** Lazy tensors outside compiled functions: values before an update stay, gradients belong to them, random draws go on. */
import { describe, expect, it } from 'vitest'
import {
  compile,
  generator,
  manualSeed,
  optim,
  Parameter,
  rand,
  randn,
  type Tensor,
  tensor,
  VariableTensor,
} from '../index.ts'

const parameter = (...values: number[]): Parameter => new Parameter(Float32Array.from(values), [values.length])
const read = async (from: Tensor | Promise<Tensor>): Promise<number[]> => [...(await (await from).data())]

describe('an expression over a variable', () => {
  it('means the value at the time when it was written', async () => {
    const p = parameter(1, 2)
    const before = p.mul(10)
    p.assign(p.add(1))
    const between = p.mul(10)
    p.write([7, 8])
    expect(await Promise.all([before, between, p.mul(10)].map(read))).toEqual([
      [10, 20],
      [20, 30],
      [70, 80],
    ])
  })

  it('keeps its value through a compiled update', async () => {
    const p = parameter(3)
    const before = p.square()
    const step = compile(() => {
      p.assign(p.mul(2))
      return p
    })
    await step()
    await step()
    expect(await read(before)).toEqual([9])
    expect(await read(p)).toEqual([12])
  })

  it('gives the loss from before the step when it is read after it', async () => {
    const p = parameter(3)
    const descent = new optim.SGD([p], { lr: 0.1 })
    const loss = p.square().sum()
    loss.backward()
    descent.step()
    // 3 − 0.1 · 6
    expect(await p.item()).toBeCloseTo(2.4, 6)
    expect(await loss.item()).toBe(9)
  })

  it('gives its gradient at that value, also when the parameter moved on before backward', async () => {
    const p = parameter(3)
    const loss = p.square().sum()
    p.assign(tensor([100]))
    loss.backward()
    expect(p.grad && (await read(p.grad))).toEqual([6])
  })

  it('adds up gradients of old and of new values', async () => {
    const p = parameter(3)
    const old = p.square()
    p.assign(tensor([10]))
    old.add(p.square()).sum().backward()
    expect(p.grad && (await read(p.grad))).toEqual([26])
  })
})

describe('a tensor', () => {
  it('is computed once and keeps its values', async () => {
    const x = tensor([1, 2]).mul(3)
    const first = await x.data()
    expect(await x.data()).toBe(first)
    expect(x.node.op).toBe('input')
  })

  it('gives the same values however it is asked', async () => {
    const x = tensor([
      [1, 2],
      [3, 4],
    ]).mul(2)
    expect(x.values()).toEqual(Float32Array.of(2, 4, 6, 8))
    expect(await x.data()).toEqual(Float32Array.of(2, 4, 6, 8))
    expect(await x.toArray()).toEqual([
      [2, 4],
      [6, 8],
    ])
  })
})

describe('several assignments at once', () => {
  it('read all values before they write any', async () => {
    const [a, b] = [new VariableTensor(Float32Array.of(1), [1]), new VariableTensor(Float32Array.of(2), [1])]
    const { assignAll } = await import('./variable-tensor.ts')
    assignAll([
      [a, b],
      [b, a],
    ])
    expect([await read(a), await read(b)]).toEqual([[2], [1]])
    assignAll([
      [a, b.mul(10)],
      [b, a.mul(100)],
    ])
    expect([await read(a), await read(b)]).toEqual([[10], [200]])
  })
})

describe('random draws', () => {
  it('differ from one another, and from run to run', async () => {
    manualSeed(5)
    const f = compile(() => [rand([4]), rand([4])])
    const first = await Promise.all((await f()).map(read))
    const second = await Promise.all((await f()).map(read))
    expect(new Set([...first, ...second].flat()).size).toBe(16)
  })

  it('are the same for the same seed, whatever was drawn before', async () => {
    const f = compile(() => rand([5]))
    const draw = async () => [await read(f()), await read(f()), await read(rand([3])), await read(randn([3]))]
    manualSeed(11)
    const first = await draw()
    manualSeed(11)
    expect(await draw()).toEqual(first)
    manualSeed(12)
    expect(await draw()).not.toEqual(first)
  })

  it('go on where a saved state stopped', async () => {
    const f = compile(() => rand([5]))
    manualSeed(3)
    await f()
    await read(rand([2]))
    const state = await generator.state()
    const next = [await read(f()), await read(rand([2]))]
    generator.restore(state)
    expect([await read(f()), await read(rand([2]))]).toEqual(next)
    expect(state).toEqual({ seed: 3, hostPosition: 0, eagerDraws: 1, runs: 1 })
  })

  it('do not advance in functions without draws', async () => {
    manualSeed(3)
    await compile((x: Tensor) => x.add(1))(tensor([1]))
    expect((await generator.state()).runs).toBe(0)
  })

  it('give one value wherever the draw is used, forward and in the gradient', async () => {
    manualSeed(1)
    const p = parameter(1, 1, 1, 1)
    const f = compile(() => {
      const noise = rand([4])
      p.mul(noise).sum().backward()
      return [noise, p.grad as Tensor]
    })
    const [noise, gradient] = await Promise.all((await f()).map(read))
    expect(gradient).toEqual(noise)
  })
})
