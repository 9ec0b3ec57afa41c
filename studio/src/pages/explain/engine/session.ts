/** One network with its pictures: what it says, and the maps that explain it. All of it by the library's functions. */
import { data, explain, fromTypedArray, io, type nn, softmax, type Tensor } from 'cognitron'
import type { Answer, Look, MapData, NetworkInfo, Pixels, SanityCheck } from '../protocol.ts'
import { LIKELIEST, type Method, OWN, type Question } from '../setup.ts'
import type { OpenNetwork } from './networks.ts'

/** At most so many pictures are sent to the page. */
const MOST_PICTURES = 60
const COLOURS = 256

type Make = (
  model: nn.Layer,
  image: Tensor,
  question: Question,
  asked: explain.QuestionOptions,
) => Promise<explain.Attribution>

const makers: Readonly<Record<Method, Make>> = {
  'grad-cam': (model, image, { layer }, asked) =>
    explain.gradCam(model, image, { ...asked, ...(layer === '' ? {} : { layer }) }),
  occlusion: (model, image, { patch, stride }, asked) => explain.occlusion(model, image, { ...asked, patch, stride }),
  saliency: (model, image, _, asked) => explain.saliency(model, image, asked),
  'gradient-x-input': (model, image, _, asked) => explain.gradientTimesInput(model, image, asked),
  'smooth-grad': (model, image, { samples, noise }, asked) =>
    explain.smoothGrad(model, image, { ...asked, samples, noise: noise / 100 }),
  'integrated-gradients': (model, image, { steps }, asked) =>
    explain.integratedGradients(model, image, { ...asked, steps }),
  'guided-backprop': (model, image, _, asked) => explain.guidedBackprop(model, image, asked),
}

export class ExplainSession {
  readonly #network: OpenNetwork
  readonly #shape: readonly [channels: number, height: number, width: number]
  /** '' or the layer before a softmax at the end. */
  readonly #scoreLayer: string
  readonly #maps = new Map<string, { map: explain.Attribution; ms: number }>()
  #own: data.Raster | undefined
  /** Rises with every own picture, so that maps of the one before are not taken for its. */
  #ownNumber = 0

  constructor(network: OpenNetwork) {
    this.#network = network
    const [channels = 1, height = 1, width = 1] = network.pictures.inputShape
    this.#shape = [channels, height, width]
    this.#scoreLayer = explain.scoreLayer(network.model)
  }

  async info(): Promise<NetworkInfo> {
    const { title, note, warning, modelName, model, classNames, pictures } = this.#network
    const count = Math.min(MOST_PICTURES, pictures.length)
    const size = this.#shape.reduce((product, extent) => product * extent, 1)
    const { parameters, layers } = explain.summarize(model, this.#shape)
    return {
      title,
      note,
      ...(warning === undefined ? {} : { warning }),
      ...(modelName === undefined ? {} : { model: modelName }),
      inputShape: this.#shape,
      classNames,
      parameters,
      layers: layers.map(({ path, label, outputShape }) => {
        const [, height = 1, width = 1] = outputShape.length === 3 ? outputShape : []
        return { path, label, height, width }
      }),
      pictures: Uint8Array.from((pictures.rawInputs as Uint8Array).subarray(0, count * size)),
      labels: Uint8Array.from((pictures.rawTargets as Uint8Array).subarray(0, count)),
      answers: await this.#answers(count),
      strengthColours: Array.from({ length: COLOURS }, (_, step) =>
        explain.hexColour(explain.scaleColour('viridis', step / (COLOURS - 1))),
      ),
    }
  }

  async look(picture: number): Promise<Look> {
    const probabilities = await this.#probabilities(this.#input(picture))
    const label = picture === OWN ? undefined : Number(this.#network.pictures.rawTargets[this.#index(picture)])
    const shown = pixelsOf(explain.drawRaster(this.#raster(picture)))
    return { picture: shown, probabilities, ...(label === undefined ? {} : { label }) }
  }

  async explain(question: Question): Promise<Answer> {
    const { map, ms } = await this.#mapOf(question)
    const layer = coarseOf(map)
    return {
      ...mapData(map),
      method: question.method,
      target: map.unit.channel,
      score: map.score,
      overlay: pixelsOf(explain.overlay(map, this.#raster(question.picture), { opacity: question.opacity })),
      ...(map.completeness ? { completeness: map.completeness } : {}),
      ...(layer ? { layer } : {}),
      strongest: explain.strongestPlace(map),
      ms,
    }
  }

  async check(question: Question): Promise<SanityCheck> {
    const { model } = this.#network
    const input = this.#input(question.picture)
    // The class stays, whatever the network says once its weights are noise.
    const { map } = await this.#mapOf(question)
    const asked = this.#asked(map.unit.channel)
    const { original, stages, passed } = await explain.randomizationTest(model, input, (network, image) =>
      makers[question.method](network as nn.Layer, image, question, asked),
    )
    return {
      method: question.method,
      original: mapData(original),
      stages: stages.map((stage) => ({
        layer: stage.layer,
        correlation: stage.absoluteCorrelation,
        signedCorrelation: stage.correlation,
        map: mapData(stage.map),
      })),
      passed,
    }
  }

  setOwn({ width, height, pixels }: Pixels): void {
    const [channels, rows, columns] = this.#shape
    const rgb = new Uint8Array(3 * width * height)
    for (let place = 0; place < width * height; place++) rgb.set(pixels.subarray(4 * place, 4 * place + 3), 3 * place)
    const size = { channels: channels === 3 ? (3 as const) : (1 as const), height: rows, width: columns }
    const planes = data.toInput({ width, height, channels: 3, pixels: rgb }, size)
    this.#own = rasterOf(
      planes.map((value) => Math.round(255 * value)),
      this.#shape,
    )
    this.#ownNumber += 1
  }

  async weights(): Promise<Uint8Array> {
    return io.writeSafetensors(await this.#network.model.stateDict())
  }

  async #mapOf(question: Question): Promise<{ map: explain.Attribution; ms: number }> {
    const { opacity: _, ...rest } = question
    const key = JSON.stringify([rest, question.picture === OWN ? this.#ownNumber : 0])
    const known = this.#maps.get(key)
    if (known) return known
    const input = this.#input(question.picture)
    const probabilities = await this.#probabilities(input)
    const target =
      question.target === LIKELIEST ? largest(probabilities) : Math.min(question.target, probabilities.length - 1)
    const begin = performance.now()
    const map = await makers[question.method](this.#network.model, input, question, this.#asked(target))
    const made = { map, ms: performance.now() - begin }
    if (this.#maps.size > 200) this.#maps.clear()
    this.#maps.set(key, made)
    return made
  }

  #asked(channel: number): explain.QuestionOptions {
    return { target: { layer: this.#scoreLayer, channel } }
  }

  async #probabilities(input: Tensor): Promise<Float32Array> {
    const output = await explain.outputOf(this.#network.model, input)
    return Float32Array.from(await (this.#scoreLayer === '' ? softmax(output, 1) : output).data())
  }

  async #answers(count: number): Promise<Uint16Array> {
    const { model, pictures } = this.#network
    const size = this.#shape.reduce((product, extent) => product * extent, 1)
    const inputs = new Float32Array(count * size)
    for (let index = 0; index < count; index++) inputs.set(pictures.get(index).input as Float32Array, index * size)
    const scores = model.forward(fromTypedArray(inputs, [count, ...this.#shape], 'float32'))
    const values = await scores.data()
    const classes = values.length / count
    return Uint16Array.from({ length: count }, (_, index) =>
      largest((values as Float32Array).subarray(index * classes, (index + 1) * classes)),
    )
  }

  #index(picture: number): number {
    return Math.min(picture, this.#network.pictures.length - 1)
  }

  #input(picture: number): Tensor {
    if (picture !== OWN) return this.#tensor(this.#network.pictures.get(this.#index(picture)).input as Float32Array)
    const { pixels, channels } = this.#requireOwn()
    const size = pixels.length / channels
    const planes = Uint8Array.from(
      { length: pixels.length },
      (_, at) => pixels[(at % size) * channels + Math.floor(at / size)] as number,
    )
    const one = new data.ArrayDataset({
      inputs: planes,
      targets: new Uint8Array(1),
      inputShape: [...this.#shape],
      normalize: this.#network.pictures.normalization,
    })
    return this.#tensor(one.get(0).input as Float32Array)
  }

  #tensor(values: Float32Array): Tensor {
    return fromTypedArray(values, [...this.#shape], 'float32')
  }

  #raster(picture: number): data.Raster {
    if (picture === OWN) return this.#requireOwn()
    const size = this.#shape.reduce((product, extent) => product * extent, 1)
    const start = this.#index(picture) * size
    return rasterOf((this.#network.pictures.rawInputs as Uint8Array).subarray(start, start + size), this.#shape)
  }

  #requireOwn(): data.Raster {
    if (this.#own) return this.#own
    throw new Error('There is no picture of your own yet; choose one at the left.')
  }
}

/** Planes one after the other become pixels with their channels together. */
function rasterOf(
  planes: ArrayLike<number>,
  [channels, height, width]: readonly [number, number, number],
): data.Raster {
  const size = height * width
  const kept = channels === 3 ? 3 : 1
  const pixels = Uint8Array.from(
    { length: kept * size },
    (_, at) => planes[(at % kept) * size + Math.floor(at / kept)] as number,
  )
  return { width, height, channels: kept, pixels }
}

function pixelsOf({ width, height, pixels }: explain.Drawing): Pixels {
  return { width, height, pixels }
}

function mapData(attribution: explain.Attribution): MapData {
  const { map, width, height, signed } = attribution
  const { low, high } = explain.mapScale(attribution)
  return { map, width, height, signed, low, high }
}

function coarseOf(map: explain.Attribution): Answer['layer'] {
  if (!('coarse' in map)) return undefined
  const { layer, coarse } = map as explain.GradCamAttribution
  return { name: layer, width: coarse.width, height: coarse.height }
}

function largest(values: ArrayLike<number>): number {
  let best = 0
  for (let index = 1; index < values.length; index++)
    if ((values[index] as number) > (values[best] as number)) best = index
  return best
}
