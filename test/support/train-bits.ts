/** Trains a network on given backends and gives its weights as bits, so that runs can be compared exactly. */
import { getBackend, manualSeed, models, nn, optim, setBackend, type Tensor, tensor } from '../../src/index.ts'
import { RandomSequence } from '../../src/random/threefry.ts'
import type { Backend } from '../../src/runtime/backend.ts'
import { trainingStep } from './training-steps.ts'

export interface BitRun {
  readonly model: () => nn.Layer
  readonly input: readonly number[]
  readonly classes: number
  readonly steps: number
  /** Called before every step, with its number. */
  readonly before?: (step: number) => Promise<void>
}

/** Random images and classes, the same for the same shape. */
export function randomBatch(input: readonly number[], classes: number): [Tensor, Tensor] {
  const random = new RandomSequence(17)
  const size = input.reduce((product, each) => product * each, 1)
  const x = tensor(
    Float32Array.from({ length: size }, () => random.normal()),
    { shape: input },
  )
  const labels = Int32Array.from({ length: input[0] ?? 1 }, () => random.integer(classes))
  return [x, tensor(labels)]
}

/** All weights and statistics after training on `backend`, and all losses, as hexadecimal text. */
export async function trainedBits(backend: Backend, { model, input, classes, steps, before }: BitRun): Promise<string> {
  const usual = getBackend()
  setBackend(backend)
  try {
    manualSeed(5)
    const net = model()
    const step = trainingStep(net, new optim.Adam(net.parameters(), { lr: 0.01 }))
    const [x, y] = randomBatch(input, classes)
    const losses = new Float32Array(steps)
    for (let index = 0; index < steps; index++) {
      await before?.(index)
      losses[index] = await (await step(x, y)).item()
    }
    const state = [...(await net.stateDict()).values()].map(({ data }) => Buffer.from(data.buffer).toString('hex'))
    return [Buffer.from(losses.buffer).toString('hex'), ...state].join('\n')
  } finally {
    setBackend(usual)
  }
}

/** Every kind of kernel in one small network: convolution, normalisation, pooling, dropout, products, sums. */
export const smallCnn = (): nn.Layer =>
  new nn.Sequential(
    new nn.Conv2d(3, 16, 3, { padding: 1 }),
    new nn.BatchNorm2d(16),
    new nn.ReLU(),
    new nn.MaxPool2d(2),
    new nn.Conv2d(16, 16, 3, { padding: 1 }),
    new nn.Tanh(),
    new nn.AvgPool2d(2),
    new nn.Conv2d(16, 6, 3, { stride: 2, groups: 2 }),
    new nn.Flatten(),
    new nn.Dropout(0.3),
    new nn.Linear(6, 5),
  )

export const fashionNet = (): nn.Layer => new models.FashionSimpleNet()
