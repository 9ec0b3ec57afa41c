/**
 * The deconvolution network for semantic segmentation: VGG-16 as encoder, which remembers where its maxima stood, and its mirror
 * image as decoder, which puts them back there and fills in by transposed convolutions. Width and size are parameters, so that it
 * also runs on small pictures.
 */
import { at } from '../../base/arrays.ts'
import { ArgumentError, ShapeError } from '../../base/errors.ts'
import * as nn from '../../nn/index.ts'
import { formatShape } from '../../shape/shape.ts'
import type { Tensor } from '../../tensor/index.ts'
import { initConvolutions } from '../classifier-options.ts'

export interface DeconvNetOptions {
  /** What a pixel can be, the background included. Default 21, Pascal VOC's. */
  readonly classes?: number
  /** Colours of the picture. Default 3. */
  readonly inChannels?: number
  /** Width and height of the pictures, a multiple of 32. Default 224. */
  readonly inputSize?: number
  /** Channels of the first stage; the others have 2, 4, 8 and 8 times as many. Default 64. */
  readonly width?: number
  /** Channels where the picture is one point. Default 64 · width, which gives the paper's 4096. */
  readonly hidden?: number
}

/** Convolutions of the five stages of VGG-16. */
const stageLengths = [2, 2, 3, 3, 3]
const stageFactors = [1, 2, 4, 8, 8]
const CELL = 32

/** Convolution or its transpose, batch normalisation, ReLU. */
function unit(layer: nn.Conv2d | nn.ConvTranspose2d): nn.Sequential {
  return new nn.Sequential({ conv: layer, norm: new nn.BatchNorm2d(layer.outChannels), relu: new nn.ReLU() })
}

/**
 * `[batch, inChannels, inputSize, inputSize] → [batch, classes, inputSize, inputSize]` scores of every pixel, for `crossEntropy` with
 * masks `[batch, inputSize, inputSize]`. About 252 million parameters at full size. Convolutions start normal by He's rule.
 *
 * Source: Noh, Hong and Han, "Learning deconvolution network for semantic segmentation" (2015).
 *
 * @throws ArgumentError when inputSize is no multiple of 32; ShapeError for pictures of another size.
 * @example
 * import { models, zeros } from 'cognitron'
 * const net = new models.DeconvNet({ classes: 4, inputSize: 32, width: 4 }).eval()
 * console.log(net.forward(zeros([1, 3, 32, 32])).shape) // [1, 4, 32, 32]
 */
export class DeconvNet extends nn.Module {
  readonly inputSize: number
  /** The five stages of the encoder. */
  encoder: nn.Sequential[]
  pool = new nn.MaxPool2d(2)
  /** The three layers around the single point. */
  bottleneck: nn.Sequential
  unpool = new nn.MaxUnpool2d(2)
  /** The five stages of the decoder, from the smallest picture to the largest. */
  decoder: nn.Sequential[]
  score: nn.Conv2d

  constructor(options: DeconvNetOptions = {}) {
    super()
    const { classes = 21, inChannels = 3, inputSize = 224, width = 64, hidden = 64 * width } = options
    if (!Number.isInteger(inputSize / CELL) || inputSize < CELL) {
      throw new ArgumentError(
        `DeconvNet halves the picture five times, so inputSize is a multiple of 32, given ${inputSize}.`,
      )
    }
    const widths = stageFactors.map((factor) => factor * width)
    const grid = inputSize / CELL
    const top = at(widths, 4)
    this.inputSize = inputSize
    this.encoder = stageLengths.map((length, stage) =>
      encoderStage(stage === 0 ? inChannels : at(widths, stage - 1), at(widths, stage), length),
    )
    this.bottleneck = new nn.Sequential(
      unit(new nn.Conv2d(top, hidden, grid)),
      unit(new nn.Conv2d(hidden, hidden, 1)),
      unit(new nn.ConvTranspose2d(hidden, top, grid)),
    )
    this.decoder = [4, 3, 2, 1, 0].map((stage) =>
      decoderStage(at(widths, stage), at(widths, Math.max(0, stage - 1)), at(stageLengths, stage)),
    )
    this.score = new nn.Conv2d(width, classes, 1)
    initConvolutions(this)
  }

  override forward(x: Tensor): Tensor {
    const { inputSize } = this
    if (x.rank !== 4 || x.shape[2] !== inputSize || x.shape[3] !== inputSize) {
      throw new ShapeError(
        `this DeconvNet takes pictures [batch, channels, ${inputSize}, ${inputSize}], given shape ${formatShape(x.shape)}; ` +
          'build it with another inputSize.',
      )
    }
    const places: Tensor[] = []
    const encoded = this.encoder.reduce((value, stage) => {
      const [maxima, indices] = this.pool.forwardWithIndices(stage.forward(value))
      places.push(indices)
      return maxima
    }, x)
    const decoded = this.decoder.reduce(
      (value, stage) => stage.forward(this.unpool.forward(value, places.pop() as Tensor)),
      this.bottleneck.forward(encoded),
    )
    return this.score.forward(decoded)
  }
}

function encoderStage(inChannels: number, outChannels: number, length: number): nn.Sequential {
  return new nn.Sequential(
    ...Array.from({ length }, (_, index) =>
      unit(new nn.Conv2d(index === 0 ? inChannels : outChannels, outChannels, 3, { padding: 1 })),
    ),
  )
}

function decoderStage(inChannels: number, outChannels: number, length: number): nn.Sequential {
  return new nn.Sequential(
    ...Array.from({ length }, (_, index) =>
      unit(new nn.ConvTranspose2d(inChannels, index === length - 1 ? outChannels : inChannels, 3, { padding: 1 })),
    ),
  )
}
