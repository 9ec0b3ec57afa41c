/** Modules: what is found in their fields, keys, modes, hooks, containers, and where errors say they arose. */
import { describe, expect, test } from 'vitest'
import { compile, nn, ones, Parameter, type Tensor, tensor, VariableTensor, zeros } from '../index.ts'

class Block extends nn.Module {
  conv1 = new nn.Conv1d(2, 2, 1)
  runningScale = new VariableTensor(Float32Array.of(2), [1])
  layers = [new nn.Linear(3, 3), new nn.ReLU()]
  named = { leftArm: new nn.Linear(3, 1, { bias: false }) }
  ownWeight = new Parameter(Float32Array.of(1), [1])
  note = 'not a member'
  override forward(x: Tensor): Tensor {
    return this.conv1.forward(x).mul(this.ownWeight)
  }
}

class Net extends nn.Module {
  stem = new nn.Sequential(new nn.Linear(4, 3), new nn.Dropout(0.5))
  body = new Block()
  head = new nn.Sequential({ first: new nn.Identity(), out: new nn.Linear(3, 2) })
  override forward(x: Tensor): Tensor {
    return this.head.forward(this.body.forward(this.stem.forward(x)))
  }
}

describe('what is found', () => {
  test('parameters and buffers by PyTorch keys', () => {
    const net = new Net()
    expect(net.namedParameters().map(([name]) => name)).toEqual([
      'stem.0.weight',
      'stem.0.bias',
      'body.own_weight',
      'body.conv1.weight',
      'body.conv1.bias',
      'body.layers.0.weight',
      'body.layers.0.bias',
      'body.named.leftArm.weight',
      'head.out.weight',
      'head.out.bias',
    ])
    expect(net.namedBuffers().map(([name]) => name)).toEqual(['body.running_scale'])
    expect([...net.namedState().keys()].slice(2, 4)).toEqual(['body.own_weight', 'body.running_scale'])
  })

  test('modules and children', () => {
    const net = new Net()
    expect(net.namedChildren().map(([name]) => name)).toEqual(['stem', 'body', 'head'])
    expect(net.namedModules().map(([name]) => name)).toEqual([
      '',
      'stem',
      'stem.0',
      'stem.1',
      'body',
      'body.conv1',
      'body.layers.0',
      'body.layers.1',
      'body.named.leftArm',
      'head',
      'head.first',
      'head.out',
    ])
    expect(net.modules()[0]).toBe(net)
    expect(net.buffers()).toHaveLength(1)
  })

  test('a shared layer counts once as a parameter and stands under both keys in the state', async () => {
    const shared = new nn.Linear(2, 2)
    const net = new nn.Sequential(shared, new nn.ReLU(), shared)
    expect(net.parameters()).toHaveLength(2)
    expect([...(await net.stateDict()).keys()]).toEqual(['0.weight', '0.bias', '2.weight', '2.bias'])
  })

  test('a module that knows its owner is no endless loop', () => {
    class Child extends nn.Module {
      owner: nn.AnyModule | undefined
      weight = new Parameter(Float32Array.of(1), [1])
      override forward(x: Tensor): Tensor {
        return x
      }
    }
    class Owner extends nn.Module {
      child = new Child()
      override forward(x: Tensor): Tensor {
        return x
      }
    }
    const owner = new Owner()
    owner.child.owner = owner
    expect([...owner.namedState().keys()]).toEqual(['child.weight'])
  })

  test('apply visits children first', () => {
    const visited: string[] = []
    new nn.Sequential(new nn.ReLU(), new nn.Sequential(new nn.Tanh())).apply((each) =>
      visited.push(each.constructor.name),
    )
    expect(visited).toEqual(['ReLU', 'Tanh', 'Sequential', 'Sequential'])
  })
})

describe('state', () => {
  test('goes out and comes back', async () => {
    const [a, b] = [new Net(), new Net()]
    expect(b.loadStateDict(await a.stateDict())).toEqual({ missingKeys: [], unexpectedKeys: [] })
    expect(await b.stateDict()).toEqual(await a.stateDict())
  })

  test('64-bit integers, and files that lack the counter of batches', async () => {
    const layer = new nn.BatchNorm1d(1)
    const one = { data: [1], shape: [1] }
    const state = { weight: one, bias: one, running_mean: one, running_var: one }
    layer.loadStateDict({ ...state, num_batches_tracked: { data: BigInt64Array.of(7n), shape: [] } })
    expect(await layer.numBatchesTracked?.item()).toBe(7)
    layer.loadStateDict(state)
    expect(await layer.numBatchesTracked?.item()).toBe(7)
  })

  test('all that does not fit is listed, and nothing is changed', async () => {
    const net = new nn.Sequential(new nn.Linear(2, 1), new nn.Linear(1, 1))
    const before = await net.stateDict()
    const state = new Map(before)
    state.delete('0.bias')
    state.set('fc.weight', { data: Float32Array.of(1), shape: [1], dtype: 'float32' })
    state.set('1.weight', { data: Float32Array.of(1, 2), shape: [1, 2], dtype: 'float32' })
    state.set('0.weight', { data: Float32Array.of(9, 9), shape: [1, 2], dtype: 'float32' })
    expect(() => net.loadStateDict(state)).toThrow(
      'this state does not fit Sequential:\n  missing: 0.bias\n  shape of 1.weight: [1, 1] in Sequential, [1, 2] in the ' +
        'state\n  unexpected: fc.weight\nBuild the network with the sizes that it was saved with, or drop these keys.',
    )
    expect(await net.stateDict()).toEqual(before)
    state.delete('1.weight')
    expect(() => net.loadStateDict(state)).toThrow('Pass { strict: false } to load the keys that fit')
    expect(net.loadStateDict(state, { strict: false })).toEqual({
      missingKeys: ['0.bias', '1.weight'],
      unexpectedKeys: ['fc.weight'],
    })
    expect(await (net.at(0) as nn.Linear).weight.toArray()).toEqual([[9, 9]])
  })
})

describe('modes', () => {
  test('train and eval reach every module, and compiled functions follow', async () => {
    const net = new nn.Sequential(new nn.Sequential(new nn.Dropout(1)))
    const run = compile((x: Tensor) => net.forward(x))
    expect(await (await run(ones([2]))).toArray()).toEqual([0, 0])
    net.eval()
    expect(net.modules().map((each) => each.training)).toEqual([false, false, false])
    expect(await (await run(ones([2]))).toArray()).toEqual([1, 1])
    net.train()
    expect(await (await run(ones([2]))).toArray()).toEqual([0, 0])
    expect(run.programs).toHaveLength(2)
  })

  test('frozen parameters get no gradient', () => {
    const net = new nn.Sequential(new nn.Linear(2, 2), new nn.Linear(2, 1))
    net.at(0).freeze()
    net
      .forward(ones([1, 2]))
      .sum()
      .backward()
    expect(net.parameters().map((parameter) => parameter.grad !== null)).toEqual([false, false, true, true])
    net.zeroGrad()
    net
      .unfreeze()
      .forward(ones([1, 2]))
      .sum()
      .backward()
    expect(net.parameters().every((parameter) => parameter.grad !== null)).toBe(true)
  })

  test('hooks see and may replace outputs until they are removed', async () => {
    const layer = new nn.Identity()
    const run = compile((x: Tensor) => layer.forward(x))
    const seen: unknown[] = []
    const remove = layer.registerForwardHook((module, inputs, output) => {
      seen.push(module, inputs.length)
      return (output as Tensor).mul(2)
    })
    expect(await (await run(ones([1]))).toArray()).toEqual([2])
    expect(seen).toEqual([layer, 1])
    remove()
    expect(await (await run(ones([1]))).toArray()).toEqual([1])
  })
})

describe('containers', () => {
  test('Sequential by position and by name', () => {
    const net = new nn.Sequential(new nn.Linear(2, 3), new nn.ReLU())
    expect(net.at(-1)).toBeInstanceOf(nn.ReLU)
    expect(net.append(new nn.Linear(3, 1)).length).toBe(3)
    expect([...net].map((layer) => layer.constructor.name)).toEqual(['Linear', 'ReLU', 'Linear'])
    expect(net.forward(zeros([5, 2])).shape).toEqual([5, 1])
    expect(new nn.Sequential().forward(ones([1])).shape).toEqual([1])
    const named = new nn.Sequential({ conv0: new nn.Identity() })
    expect(named.at('conv0')).toBeInstanceOf(nn.Identity)
    expect(() => named.at('conv1')).toThrow('Sequential has no module conv1; it has conv0.')
  })

  test('names that a container needs itself are refused', () => {
    expect(() => new nn.Sequential({ forward: new nn.ReLU() })).toThrow(
      "Sequential cannot hold a module named 'forward'; choose another name.",
    )
    expect(() => new nn.ModuleDict({ 'a.b': new nn.ReLU() })).toThrow("named 'a.b'")
    expect(() => new nn.Sequential(new nn.ReLU(), 3 as unknown as nn.Layer)).toThrow(
      'Sequential holds modules, given 3',
    )
  })

  test('ModuleList and ModuleDict keep parameters, and have no forward', () => {
    const list = new nn.ModuleList([new nn.Linear(1, 1)]).append(new nn.Linear(1, 2))
    expect(list.namedParameters().map(([name]) => name)).toEqual(['0.weight', '0.bias', '1.weight', '1.bias'])
    expect([...list].map((each) => (each as nn.Linear).outFeatures)).toEqual([1, 2])
    expect(list.at(-1)).toBeInstanceOf(nn.Linear)
    expect(() => list.forward()).toThrow(
      'a ModuleList has no forward of its own; call its elements, or use Sequential.',
    )
    const dict = new nn.ModuleDict({ key: new nn.Linear(1, 1) })
    expect([dict.keys(), dict.has('key'), dict.has('other')]).toEqual([['key'], true, false])
    expect(dict.get('key')).toBeInstanceOf(nn.Linear)
    expect(() => dict.forward()).toThrow('a ModuleDict has no forward of its own')
  })
})

describe('errors', () => {
  test('name the path and the class of the layer', () => {
    class Classifier extends nn.Module {
      classifier = new nn.Sequential(new nn.Dropout(0.5), new nn.Linear(3136, 128))
      override forward(x: Tensor): Tensor {
        return this.classifier.forward(x)
      }
    }
    expect(() => new Classifier().forward(zeros([64, 1024]))).toThrow(
      'classifier.1 (Linear 3136 → 128): expected [..., 3136], given [64, 1024]; the layer before gives 1024 features and ' +
        'this one takes 3136.',
    )
  })

  test('of a network by its own code, and of what is not ours', () => {
    class Careless extends nn.Module {
      override forward(x: Tensor): Tensor {
        return x.reshape(7)
      }
    }
    class Broken extends nn.Module {
      override forward(): Tensor {
        throw new TypeError('a bug')
      }
    }
    expect(() => new nn.Sequential(new Careless()).forward(zeros([2]))).toThrow('0 (Careless): a tensor of shape [2]')
    expect(() => new nn.Sequential(new Broken()).forward(zeros([2]))).toThrow(new TypeError('a bug'))
  })
})

test('toString prints the tree', () => {
  const net = new nn.Sequential(
    new nn.Conv2d(1, 4, 3, { padding: 1, bias: false }),
    new nn.Sequential({ act: new nn.LeakyReLU() }),
  )
  expect(String(net)).toBe(
    [
      'Sequential(',
      '  (0): Conv2d(1, 4, kernelSize=[3, 3], stride=[1, 1], padding=[1, 1], bias=false)',
      '  (1): Sequential(',
      '    (act): LeakyReLU(negativeSlope=0.01)',
      '  )',
      ')',
    ].join('\n'),
  )
  expect(String(new nn.Linear(2, 3))).toBe('Linear(inFeatures=2, outFeatures=3, bias=true)')
})

test('a module of other arguments and results', async () => {
  class Pair extends nn.Module<[a: Tensor, b: Tensor], { sum: Tensor }> {
    override forward(a: Tensor, b: Tensor): { sum: Tensor } {
      return { sum: a.add(b) }
    }
  }
  expect(await new Pair().forward(tensor([1]), tensor([2])).sum.toArray()).toEqual([3])
})
