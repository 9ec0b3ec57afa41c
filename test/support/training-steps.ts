/** Training steps of small, typical networks, for tests of counters, memory, threads and learning. */
import type { DType } from '../../src/base/dtype.ts'
import { compile, loss, models, nn, optim, type Tensor } from '../../src/index.ts'
import type { Compiled } from '../../src/tensor/compile.ts'

export type Step = Compiled<[x: Tensor, y: Tensor], Tensor>

/** Forward, cross-entropy, backward and update as one program; returns the loss. */
export function trainingStep(model: nn.Layer, optimizer: optim.Optimizer): Step {
  return compile((x: Tensor, y: Tensor) => {
    const value = loss.crossEntropy(model.forward(x), y)
    optimizer.minimize(value)
    return value
  })
}

/** Two convolutions with batch normalisation around a shortcut, between a stem and a classifier. */
export class SmallResidualNet extends nn.Module {
  stem = new nn.Conv2d(3, 16, 3, { padding: 1 })
  conv1 = new nn.Conv2d(16, 16, 3, { padding: 1, bias: false })
  norm1 = new nn.BatchNorm2d(16)
  conv2 = new nn.Conv2d(16, 16, 3, { padding: 1, bias: false })
  norm2 = new nn.BatchNorm2d(16)
  classifier = new nn.Linear(16, 10)

  override forward(x: Tensor): Tensor {
    const before = this.stem.forward(x).relu()
    const inner = this.norm1.forward(this.conv1.forward(before)).relu()
    const after = this.norm2.forward(this.conv2.forward(inner)).add(before).relu()
    return this.classifier.forward(after.mean([2, 3]))
  }
}

interface CanonicalStep {
  readonly make: () => Step
  /** Of one batch. */
  readonly input: readonly number[]
  readonly target: { readonly shape: readonly number[]; readonly dtype: DType }
}

const classifier = (make: () => nn.Layer, ...input: number[]): CanonicalStep => ({
  make() {
    const model = make()
    return trainingStep(model, new optim.Adam(model.parameters()))
  },
  input,
  target: { shape: input.slice(0, 1), dtype: 'int32' },
})

const playground: CanonicalStep = {
  make() {
    const model = models.mlp([2, 8, 8, 1], { activation: 'tanh' })
    const adam = new optim.Adam(model.parameters())
    return compile((x: Tensor, y: Tensor) => {
      const value = loss.bceWithLogits(model.forward(x), y)
      adam.minimize(value)
      return value
    })
  },
  input: [10, 2],
  target: { shape: [10, 1], dtype: 'float32' },
}

export const canonicalSteps = {
  'playground 2-8-8-1': playground,
  'mlp 784-256-128-10': classifier(() => models.mlp([784, 256, 128, 10]), 128, 784),
  'LeNet-5': classifier(() => models.leNet5(), 32, 1, 28, 28),
  FashionSimpleNet: classifier(() => new models.FashionSimpleNet(), 64, 1, 28, 28),
  'residual block': classifier(() => new SmallResidualNet(), 16, 3, 16, 16),
} satisfies Record<string, CanonicalStep>
