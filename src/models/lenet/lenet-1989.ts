/**
 * The network that read handwritten postcodes in 1989: a map shares its weights but every unit has its own bias. The paper leaves
 * open which 8 of the 12 maps each map of the second layer sees; here the three groups of four see maps 0–7, 4–11 and 8–11 with 0–3.
 */
import { ShapeError } from '../../base/errors.ts'
import * as nn from '../../nn/index.ts'
import { formatShape } from '../../shape/shape.ts'
import { concat, conv2d, indexSelect, type Parameter, pad, type Tensor } from '../../tensor/index.ts'
import { lecunUniform, scaledTanh, zeroParameter } from './trainable-layers.ts'

/** 5 × 5 convolutions of stride 2 over a border of −1, the colour of paper, with one bias a unit: the size halves. */
class MapLayer extends nn.Module {
  /** `[maps, seen, 5, 5]` */
  weight: Parameter
  /** `[maps, size, size]` */
  bias: Parameter
  readonly #groups: readonly (readonly number[])[]

  /** `groups`: the maps of the input that each equal share of the output's maps sees. */
  constructor(maps: number, size: number, groups: readonly (readonly number[])[]) {
    super()
    const seen = groups[0]?.length ?? 0
    this.#groups = groups
    this.weight = lecunUniform([maps, seen, 5, 5], seen * 25)
    this.bias = zeroParameter([maps, size, size])
  }

  override forward(x: Tensor): Tensor {
    const bordered = pad(x, [2, 2, 2, 2], { value: -1 })
    const share = (this.weight.shape[0] ?? 0) / this.#groups.length
    const parts = this.#groups.map((channels, part) => {
      const weight = this.weight.slice(0, part * share, (part + 1) * share)
      const seen = channels.length === x.shape[1] ? bordered : indexSelect(bordered, 1, channels)
      return conv2d(seen, weight, { stride: 2 })
    })
    return concat(parts, 1).add(this.bias)
  }
}

const secondLayerGroups = [
  [0, 1, 2, 3, 4, 5, 6, 7],
  [4, 5, 6, 7, 8, 9, 10, 11],
  [0, 1, 2, 3, 8, 9, 10, 11],
]

/**
 * Two layers of maps, 30 hidden units and one unit a class, all with `scaledTanh`: `[batch, 1, 16, 16] → [batch, classes]` in ±1.7159,
 * pixels in ±1. For 10 classes the published 9,760 parameters (1,068 + 2,592 + 5,790 + 310). It was trained on ½ squared error
 * against ±1 targets.
 *
 * Source: LeCun et al., "Backpropagation applied to handwritten zip code recognition" (1989).
 *
 * @throws ShapeError for pictures of another size.
 * @example
 * import { models, zeros } from 'cognitron'
 * const net = new models.LeNet1989()
 * console.log(net.forward(zeros([1, 1, 16, 16])).shape) // [1, 10]
 */
export class LeNet1989 extends nn.Module {
  h1: MapLayer
  h2: MapLayer
  h3: nn.Linear
  output: nn.Linear

  constructor({ classes = 10 }: { readonly classes?: number } = {}) {
    super()
    this.h1 = new MapLayer(12, 8, [[0]])
    this.h2 = new MapLayer(12, 4, secondLayerGroups)
    this.h3 = new nn.Linear(192, 30)
    this.output = new nn.Linear(30, classes)
    for (const layer of [this.h3, this.output]) {
      layer.weight = lecunUniform(layer.weight.shape, layer.inFeatures)
      if (layer.bias) nn.init.zeros(layer.bias)
    }
  }

  override forward(x: Tensor): Tensor {
    const [, channels, height, width] = x.shape
    if (x.rank !== 4 || channels !== 1 || height !== 16 || width !== 16) {
      throw new ShapeError(`LeNet1989 takes grey pictures [batch, 1, 16, 16], given shape ${formatShape(x.shape)}.`)
    }
    const maps = scaledTanh(this.h2.forward(scaledTanh(this.h1.forward(x))))
    return scaledTanh(this.output.forward(scaledTanh(this.h3.forward(maps.flatten(1)))))
  }
}
