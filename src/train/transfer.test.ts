import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { compile, data, fromTypedArray, io, loss, manualSeed, nn, optim, type Tensor, tensor, train } from '../index.ts'
import { featureFolder } from './node/index.ts'

class Net extends nn.Module {
  stem = new nn.Sequential(new nn.Conv2d(1, 4, 3, { padding: 1 }), new nn.BatchNorm2d(4), new nn.ReLU())
  body = new nn.Sequential(new nn.Conv2d(4, 6, 3), new nn.BatchNorm2d(6), new nn.ReLU(), new nn.MaxPool2d(2))
  pool = new nn.AdaptiveAvgPool2d(1)
  drop = new nn.Dropout(0.5)
  fc = new nn.Linear(6, 5)

  override forward(x: Tensor): Tensor {
    return this.fc.forward(this.drop.forward(this.pool.forward(this.body.forward(this.stem.forward(x))).flatten(1)))
  }
}

const makeNet = (): Net => {
  manualSeed(3)
  return new Net()
}

/** Bars that stand or lie. */
function bars(count: number): data.ArrayDataset {
  const inputs = new Float32Array(count * 64)
  const targets = new Int32Array(count)
  for (let i = 0; i < count; i++) {
    const line = (i * 5) % 8
    targets[i] = i % 2
    for (let step = 0; step < 8; step++) inputs[i * 64 + (i % 2 === 0 ? line * 8 + step : step * 8 + line)] = 1
  }
  return new data.ArrayDataset({
    name: 'bars',
    inputs,
    targets,
    inputShape: [1, 8, 8],
    classNames: ['lying', 'standing'],
  })
}

const copyOf = async (model: nn.AnyModule): Promise<Map<string, number[]>> =>
  new Map([...(await model.stateDict())].map(([key, { data: values }]) => [key, [...values]]))

const changedKeys = (before: Map<string, number[]>, after: Map<string, number[]>): string[] =>
  [...before].flatMap(([key, values]) => (JSON.stringify(values) === JSON.stringify(after.get(key)) ? [] : [key]))

describe('heads', () => {
  test('the last linear layer gives way to one with as many features', () => {
    const { model, head, headPath } = train.transfer(makeNet(), { head: 2 })
    expect([headPath, head.label]).toEqual(['fc', 'Linear 6 → 2'])
    expect(model.namedState().get('fc.weight')?.shape).toEqual([2, 6])
  })

  test('inside containers and arrays', () => {
    const inner = train.transfer(new nn.Sequential(new nn.Sequential(new nn.ReLU(), new nn.Linear(4, 3))), { head: 7 })
    expect(inner.headPath).toBe('0.1')
    class Listed extends nn.Module {
      layers = [new nn.Linear(3, 3), new nn.Linear(3, 4)]
      override forward(x: Tensor): Tensor {
        return this.layers.reduce((value, layer) => layer.forward(value), x)
      }
    }
    const listed = train.transfer(new Listed(), { head: new nn.Linear(3, 9) })
    expect(listed.headPath).toBe('layers.1')
    expect(listed.model.forward(tensor([[1, 2, 3]])).shape).toEqual([1, 9])
  })

  test.each<[string, () => unknown, string]>([
    [
      'a head of the wrong size',
      () => train.transfer(makeNet(), { head: new nn.Linear(8, 2) }),
      'the head takes 8 features, but 6 arrive at the layer "fc"; make it new nn.Linear(6, 2).',
    ],
    [
      'a head that does not take the features',
      () => train.transfer(makeNet(), { head: new nn.Sequential(new nn.Linear(7, 2)), inputShape: [1, 8, 8] }),
      'the head does not take the features [6] that arrive at the layer "fc"',
    ],
    [
      'no outputs',
      () => train.transfer(makeNet(), { head: 0 }),
      'a head has a whole number of outputs of at least 1, given 0.',
    ],
    [
      'an unknown layer',
      () => train.transfer(makeNet(), { head: 2, replace: 'cls' }),
      'Net has no layer "cls"; known are stem, stem.0',
    ],
    [
      'an unknown layer to freeze',
      () => train.transfer(makeNet(), { head: 2, freeze: ['steam'] }),
      'Net has no layer "steam"; known are stem, ',
    ],
    [
      'no linear layer',
      () => train.transfer(new nn.Sequential(new nn.ReLU()), { head: 2 }),
      'Sequential has no linear layer that a head could replace; name a layer with replace.',
    ],
    [
      'an epoch out of range',
      () => train.transfer(makeNet(), { head: 2, unfreezeAt: { 0: ['body'] } }),
      'unfreezeAt takes epochs as whole numbers from 1, given 0.',
    ],
    [
      'a rate out of range',
      () => train.transfer(makeNet(), { head: 2, discriminativeRates: 2 }),
      'discriminative rates are factors above 0 and up to 1, given 2.',
    ],
  ])('%s is refused', (_, attempt, message) => {
    expect(attempt).toThrow(message)
  })
})

describe('freezing', () => {
  const options = { loss: loss.crossEntropy, train: bars(32), batchSize: 8, seed: 1 }

  test('frozen weights and statistics of batch normalisation stay to the bit, the head learns', async () => {
    const transfer = train.transfer(makeNet(), { head: 2 })
    const before = await copyOf(transfer.model)
    await train.fit(transfer.model, {
      ...options,
      epochs: 2,
      optimizer: new optim.Adam(transfer.parameterGroups(0.01)),
      callbacks: [transfer.callback],
    })
    expect(changedKeys(before, await copyOf(transfer.model))).toEqual(['fc.weight', 'fc.bias'])
    expect(transfer.frozenKeys).toEqual(
      [...before.keys()].filter((key) => /weight|bias/.test(key) && !key.startsWith('fc')),
    )
  })

  test('layers learn from their epoch on', async () => {
    const transfer = train.transfer(makeNet(), { head: 2, unfreezeAt: { 2: ['body'], 3: ['stem.0'] } })
    const changed: string[][] = []
    let before = await copyOf(transfer.model)
    await train.fit(transfer.model, {
      ...options,
      epochs: 3,
      optimizer: new optim.Adam(transfer.parameterGroups(0.01)),
      callbacks: [
        {
          name: 'watch',
          async onEpochEnd({ model }) {
            const after = await copyOf(model)
            changed.push([...new Set(changedKeys(before, after).map((key) => key.replace(/\.\w+$/, '')))])
            before = after
          },
        },
        transfer.callback,
      ],
    })
    expect(changed).toEqual([['fc'], ['body.0', 'body.1', 'fc'], ['stem.0', 'body.0', 'body.1', 'fc']])
  })

  test('some layers only, or nothing', () => {
    const some = train.transfer(makeNet(), { head: 2, freeze: ['stem'] })
    expect(some.frozenKeys).toEqual(['stem.0.weight', 'stem.0.bias', 'stem.1.weight', 'stem.1.bias'])
    expect(train.transfer(makeNet(), { head: 2, freeze: false }).frozenKeys).toEqual([])
  })

  test('a loop of one’s own', () => {
    const transfer = train.transfer(makeNet(), { head: 2, unfreezeAt: { 2: ['body'] } })
    transfer.model.train()
    transfer.prepareEpoch(1)
    const modes = (): boolean[] =>
      (transfer.model as unknown as Net)
        .modules()
        .filter((m) => m instanceof nn.BatchNorm2d)
        .map((m) => m.training)
    expect(modes()).toEqual([false, false])
    transfer.model.train()
    transfer.prepareEpoch(2)
    expect(modes()).toEqual([false, true])
  })
})

describe('discriminative rates', () => {
  const sizes = (groups: train.RateGroup[]): [number, number][] =>
    groups.map(({ lr, params }) => [Number(lr.toPrecision(6)), params.reduce((sum, { size }) => sum + size, 0)])

  test('fall by a factor from layer to layer', () => {
    // Children: stem, body, pool, drop, fc; the pool and the dropout count as steps.
    const transfer = train.transfer(makeNet(), { head: 2, freeze: false, discriminativeRates: 0.5 })
    expect(sizes(transfer.parameterGroups(0.1))).toEqual([
      [0.1, 14],
      [0.0125, 4 * 6 * 9 + 6 + 12],
      [0.00625, 4 * 9 + 4 + 8],
    ])
  })

  test('by path, and without what never learns', () => {
    const transfer = train.transfer(makeNet(), {
      head: 2,
      unfreezeAt: { 2: ['body'] },
      discriminativeRates: { body: 0.1 },
    })
    expect(sizes(transfer.parameterGroups(0.1))).toEqual([
      [0.1, 14],
      [0.01, 4 * 6 * 9 + 6 + 12],
    ])
  })
})

describe('kept features', () => {
  test('are what the frozen layers make of each picture', async () => {
    const net = makeNet()
    const set = bars(5)
    const transfer = train.transfer(net, { head: 2 })
    const features = await transfer.cacheFeatures(set, { batchSize: 2 })
    net.eval()
    const direct = compile((x: Tensor) => net.pool.forward(net.body.forward(net.stem.forward(x))).flatten(1))
    const expected = await (await direct(fromTypedArray(set.rawInputs, [5, 1, 8, 8], 'float32'))).data()
    expect([features.length, features.inputShape, [...features.rawTargets]]).toEqual([5, [6], [0, 1, 0, 1, 0]])
    features.rawInputs.forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i] ?? Number.NaN, 6)
    })
  })

  test('training the head on them equals training it behind the frozen layers', async () => {
    const start = async (): Promise<train.Transfer> => {
      const transfer = train.transfer(makeNet(), { head: 2 })
      ;(transfer.head as nn.Linear).weight.write(Array.from({ length: 12 }, (_, i) => Math.sin(i)))
      ;(transfer.head as nn.Linear).bias?.write([0, 0])
      return transfer
    }
    const [fast, slow] = [await start(), await start()]
    const shared = { train: bars(16), epochs: 3, batchSize: 4, seed: 5 }
    await fast.fitHead({ ...shared, optimizer: (parameters) => new optim.SGD(parameters, { lr: 0.5 }) })
    await train.fit(slow.model, {
      ...shared,
      loss: loss.crossEntropy,
      optimizer: new optim.SGD(slow.parameterGroups(0.5), { lr: 0.5 }),
      callbacks: [slow.callback],
    })
    const [a, b] = [await copyOf(fast.head), await copyOf(slow.head)]
    a.get('weight')?.forEach((value, i) => {
      expect(value).toBeCloseTo(b.get('weight')?.[i] ?? Number.NaN, 5)
    })
  })

  test('stay in a folder until weights or data change', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'cognitron-features-'))
    const store = featureFolder(join(folder, 'kept'))
    const net = makeNet()
    const transfer = train.transfer(net, { head: 2 })
    let computed = 0
    const options = {
      store,
      onProgress: () => {
        computed += 1
      },
    }
    const first = await transfer.cacheFeatures(bars(6), options)
    const again = await transfer.cacheFeatures(bars(6), options)
    expect([computed, again.rawInputs, again.classNames]).toEqual([1, first.rawInputs, ['lying', 'standing']])
    net.stem.layers[0]?.parameters()[1]?.write([1, 2, 3, 4])
    await transfer.cacheFeatures(bars(6), options)
    await transfer.cacheFeatures(bars(7), options)
    expect([computed, readdirSync(join(folder, 'kept')).length]).toEqual([3, 3])
    const async: data.AsyncDataset = { ...describeOf(bars(2)), load: async (index) => bars(2).get(index) }
    await expect(transfer.cacheFeatures(async, options)).rejects.toThrow(
      'is loaded on demand, so its content is not known; give a key',
    )
    await transfer.cacheFeatures(async, { ...options, key: 'two' })
    rmSync(folder, { recursive: true })
  })
})

function describeOf({
  name,
  length,
  inputShape,
  targetShape,
  inputDType,
  targetDType,
}: data.ArrayDataset): data.DatasetDescription {
  return { name, length, inputShape, targetShape, inputDType, targetDType }
}

describe('levels and ONNX models', () => {
  test('the head sees the means of earlier layers besides', async () => {
    const net = makeNet().eval()
    const transfer = train.transfer(net, { head: 3, levels: ['stem', 'body.2'], inputShape: [1, 8, 8] })
    expect(transfer.headPath).toBe('head')
    expect(transfer.head.label).toBe('Linear 16 → 3')
    const features = await transfer.cacheFeatures(bars(2))
    const first = fromTypedArray(bars(1).rawInputs, [1, 1, 8, 8], 'float32')
    const stem = Float32Array.from(await (await compile((x: Tensor) => net.stem.forward(x))(first)).data())
    const mean = stem.slice(0, 64).reduce((sum, value) => sum + value, 0) / 64
    expect(features.rawInputs[0]).toBeCloseTo(mean, 5)
    await transfer.fitHead({ train: bars(8), epochs: 1 })
    expect(transfer.model.forward(fromTypedArray(bars(2).rawInputs, [2, 1, 8, 8], 'float32')).shape).toEqual([2, 3])
  })

  test('the last node with weights gives way', async () => {
    const file = io.onnx.makeOnnxFile({
      nodes: [
        { operator: 'Conv', inputs: ['x', 'w1'], outputs: ['c'] },
        { operator: 'Relu', inputs: ['c'], outputs: ['r'] },
        { operator: 'GlobalAveragePool', inputs: ['r'], outputs: ['p'] },
        { operator: 'Conv', inputs: ['p', 'w2'], outputs: ['s'] },
        { operator: 'Softmax', inputs: ['s'], outputs: ['y'], attributes: { axis: 1 } },
      ],
      inputs: { x: [1, 1, 8, 8] },
      outputs: { y: [1, 4, 1, 1] },
      initializers: [
        io.onnx.encodeTensor('w1', {
          data: Float32Array.from({ length: 27 }, (_, i) => Math.cos(i)),
          shape: [3, 1, 3, 3],
          dtype: 'float32',
        }),
        io.onnx.encodeTensor('w2', { data: new Float32Array(12), shape: [4, 3, 1, 1], dtype: 'float32' }),
      ],
    })
    const model = new io.onnx.OnnxModel(file)
    expect(() => train.transfer(model, { head: 2 })).toThrow('pass its inputShape, such as [3, 224, 224], or a head')
    const transfer = train.transfer(model, { head: 2, inputShape: [1, 8, 8] })
    expect(transfer.head.label).toBe('Linear 3 → 2')
    const { history } = await transfer.fitHead({
      train: bars(32),
      epochs: 60,
      optimizer: (p) => new optim.Adam(p, { lr: 0.1 }),
      batchSize: 8,
    })
    expect(history.at(-1)?.trainAccuracy).toBeGreaterThan(0.8)
    expect(transfer.frozenKeys).toEqual(['backbone.w1', 'backbone.w2'])
    expect(() => train.transfer(model, { head: 2, replace: 'nothing', inputShape: [1, 8, 8] })).toThrow(
      'OnnxModel has no layer "nothing"; known are Conv_0',
    )
  })
})
