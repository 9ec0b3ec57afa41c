/** Looking into a network while it learns: what every layer gives, which units are dead, and how it does on every test picture. */
import { compile, type data, fromTypedArray, metrics, nn, type Tensor, train } from 'cognitron'
import type { DeadUnits, Judgement, Look } from '../protocol.ts'

/** Test pictures that decide whether a unit is dead. */
const WATCHED = 128
/** Outputs that differ by less are the same. */
const SAME = 1e-6

export class Observer {
  readonly #network: nn.Sequential
  readonly #test: data.ArrayDataset

  constructor(network: nn.Sequential, test: data.ArrayDataset) {
    this.#network = network
    this.#test = test
  }

  readonly #outputs = compile((x: Tensor): readonly Tensor[] => this.#through(x))

  /** Largest and smallest output of each unit over pictures and places, layer by layer. */
  readonly #ranges = compile((x: Tensor): readonly Tensor[] =>
    this.#through(x).flatMap((output) => {
      const axes = output.shape.flatMap((_, axis) => (axis === 1 ? [] : [axis]))
      return [output.max(axes), output.min(axes)]
    }),
  )

  async look(picture: number): Promise<Look> {
    const { input } = this.#test.get(Math.min(picture, this.#test.length - 1))
    return this.#calmly(async () => {
      const outputs = await this.#outputs(this.#tensor(Float32Array.from(input), 1))
      const layers = await Promise.all(
        outputs.map(async (output) => ({
          shape: output.shape.slice(1),
          values: Float32Array.from(await output.data()),
        })),
      )
      const scores = layers.at(-1)?.values ?? new Float32Array()
      const filters = await this.#filters()
      return { picture, probabilities: softmax(scores), layers, ...(filters ? { filters } : {}) }
    })
  }

  async judge(): Promise<Judgement> {
    const { data: scores, shape, count } = await train.predict(this.#network, this.#test, { batchSize: 64 })
    const classes = shape[0] ?? 1
    const labels = this.#test.labels()
    const predicted = new Uint8Array(count)
    const confidence = new Float32Array(count)
    const losses = new Float32Array(count)
    const confusion = new metrics.ConfusionMatrix(classes)
    const calibration = new metrics.Calibration()
    for (let index = 0; index < count; index++) {
      const own = scores.subarray(index * classes, (index + 1) * classes)
      const probabilities = softmax(own)
      const best = probabilities.indexOf(Math.max(...probabilities))
      const label = labels[index] as number
      predicted[index] = best
      confidence[index] = probabilities[best] as number
      losses[index] = lossOf(own, label)
      calibration.add(probabilities, [label], { classes })
    }
    confusion.add(predicted, labels)
    return {
      predicted,
      confidence,
      losses,
      confusion: Array.from(confusion.counts),
      classes: confusion.report(),
      accuracy: confusion.accuracy,
      loss: losses.reduce((sum, value) => sum + value, 0) / count,
      calibrationError: calibration.expectedError,
      ...(await this.#deadUnits()),
    }
  }

  async #deadUnits(): Promise<Pick<Judgement, 'deadUnits' | 'deadOf'>> {
    const count = Math.min(WATCHED, this.#test.length)
    const indices = Array.from({ length: count }, (_, index) => index)
    const inputs = new Float32Array(count * this.#pixels)
    this.#test.gather(indices, inputs, new Int32Array(count))
    const ranges = await this.#calmly(async () => {
      const found = await this.#ranges(this.#tensor(inputs, count))
      return Promise.all(found.map((each) => each.data()))
    })
    const deadUnits = this.#network.layers.flatMap((layer, index): DeadUnits[] => {
      const [most, least] = [ranges[2 * index], ranges[2 * index + 1]]
      if (!isActivation(layer) || !most || !least) return []
      const dead = Array.from(most, (value, unit) => (value - (least[unit] as number) < SAME ? unit : -1))
      return [{ layer: index, units: most.length, dead: dead.filter((unit) => unit >= 0) }]
    })
    return { deadUnits, deadOf: count }
  }

  async #filters(): Promise<Look['filters']> {
    const layer = this.#network.layers.find((each) => each instanceof nn.Conv2d)
    if (!(layer instanceof nn.Conv2d)) return undefined
    const shape = [...layer.weight.shape] as [number, number, number, number]
    return { shape, values: Float32Array.from(await layer.weight.data()) }
  }

  #through(x: Tensor): Tensor[] {
    let value = x
    return this.#network.layers.map((layer) => {
      value = layer.forward(value)
      return value
    })
  }

  #tensor(values: Float32Array, count: number): Tensor {
    return fromTypedArray(values, [count, ...this.#test.inputShape], 'float32')
  }

  get #pixels(): number {
    return this.#test.inputShape.reduce((product, extent) => product * extent, 1)
  }

  /** In evaluation mode; afterwards as before. */
  async #calmly<T>(work: () => Promise<T>): Promise<T> {
    const { training } = this.#network
    this.#network.eval()
    try {
      return await work()
    } finally {
      this.#network.train(training)
    }
  }
}

function isActivation(layer: nn.Layer): boolean {
  return [nn.ReLU, nn.LeakyReLU, nn.GELU, nn.Tanh, nn.Sigmoid].some((kind) => layer instanceof kind)
}

function softmax(scores: Float32Array): Float32Array {
  const largest = Math.max(...scores)
  const powers = scores.map((score) => Math.exp(score - largest))
  const sum = powers.reduce((total, power) => total + power, 0)
  return powers.map((power) => power / sum)
}

/** −log of the probability of the true class, without going through a probability that may be 0. */
function lossOf(scores: Float32Array, label: number): number {
  const largest = Math.max(...scores)
  const sum = scores.reduce((total, score) => total + Math.exp(score - largest), 0)
  return Math.log(sum) + largest - (scores[label] as number)
}
