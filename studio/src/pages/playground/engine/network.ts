/** The Playground's network, its optimizer and its loss, all from the library. */
import {
  compile,
  dropout,
  fromTypedArray,
  gelu,
  leakyRelu,
  loss,
  manualSeed,
  nn,
  optim,
  type Parameter,
  type Tensor,
  VariableTensor,
  where,
} from 'cognitron'
import type { LayerPlan } from '../protocol.ts'
import {
  type Activation,
  chosenFeatures,
  hiddenActivations,
  type Initialiser,
  type OptimizerName,
  outputCount,
  outputKind,
  type Penalty,
  type Setup,
} from '../setup.ts'

const activate: Readonly<Record<Activation, (x: Tensor) => Tensor>> = {
  relu: (x) => x.relu(),
  tanh: (x) => x.tanh(),
  sigmoid: (x) => x.sigmoid(),
  linear: (x) => x,
  leakyRelu: (x) => leakyRelu(x, 0.01),
  gelu: (x) => gelu(x),
}

/** Writes first weights; biases are set apart. */
const initialise: Readonly<Record<Initialiser, (weight: Parameter) => void>> = {
  playground: (weight) => nn.init.uniform(weight, -0.5, 0.5),
  xavier: (weight) => nn.init.xavierUniform(weight),
  he: (weight) => nn.init.kaimingNormal(weight, { nonlinearity: 'relu' }),
  small: (weight) => nn.init.normal(weight, 0, 0.01),
  large: (weight) => nn.init.normal(weight, 0, 3),
  zero: (weight) => nn.init.zeros(weight),
}

const makeOptimizer: Readonly<Record<OptimizerName, (parameters: Parameter[], lr: number) => optim.Optimizer>> = {
  sgd: (parameters, lr) => new optim.SGD(parameters, { lr }),
  momentum: (parameters, lr) => new optim.SGD(parameters, { lr, momentum: 0.9 }),
  nesterov: (parameters, lr) => new optim.SGD(parameters, { lr, momentum: 0.9, nesterov: true }),
  adagrad: (parameters, lr) => new optim.Adagrad(parameters, { lr }),
  rmsprop: (parameters, lr) => new optim.RMSprop(parameters, { lr }),
  adam: (parameters, lr) => new optim.Adam(parameters, { lr }),
  adamw: (parameters, lr) => new optim.AdamW(parameters, { lr }),
}

/** Batches in one program of `stepBlock`. */
export const BLOCK = 4

/** A point of the network in its forward pass: what every layer puts out. */
interface Forward {
  readonly layers: readonly Tensor[]
  /** What the loss takes. */
  readonly output: Tensor
}

export class PlaygroundNetwork {
  readonly plan: readonly LayerPlan[]
  readonly #layers: readonly nn.Linear[]
  readonly #activations: readonly Activation[]
  readonly #kind: ReturnType<typeof outputKind>
  readonly #optimizer: optim.Optimizer
  /** λ of the penalty; a variable, so that it can change while training. */
  readonly #penaltyRate = new VariableTensor(Float32Array.of(0), [])
  #penaltyRateNow = 0

  constructor(setup: Setup) {
    manualSeed(setup.seed)
    const sizes = [chosenFeatures(setup).length, ...setup.networkShape, outputCount(setup)]
    const layers = sizes.slice(1).map((units, index) => new nn.Linear(sizes[index] as number, units))
    for (const layer of layers) {
      initialise[setup.initialiser](layer.weight)
      if (layer.bias) nn.init.constant(layer.bias, setup.initialiser === 'playground' ? 0.1 : 0)
    }
    this.#layers = layers
    this.#activations = hiddenActivations(setup)
    this.#kind = outputKind(setup)
    this.#optimizer = makeOptimizer[setup.optimizer](this.#parameters(), setup.learningRate)
    this.plan = planLayers(sizes)
  }

  set learningRate(rate: number) {
    this.#optimizer.lr = rate
  }

  set penaltyRate(rate: number) {
    if (rate === this.#penaltyRateNow) return
    this.#penaltyRateNow = rate
    this.#penaltyRate.write([rate])
  }

  /** One batch: forward, backward and update in a single program. */
  readonly step = compile((x: Tensor, y: Tensor, penalty: Penalty, rate: number) => {
    this.#update(x, y, penalty, rate)
  })

  /** BLOCK batches one after the other in a single program, which saves the way into it: for small networks most of the time. */
  readonly stepBlock = compile((x: Tensor, y: Tensor, penalty: Penalty, rate: number) => {
    const size = (x.shape[0] as number) / BLOCK
    for (let from = 0; from < BLOCK * size; from += size) {
      this.#update(x.slice(0, from, from + size), y.slice(0, from, from + size), penalty, rate)
    }
  })

  /** The network's answers `[points, outputs]`: −1 to 1, any number, or probabilities. */
  readonly predict = compile((x: Tensor) => this.#answers(this.#forward(x, 0)))

  /** What every unit of every layer puts out, one row a unit: `[points, inputs] → [units, points]` for each layer. */
  readonly inspect = compile((x: Tensor) => {
    const forward = this.#forward(x, 0)
    return [...forward.layers.slice(0, -1), this.#answers(forward)].map((layer) => layer.mT)
  })

  /** All weights and biases as `plan` lays them out. */
  readWeights(): Float32Array {
    const parts = this.#parameters().map((parameter) => parameter.variable.read() as Float32Array)
    const all = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0))
    let place = 0
    for (const part of parts) {
      all.set(part, place)
      place += part.length
    }
    return all
  }

  writeWeights(all: Float32Array): void {
    let place = 0
    for (const parameter of this.#parameters()) {
      parameter.write(all.subarray(place, place + parameter.size))
      place += parameter.size
    }
  }

  #update(x: Tensor, y: Tensor, penalty: Penalty, rate: number): void {
    const { output } = this.#forward(x, rate)
    this.#optimizer.minimize(this.#loss(output, y))
    if (penalty !== 'none') this.#shrink(penalty)
  }

  #parameters(): Parameter[] {
    return this.#layers.flatMap((layer) => layer.parameters())
  }

  #forward(x: Tensor, dropoutRate: number): Forward {
    const layers: Tensor[] = []
    let h = x
    this.#layers.forEach((layer, index) => {
      const activation = this.#activations[index]
      const z = layer.forward(h)
      h = activation ? dropout(activate[activation](z), { p: dropoutRate }) : z
      layers.push(h)
    })
    return { layers, output: h }
  }

  #answers({ output }: Forward): Tensor {
    if (this.#kind === 'signed') return output.tanh()
    // A log-odds z as a number from −1 to 1: 2 σ(z) − 1.
    if (this.#kind === 'logit') return output.mul(0.5).tanh()
    if (this.#kind === 'linear') return output
    const shifted = output.sub(output.max(-1, { keepDim: true })).exp()
    return shifted.div(shifted.sum(-1, { keepDim: true }))
  }

  /** ½ (y − t)², or cross-entropy. Targets are −1 or 1, a number, or a class. */
  #loss(output: Tensor, y: Tensor): Tensor {
    if (this.#kind === 'softmax') return loss.crossEntropy(output, y.reshape(-1).to('int32'))
    if (this.#kind === 'logit') return loss.bceWithLogits(output, y.add(1).mul(0.5))
    const answer = this.#kind === 'signed' ? output.tanh() : output
    return answer.sub(y).square().mean().mul(0.5)
  }

  /** As the Playground does after each update: w ← w − lr λ sign(w), held at 0 where it would cross, or w ← w − lr λ w. */
  #shrink(penalty: 'L1' | 'L2'): void {
    const rate = (this.#optimizer.groups[0] as optim.ParameterGroup).rate.mul(this.#penaltyRate)
    for (const { weight } of this.#layers) {
      if (penalty === 'L2') weight.assign(weight.sub(weight.mul(rate)))
      else weight.assign(where(weight.abs().le(rate), 0, weight.sub(weight.sign().mul(rate))))
    }
  }
}

function planLayers(sizes: readonly number[]): LayerPlan[] {
  let place = 0
  return sizes.slice(1).map((units, index) => {
    const inputs = sizes[index] as number
    const plan = { inputs, units, weightsAt: place, biasesAt: place + inputs * units }
    place = plan.biasesAt + units
    return plan
  })
}

/** A tensor over rows of a matrix, without a copy. */
export function rows(matrix: Float32Array, columns: number, from: number, count: number): Tensor {
  return fromTypedArray(matrix.subarray(from * columns, (from + count) * columns), [count, columns], 'float32')
}
