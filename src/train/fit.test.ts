/** Training on tiny sets: it learns, stops early, resumes to the bit and says what is wrong. */
import { describe, expect, test } from 'vitest'
import { data, loss, manualSeed, metrics, nn, optim, type Tensor, train } from '../index.ts'

const points = data.toys.circle({ count: 60, seed: 1, target: 'class' })
const others = data.toys.circle({ count: 30, seed: 2, target: 'class' })

function network(options: { dropout?: number; width?: number } = {}): nn.Sequential {
  const { dropout = 0, width = 8 } = options
  manualSeed(5)
  return new nn.Sequential(
    new nn.Linear(2, width),
    new nn.BatchNorm1d(width),
    new nn.Tanh(),
    new nn.Dropout(dropout),
    new nn.Linear(width, 2),
  )
}

const basics = (net: nn.Module) => ({
  train: points,
  loss: loss.crossEntropy,
  optimizer: new optim.Adam(net.parameters(), { lr: 0.05 }),
  epochs: 3,
  batchSize: 16,
  seed: 1,
})

async function bytesOf(net: nn.Module): Promise<string> {
  const parts = [...(await net.stateDict())].map(
    ([
      key,
      {
        data: { buffer },
      },
    ]) => `${key}${new Uint8Array(buffer)}`,
  )
  return parts.join('\n')
}

describe('learning', () => {
  test('a circle, with validation, best epoch and test', async () => {
    const net = network()
    const result = await train.fit(net, { ...basics(net), epochs: 20, validation: others, test: others })
    const last = result.history.at(-1)
    expect(result.reason).toBe('finished')
    expect(last?.trainAccuracy).toBeGreaterThan(0.9)
    expect(result.test?.accuracy).toBeGreaterThan(0.8)
    const losses = result.history.map((record) => record.validationLoss as number)
    expect(result.best?.value).toBe(Math.min(...losses))
    expect(result.best?.epoch).toBe(losses.indexOf(Math.min(...losses)) + 1)
    // The best weights are in place, so the test set (the same as validation here) gives the best loss again.
    expect(result.test?.loss).toBe(result.best?.value)
    expect(net.training).toBe(false)
  })

  test('the mean loss of an epoch weighs the last, smaller batch by its size', async () => {
    const net = new nn.Linear(2, 2)
    const frozen = new optim.SGD(net.parameters(), { lr: 0 })
    const { history } = await train.fit(net, { ...basics(net), optimizer: frozen, epochs: 1 })
    const whole = await train.evaluate(net, points, { loss: loss.crossEntropy, batchSize: 60 })
    expect(history[0]?.trainLoss).toBeCloseTo(whole.loss, 6)
    expect(history[0]?.trainAccuracy).toBe(whole.accuracy)
    expect(whole.count).toBe(60)
  })

  test('regression with metrics of its own', async () => {
    const inputs = Float32Array.from({ length: 40 }, (_, i) => i / 20 - 1)
    const targets = inputs.map((x) => 2 * x - 0.5)
    const set = new data.ArrayDataset({ inputs, targets, inputShape: [1], targetShape: [1] })
    const net = new nn.Linear(1, 1)
    const { history } = await train.fit(net, {
      train: set,
      validation: set,
      loss: loss.mse,
      metrics: { mae: metrics.absoluteError },
      optimizer: new optim.SGD(net.parameters(), { lr: 0.3 }),
      epochs: 40,
      batchSize: 10,
    })
    expect(history.at(-1)?.metrics.validationMae).toBeLessThan(0.01)
    expect(history.at(-1)?.trainAccuracy).toBeUndefined()
    expect(await net.weight.item()).toBeCloseTo(2, 2)
  })

  test('gradients of several batches are averaged like one large batch', async () => {
    const ordered = (batchSize: number) => new data.DataLoader(points, { batchSize })
    const train1 = async (batchSize: number, accumulate: number): Promise<string[]> => {
      manualSeed(5)
      const net = new nn.Linear(2, 2)
      const optimizer = new optim.SGD(net.parameters(), { lr: 0.5 })
      await train.fit(net, { ...basics(net), train: ordered(batchSize), optimizer, accumulate, clip: { norm: 0.5 } })
      return Array.from(await net.weight.data(), (value) => value.toFixed(5))
    }
    // 60 samples: batches of 8 end with one of 4, so the average must weigh by size.
    expect(await train1(8, 8)).toEqual(await train1(60, 1))
  })

  test('class weights, penalty and schedule take part', async () => {
    const net = network()
    const weights: (Tensor | undefined)[] = []
    const optimizer = new optim.SGD(net.parameters(), { lr: 0.1, momentum: 0.9 })
    const schedule = new optim.OneCycleLR(optimizer, { maxLr: 0.2, totalSteps: 12 })
    const { history } = await train.fit(net, {
      ...basics(net),
      optimizer,
      schedule,
      classWeights: 'balanced',
      penalty: () => loss.l1Penalty(net.parameters()).mul(1e-3),
      loss: (output: Tensor, target: Tensor, options) => {
        weights.push(options.weight)
        return loss.crossEntropy(output, target, options)
      },
    })
    const counts = data.classCounts(points)
    const expected = Array.from(counts, (count) => 60 / (2 * count))
    expect(await weights[0]?.toArray()).toEqual(expected.map((value) => expect.closeTo(value, 6)))
    // Four steps an epoch: the last are the steps 3, 7 and 11 of the cycle.
    expect(history.map(({ lr }) => lr)).toEqual([3, 7, 11].map((step) => schedule.rateAt(step, 0)))
  })
})

describe('stopping', () => {
  test('early, when the validation loss no longer falls', async () => {
    const net = network()
    const values = [3, 2, 2.5, 2.4, 2.1, 1]
    let epoch = 0
    const result = await train.fit(net, {
      ...basics(net),
      epochs: 10,
      validation: others,
      metrics: {},
      monitor: { figure: 'trainLoss', mode: 'min' },
      callbacks: [
        // A figure that the test decides on.
        {
          name: 'script',
          onEpochEnd: (_view, record) => void Object.assign(record.metrics, { script: values[epoch++] }),
        },
        train.earlyStopping({ figure: 'script', patience: 3 }),
      ],
    })
    expect(result.history).toHaveLength(5)
    expect([result.reason, result.message]).toEqual(['stopped', 'stopped early: no better script than 2 for 3 epochs'])
  })

  test('the last weights stay where that is asked for', async () => {
    const net = network()
    let last = ''
    const remember: train.Callback = {
      name: 'remember',
      async onStop() {
        last = await bytesOf(net)
      },
    }
    const rising = new optim.SGD(net.parameters(), { lr: 5, momentum: 0.9 })
    const options = { ...basics(net), optimizer: rising, epochs: 4, validation: others }
    const callbacks = [train.earlyStopping({ restoreBest: false, patience: 9 }), remember]
    await train.fit(net, { ...options, callbacks })
    expect(await bytesOf(net)).toBe(last)
  })

  test('a figure that does not exist', async () => {
    const net = network()
    const options = { ...basics(net), callbacks: [train.earlyStopping({ figure: 'validationLoss' })] }
    await expect(train.fit(net, options)).rejects.toThrow(
      'There is no figure "validationLoss" to watch; this run has epoch, epochs, trainLoss, trainAccuracy, seconds,',
    )
  })
})

describe('the same bits', () => {
  const variants: [string, Partial<train.FitOptions>][] = [
    ['plain', {}],
    ['gathered gradients', { accumulate: 3, clip: { norm: 1 } }],
    ['averaged weights', { ema: { decay: 0.8 } }],
  ]
  const options = (net: nn.Module, more: Partial<train.FitOptions>): train.FitOptions => {
    const optimizer = new optim.AdamW(net.parameters(), { lr: 0.05 })
    const schedule = new optim.CosineAnnealingLR(optimizer, { tMax: 12, every: 'step' })
    return { ...basics(net), optimizer, schedule, validation: others, ...more }
  }

  test.each(variants)('%s: from the same seed, and after an interruption', async (_, more) => {
    const whole = network({ dropout: 0.3 })
    const first = await train.fit(whole, options(whole, more))
    const again = network({ dropout: 0.3 })
    await train.fit(again, options(again, more))
    expect(await bytesOf(again)).toBe(await bytesOf(whole))

    for (const stopAfter of [4, 6]) {
      const controller = new AbortController()
      let saved = new Uint8Array()
      const cut = network({ dropout: 0.3 })
      const callbacks = [
        {
          name: 'stop',
          onStep: (_view: unknown, { step }: train.StepReport) => step === stopAfter && controller.abort(),
        },
        train.checkpoint((bytes) => {
          saved = bytes as typeof saved
        }),
      ] as train.Callback[]
      const stopped = await train.fit(cut, options(cut, { ...more, callbacks, signal: controller.signal }))
      expect(stopped.reason).toBe('interrupted')
      // Another program: other random numbers were drawn, another network stands there.
      const resumed = network({ dropout: 0.3 })
      manualSeed(77)
      const rest = await train.fit(resumed, options(resumed, { ...more, resume: train.decodeState(saved) }))
      expect(await bytesOf(resumed)).toBe(await bytesOf(whole))
      const figures = ({ history }: train.FitResult) =>
        history.map(({ trainLoss, validationLoss }) => [trainLoss, validationLoss])
      expect(figures(rest)).toEqual(figures(first))
    }
  })

  test('a run that had stopped early stays stopped', async () => {
    const net = network()
    let saved = new Uint8Array()
    const callbacks = () => [
      train.earlyStopping({ figure: 'lr', mode: 'max', patience: 1 }),
      train.checkpoint((bytes) => {
        saved = bytes as typeof saved
      }),
    ]
    const first = await train.fit(net, { ...basics(net), callbacks: callbacks() })
    expect(first.history).toHaveLength(2)
    const second = await train.fit(net, { ...basics(net), callbacks: callbacks(), resume: train.decodeState(saved) })
    expect([second.reason, second.history.length]).toEqual(['stopped', 2])
  })
})

describe('what cannot work says why', () => {
  async function savedState(): Promise<train.TrainingState> {
    const net = network()
    let saved = new Uint8Array()
    const sink = train.checkpoint((bytes) => {
      saved = bytes as typeof saved
    })
    await train.fit(net, { ...basics(net), epochs: 1, callbacks: [sink] })
    return train.decodeState(saved)
  }

  test('a checkpoint of another model names the first difference and both shapes; nothing is changed', async () => {
    const resume = await savedState()
    const wide = network({ width: 9 })
    const before = await bytesOf(wide)
    await expect(train.fit(wide, { ...basics(wide), resume })).rejects.toThrow(
      'The checkpoint is of another model: "0.weight" has shape [8, 2] in the checkpoint and [9, 2] in this model. Resume with',
    )
    expect(await bytesOf(wide)).toBe(before)
    const short = new nn.Sequential(new nn.Linear(2, 8))
    await expect(train.fit(short, { ...basics(short), resume })).rejects.toThrow(
      '"1.weight" [8] of the checkpoint is not in this model',
    )
  })

  test('a checkpoint with other settings', async () => {
    const resume = await savedState()
    const net = network()
    await expect(train.fit(net, { ...basics(net), batchSize: 8, resume })).rejects.toThrow(
      'The checkpoint was made with batch size 16, this run has 8; a run goes on to the bit only with the same.',
    )
    const optimizer = new optim.SGD(net.parameters())
    await expect(train.fit(net, { ...basics(net), optimizer, resume })).rejects.toThrow(
      'is of the optimizer Adam, this one is SGD',
    )
  })

  test('bytes that are no checkpoint', async () => {
    const weights: Uint8Array[] = []
    const net = network()
    await train.fit(net, {
      ...basics(net),
      epochs: 1,
      callbacks: [train.saveBest((bytes) => void weights.push(bytes))],
    })
    expect(() => train.decodeState(weights[0] as Uint8Array, 'best.safetensors')).toThrow(
      'best.safetensors holds weights but no state of a training run; resume needs the file last.ckpt of a run.',
    )
  })

  test('a label that the network has no score for', async () => {
    const set = new data.ArrayDataset({
      inputs: new Float32Array(8),
      targets: new Int32Array([0, 1, 2, 1]),
      inputShape: [2],
      name: 'odd',
    })
    const net = new nn.Linear(2, 2)
    const before = await bytesOf(net)
    await expect(train.fit(net, { ...basics(net), train: set, batchSize: 4 })).rejects.toThrow(
      'Sample 2 of "odd" has the class 2, but the network gives scores for 2 classes (0 to 1); correct the label or give',
    )
    expect(await bytesOf(net)).toBe(before)
  })

  test('a validation set that does not fit is found before the first epoch', async () => {
    const net = network()
    const set = (targets: number[], size: number): data.ArrayDataset =>
      new data.ArrayDataset({
        inputs: new Float32Array(targets.length * size),
        targets: Int32Array.from(targets),
        inputShape: [size],
        name: 'held',
      })
    await expect(train.fit(net, { ...basics(net), validation: set([0], 3) })).rejects.toThrow(
      'The inputs of "held" have shape [3], those of the training set "circle" [2]; prepare both in the same way.',
    )
    await expect(train.fit(net, { ...basics(net), test: new data.Subset(points, []) })).rejects.toThrow(
      'is empty; leave it out or',
    )
    const steps: number[] = []
    const callbacks = [{ name: 'count', onStep: (_: unknown, { step }: train.StepReport) => void steps.push(step) }]
    await expect(train.fit(net, { ...basics(net), validation: set([0, 2], 2), callbacks })).rejects.toThrow(
      'Sample 1 of "held" has the class 2, but the network gives scores for 2 classes',
    )
    expect(steps).toEqual([])
  })

  test('a loss that is no number', async () => {
    const net = network()
    const each = (output: Tensor, target: Tensor) => loss.crossEntropy(output, target, { reduction: 'none' })
    await expect(train.fit(net, { ...basics(net), loss: each })).rejects.toThrow(
      'the loss of a step is one number, given a tensor of shape [16]; reduce it with mean().',
    )
  })

  test.each([
    [{ epochs: -1 }, 'epochs is a whole number of at least 0, given -1.'],
    [{ batchSize: 0 }, 'batchSize is a whole number of at least 1, given 0.'],
    [{ accumulate: 1.5 }, 'accumulate is a whole number of at least 1, given 1.5.'],
    [
      { callbacks: [train.earlyStopping(), train.earlyStopping()] },
      'Two callbacks are named "earlyStopping"; give each its own name, for their states are saved by name.',
    ],
  ])('options outside their range: %o', async (more, message) => {
    const net = network()
    await expect(train.fit(net, { ...basics(net), ...more })).rejects.toThrow(message)
  })
})

describe('a loss that is not finite', () => {
  /** Gives NaN once its input is large. */
  class Fragile extends nn.Module {
    override forward(x: Tensor): Tensor {
      return x.neg().add(1e4).log()
    }
  }

  test('names the layer, keeps the best weights and says so', async () => {
    manualSeed(5)
    const net = new nn.Sequential(new nn.Linear(2, 4), new Fragile(), new nn.Linear(4, 2))
    const optimizer = new optim.SGD(net.parameters(), { lr: 0.01 })
    let best = ''
    const callbacks: train.Callback[] = [
      {
        name: 'blow up',
        async onEpochEnd(view, record) {
          if (record.best) best = await bytesOf(net)
          if (view.epoch === 2) for (const group of optimizer.groups) group.lr = 1e7
        },
      },
    ]
    const failure = train.fit(net, { ...basics(net), validation: others, epochs: 9, optimizer, callbacks })
    const error = await failure.then(
      () => undefined,
      (reason: unknown) => reason,
    )
    expect(error).toBeInstanceOf(train.NonFiniteLossError)
    const { message, result } = error as train.NonFiniteLossError
    expect(message).toMatch(
      /^The training loss became NaN in epoch 3, step \d+: the first value that is not finite is in the output of 1 \(Fragile\) \(NaN\); try a lower learning rate, clip gradients, or look for bad values in the data\. The best weights so far \(epoch [12]\) are kept\.$/,
    )
    expect(result.history).toHaveLength(2)
    expect(await bytesOf(net)).toBe(best)
  })

  test('in validation: the layer is named too', async () => {
    class Late extends nn.Module {
      override forward(x: Tensor): Tensor {
        return this.training ? x : x.sub(1e9).log()
      }
    }
    const net = new nn.Sequential(new nn.Linear(2, 4), new Late(), new nn.Linear(4, 2))
    await expect(train.fit(net, { ...basics(net), validation: others, epochs: 2 })).rejects.toThrow(
      /^The validation loss became NaN in epoch 1: the first value that is not finite is in the output of 1 \(Late\) \(NaN\); try a lower/,
    )
  })

  test('a failed step changes nothing', async () => {
    const net = new nn.Sequential(new nn.Linear(2, 4), new nn.BatchNorm1d(4), new Fragile(), new nn.Linear(4, 2))
    net.at(2).registerForwardHook((_module, _inputs, output) => (output as Tensor).sub(1e9).log())
    const before = await bytesOf(net)
    await expect(train.fit(net, { ...basics(net) })).rejects.toThrow('output of 2 (Fragile)')
    expect(await bytesOf(net)).toBe(before)
  })

  test('names a bad sample', async () => {
    const inputs = Float32Array.of(1, 2, 3, Number.NaN)
    const set = new data.ArrayDataset({ inputs, targets: new Int32Array([0, 1]), inputShape: [2], name: 'holes' })
    const net = new nn.Linear(2, 2)
    await expect(train.fit(net, { ...basics(net), train: set })).rejects.toThrow(
      'the input of sample 1 of "holes" holds NaN; correct the data.',
    )
  })

  test('names weights that were bad before', async () => {
    const net = new nn.Linear(2, 2)
    net.weight.write([1, 2, Number.POSITIVE_INFINITY, 4])
    await expect(train.fit(net, { ...basics(net) })).rejects.toThrow('is in the weights "weight" (Infinity);')
  })
})

describe('evaluation', () => {
  test('leaves each layer in its mode and predicts in order', async () => {
    const net = network({ dropout: 0.5 })
    net.at(1).eval()
    const outputs = await train.predict(net, points, { batchSize: 7 })
    expect([outputs.count, outputs.shape, outputs.data.length]).toEqual([60, [2], 120])
    expect([net.training, net.at(0).training, net.at(1).training]).toEqual([true, true, false])
    const predicted = metrics.predictedClasses(outputs.data, 2)
    const figures = await train.evaluate(net, points, { loss: loss.crossEntropy })
    expect(metrics.accuracy(predicted, data.labelsOf(points))).toBe(figures.accuracy)
  })

  test('of an empty set', async () => {
    const empty = new data.Subset(points, [])
    await expect(train.evaluate(network(), empty, { loss: loss.crossEntropy })).rejects.toThrow(
      'is empty; evaluation needs',
    )
  })
})

test('figures as lines', () => {
  const record: train.EpochRecord = {
    epoch: 1,
    epochs: 2,
    trainLoss: 0.5,
    trainAccuracy: 0.75,
    validationLoss: undefined,
    validationAccuracy: undefined,
    seconds: 1.23456,
    samplesPerSecond: 10,
    lr: 0.1,
    best: true,
    metrics: { trainMae: 2 },
  }
  expect(train.statsHeader(record)).toBe(
    'Epoch,Train Loss,Train Accuracy,Validation Loss,Validation Accuracy,Seconds,Train Mae\n',
  )
  expect(train.statsRow(record)).toBe('1,0.5,0.75,,,1.235,2\n')
  expect(JSON.parse(train.metricsLine(record))).toMatchObject({ type: 'epoch', epoch: 1, metrics: { trainMae: 2 } })
})
