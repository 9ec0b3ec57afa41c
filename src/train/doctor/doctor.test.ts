/** The doctor on networks and data that are healthy, and on ones that were made ill on purpose. */
import { beforeEach, describe, expect, test } from 'vitest'
import { data, loss, manualSeed, nn, optim, Tensor, train } from '../../index.ts'
import { detach } from '../../ir/operations.ts'

const { doctor } = train
const points = data.toys.circle({ count: 80, seed: 1, target: 'class' })
const basics = { train: points, loss: loss.crossEntropy, batchSize: 32 }

beforeEach(() => manualSeed(1))

function network(activation: () => nn.Layer = () => new nn.Tanh(), depth = 1): nn.Sequential {
  const hidden = Array.from({ length: depth }, (_, index) => [new nn.Linear(index === 0 ? 2 : 8, 8), activation()])
  return new nn.Sequential(...hidden.flat(), new nn.Linear(8, 2))
}

/** Writes `scale` times its values into a parameter. */
async function scaled(parameter: { data(): Promise<ArrayLike<number>>; write(values: number[]): void }, scale: number) {
  parameter.write(Array.from(await parameter.data(), (value) => value * scale))
}

test('a healthy network passes every check and is left as it was', async () => {
  const net = network()
  const optimizer = new optim.Adam(net.parameters(), { lr: 1e-3 })
  net.at(0).eval()
  const before = await net.stateDict()
  const seen: string[] = []
  const findings = await doctor.examineTraining(net, {
    ...basics,
    test: data.toys.circle({ count: 40, seed: 2, target: 'class' }),
    optimizer,
    onFinding: ({ check }) => void seen.push(check),
  })
  expect(findings.filter(({ status }) => status !== 'ok')).toEqual([])
  expect(findings).toHaveLength(10)
  expect(seen).toEqual(findings.map(({ check }) => check))
  expect(await net.stateDict()).toEqual(before)
  expect([net.training, net.at(0).training]).toEqual([true, false])
  expect((await optimizer.stateDict()).clocks).toEqual([-1, -1, -1, -1])
})

describe('loss', () => {
  test('at the start against −ln(1/C)', async () => {
    const net = network()
    const healthy = await doctor.checkInitialLoss(await doctor.takeBatch(net, basics))
    expect(healthy.figures.expected).toBeCloseTo(Math.LN2, 12)
    expect(healthy.message).toMatch(/^The loss starts at 0\.\d+; chance among 2 classes gives −ln\(1\/2\) = 0\.6931\.$/)
    await scaled((net.at(2) as nn.Linear).weight, 100)
    const ill = await doctor.checkInitialLoss(await doctor.takeBatch(net, basics))
    expect([ill.status, ill.message]).toEqual(['problem', expect.stringContaining('sure of wrong answers')])
  })

  test('a layer whose values do not belong to its gradient', async () => {
    class Rounded extends nn.Module {
      // The square counts in the value but not in the gradient.
      override forward(x: Tensor): Tensor {
        return x.add(new Tensor(detach(x.square().node)).mul(3))
      }
    }
    const good = await doctor.checkGradients(await doctor.takeBatch(network(), basics))
    expect(good.status).toBe('ok')
    expect(good.figures.worst).toBeLessThan(0.01)
    const ill = await doctor.checkGradients(
      await doctor.takeBatch(
        network(() => new Rounded()),
        basics,
      ),
    )
    expect(ill.status).not.toBe('ok')
    expect(ill.message).toMatch(/the worst is "0\.(weight|bias)"/)
  })

  test('a network that cannot see its input', async () => {
    class Blind extends nn.Module {
      override forward(x: Tensor): Tensor {
        return x.mul(0)
      }
    }
    const ill = await doctor.checkOverfit(
      await doctor.takeBatch(
        network(() => new Blind()),
        basics,
      ),
      { steps: 40 },
    )
    expect(ill.status).toBe('problem')
    expect(ill.message).toMatch(/^On one batch the loss falls from .* it should fall to almost nothing\. Check that/)
  })
})

describe('layers', () => {
  test('units that are always off', async () => {
    const net = network(() => new nn.ReLU())
    const bias = (net.at(0) as nn.Linear).bias
    bias?.write([-99, -99, -99, -99, -99, -99, 1, 1])
    const { status, figures, message } = await doctor.checkDeadUnits(await doctor.takeBatch(net, basics))
    expect([status, figures]).toEqual(['problem', { '1': 0.75 }])
    expect(message).toContain(
      'At most 75.0 % of the units of a layer are off for every sample (1); they learn nothing.',
    )
  })

  test('channels of pictures count as units', async () => {
    const pictures = data.syntheticDigits('train', { seed: 1, count: 16 })
    const net = new nn.Sequential(
      new nn.Conv2d(1, 4, 3),
      new nn.ReLU(),
      new nn.Flatten(),
      new nn.Linear(4 * 26 * 26, 10),
    )
    ;(net.at(0) as nn.Conv2d).bias?.write([-99, 0.5, 0.5, 0.5])
    const trial = await doctor.takeBatch(net, { ...basics, train: pictures, batchSize: 8 })
    expect((await doctor.checkDeadUnits(trial)).figures).toEqual({ '1': 0.25 })
  })

  test('values at the flat ends', async () => {
    const net = network()
    await scaled((net.at(0) as nn.Linear).weight, 1000)
    const { status, message } = await doctor.checkSaturation(await doctor.takeBatch(net, basics))
    expect([status, message]).toEqual(['problem', expect.stringContaining('hardly any gradient passes')])
  })

  test('gradients that fade, and weights that get none', async () => {
    const deep = network(() => new nn.Sigmoid(), 8)
    const faded = await doctor.checkGradientFlow(await doctor.takeBatch(deep, basics))
    expect(faded.status).not.toBe('ok')
    expect(faded.message).toContain('It fades on its way back')
    class Cut extends nn.Module {
      override forward(x: Tensor): Tensor {
        return x.mul(0)
      }
    }
    const cut = await doctor.checkGradientFlow(
      await doctor.takeBatch(
        network(() => new Cut()),
        basics,
      ),
    )
    expect([cut.status, cut.message]).toEqual(['problem', expect.stringContaining('No gradient reaches "0.weight"')])
  })

  test('steps that are too large', async () => {
    const net = network()
    const trial = await doctor.takeBatch(net, basics)
    const wild = await doctor.checkUpdateRatio(trial, new optim.SGD(net.parameters(), { lr: 1000 }))
    expect([wild.status, wild.message]).toEqual([
      expect.not.stringMatching('ok'),
      expect.stringContaining('lower the learning rate'),
    ])
    const tiny = await doctor.checkUpdateRatio(trial, new optim.SGD(net.parameters(), { lr: 1e-8 }))
    expect(tiny.message).toContain('raise the learning rate')
  })
})

describe('data', () => {
  const set = (targets: number[], inputs?: number[]): data.ArrayDataset =>
    new data.ArrayDataset({
      inputs: Float32Array.from(inputs ?? targets.flatMap((_, index) => [index, -index])),
      targets: Int32Array.from(targets),
      inputShape: [2],
      classNames: ['cat', 'dog'],
      name: 'pets',
    })

  test('classes that are rare or missing', () => {
    expect(doctor.checkLabelBalance(set([0, 0, 1])).status).toBe('ok')
    const rare = doctor.checkLabelBalance(set([...Array<number>(8).fill(0), 1]))
    expect([rare.status, rare.figures]).toEqual(['warning', { cat: 8, dog: 1 }])
    expect(rare.message).toContain('has 8 times the samples of the rarest ("dog", 1). Use class weights')
    expect(doctor.checkLabelBalance(set([0, 0])).message).toContain('Class "dog" has no sample at all')
  })

  test('inputs of odd scale', async () => {
    const odd = await doctor.checkInputScale(set([0, 1], [100, 200, 300, 400]))
    expect([odd.status, odd.figures]).toEqual(['warning', { mean: 250, std: expect.closeTo(111.8034, 3) }])
    const hole = await doctor.checkInputScale(set([0, 1], [1, 2, 3, Number.NaN]))
    expect(hole.message).toBe('The input of sample 1 of "pets" holds NaN; correct the data.')
  })

  test('test samples that were trained on', async () => {
    const clean = await doctor.checkDuplicates(set([0, 1], [1, 2, 3, 4]), set([0], [2, 1]))
    expect(clean.status).toBe('ok')
    const leaked = await doctor.checkDuplicates(set([0, 1], [1, 2, 3, 4]), set([0, 1], [9, 9, 3, 4]))
    expect(leaked.figures).toEqual({ duplicates: 1, share: 0.5 })
    expect(leaked.message).toContain('test sample 1 as training sample 1; test figures are too good.')
  })
})
