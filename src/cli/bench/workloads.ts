/**
 * The fixed workloads that `bench` measures. A training step is the whole of it: forward, loss, backward, optimizer update and the loss
 * as a number. Inputs are random, for only time is measured; they are handed over anew at every step, as in training.
 */

import {
  assignAll,
  type CompiledProgram,
  compile,
  fromTypedArray,
  loss,
  manualSeed,
  models,
  type nn,
  optim,
  type Tensor,
  VariableTensor,
} from '../../index.ts'
import { RandomSequence } from '../../random/threefry.ts'
import type { KernelProfile } from '../../runtime/backend.ts'
import { elementCount } from '../../shape/shape.ts'

/** A workload that is ready to run. */
export interface Prepared {
  /** Runs once, to the end. */
  run(): Promise<unknown>
  /** The program behind it, compiled. */
  readonly program: CompiledProgram
  /** What every kernel of it takes. */
  profile(): Promise<KernelProfile[]>
}

export interface Workload {
  readonly name: string
  readonly description: string
  /** Nothing but one product of matrices, so that its speed can be held against that of a bare register tile. */
  readonly isProduct?: boolean
  prepare(): Prepared
}

type Loss = (output: Tensor, target: Tensor) => Tensor

export const workloads: readonly Workload[] = [
  ...[256, 1024].map((size) => ({
    name: `gemm-${size}`,
    description: `matrix product, ${size} × ${size} by ${size} × ${size}`,
    isProduct: true,
    prepare: () => product(size),
  })),
  {
    name: 'playground-2-8-8-1-b10-train',
    description: 'linear 2-8-8-1 with tanh, mean squared error, SGD, batch 10',
    prepare() {
      const net = models.mlp([2, 8, 8, 1], { activation: 'tanh' })
      return training(net, new optim.SGD(net.parameters(), { lr: 0.03 }), normal([10, 2]), normal([10, 1]), loss.mse)
    },
  },
  {
    name: 'mlp-784-256-128-10-b128-train',
    description: 'linear 784-256-128-10 with ReLU, cross-entropy, Adam, batch 128',
    prepare() {
      const net = models.mlp([784, 256, 128, 10])
      return training(net, new optim.Adam(net.parameters()), normal([128, 784]), labels(128), loss.crossEntropy)
    },
  },
  {
    name: 'lenet5-b64-train',
    description: 'LeNet-5, cross-entropy, SGD with momentum, batch 64',
    prepare: () => withMomentum(models.leNet5(), [64, 1, 28, 28]),
  },
  ...[64, 256].map((batch) => ({
    name: `fashion-b${batch}-train`,
    description: `FashionSimpleNet, cross-entropy, Adam, batch ${batch}`,
    prepare() {
      const net = new models.FashionSimpleNet()
      const pictures = normal([batch, 1, 28, 28])
      return training(net, new optim.Adam(net.parameters()), pictures, labels(batch), loss.crossEntropy)
    },
  })),
  ...[1, 64].map((batch) => ({
    name: `fashion-b${batch}-infer`,
    description: `FashionSimpleNet, evaluation, batch ${batch}`,
    prepare: () => inference(new models.FashionSimpleNet(), normal([batch, 1, 28, 28])),
  })),
  {
    name: 'resnet18-cifar-b16-train',
    description: 'ResNet-18 for 32 × 32 pictures, cross-entropy, SGD with momentum, batch 16',
    prepare: () => withMomentum(models.resnet18({ classes: 10, stem: 'cifar' }), [16, 3, 32, 32]),
  },
  {
    name: 'resnet18-cifar-b16-infer',
    description: 'ResNet-18 for 32 × 32 pictures, evaluation, batch 16',
    prepare: () => inference(models.resnet18({ classes: 10, stem: 'cifar' }), normal([16, 3, 32, 32])),
  },
]

/** The workloads whose names begin with one of `prefixes`; all for none. */
export function workloadsNamed(prefixes: readonly string[]): Workload[] {
  return workloads.filter(({ name }) => prefixes.length === 0 || prefixes.some((prefix) => name.startsWith(prefix)))
}

/** C = A · B with all three kept on the backend. */
function product(size: number): Prepared {
  const [a, b, c] = [matrix(size), matrix(size), matrix(size)]
  const multiply = compile(() => assignAll([[c, a.matmul(b)]]))
  return { run: () => multiply(), program: multiply.prepare(), profile: () => multiply.profile([]) }
}

function withMomentum(net: nn.Layer, shape: readonly number[]): Prepared {
  const sgd = new optim.SGD(net.parameters(), { lr: 0.01, momentum: 0.9 })
  return training(net, sgd, normal(shape), labels(shape[0] ?? 1), loss.crossEntropy)
}

function training(net: nn.Layer, optimizer: optim.Optimizer, x: Tensor, y: Tensor, criterion: Loss): Prepared {
  manualSeed(0)
  net.train()
  const step = compile((inputs: Tensor, targets: Tensor) => {
    const value = criterion(net.forward(inputs), targets)
    optimizer.minimize(value)
    return value
  })
  return {
    run: async () => (await step(x, y)).item(),
    program: step.prepare(x, y),
    profile: () => step.profile([x, y]),
  }
}

function inference(net: nn.Layer, x: Tensor): Prepared {
  net.eval()
  const forward = compile((inputs: Tensor) => net.forward(inputs))
  return { run: () => forward(x), program: forward.prepare(x), profile: () => forward.profile([x]) }
}

function normal(shape: readonly number[]): Tensor {
  return fromTypedArray(normalNumbers(elementCount(shape)), shape, 'float32')
}

function matrix(size: number): VariableTensor {
  return new VariableTensor(normalNumbers(size * size), [size, size])
}

function normalNumbers(count: number): Float32Array {
  const random = new RandomSequence(0)
  return Float32Array.from({ length: count }, () => random.normal())
}

function labels(batch: number): Tensor {
  const random = new RandomSequence(1)
  const classes = Int32Array.from({ length: batch }, () => random.integer(10))
  return fromTypedArray(classes, [batch], 'int32')
}
