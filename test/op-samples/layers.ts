/**
 * Samples of every layer by its input; weights are drawn from a seed and held fixed, for the operations that take them are sampled
 * with them as operands in `public.ts`. A test demands a row for each layer.
 */

import type { TypedArray } from '../../src/base/dtype.ts'
import { makeNode } from '../../src/ir/build.ts'
import { replaceNodes, topologicalOrder } from '../../src/ir/graph.ts'
import type { Node } from '../../src/ir/node.ts'
import * as nn from '../../src/nn/index.ts'
import { VariableVersion } from '../../src/runtime/variable.ts'
import { manualSeed, Tensor } from '../../src/tensor/index.ts'
import { type PublicSample, row } from './public.ts'
import { distinct, float, int32, integers, listed, type Operand, smooth, uniform, valuesOnly } from './sample.ts'

type Forward = (...inputs: Tensor[]) => Tensor

/** The same expression with what variables hold in their place. */
function frozen(result: Tensor): Tensor {
  const order = topologicalOrder([result.node])
  const held = order.flatMap((node): [Node, Node][] => {
    if (node.op !== 'variable' || !(node.attributes.variable instanceof VariableVersion)) return []
    const data = node.attributes.variable.content() as TypedArray
    return [[node, makeNode('input', [], { source: { data }, shape: node.shape, dtype: node.dtype })]]
  })
  const [output = result.node] = replaceNodes({ outputs: [result.node], updates: [] }, order, new Map(held)).outputs
  return new Tensor(output)
}

const layer =
  (make: ReturnType<typeof row>) =>
  (name: string, operands: readonly Operand[], build: () => Forward): PublicSample =>
    make(name, operands, (...inputs) => {
      manualSeed(3)
      return frozen(build()(...inputs))
    })

const derived = layer(row(smooth))
const values = layer(row(valuesOnly))
const forward =
  (module: nn.Layer): Forward =>
  (x) =>
    module.forward(x)

/** Both signs, nothing near the kinks at 0, ±½, ±1, ±3 and 6. */
const kinked = float([4, 6], distinct(0.31))
const series = float([2, 4, 9], distinct(0.021))
const image = float([2, 4, 6, 6], distinct(0.013))
const volume = float([1, 2, 4, 4, 4], distinct(0.013))
const positive = { series: float([2, 4, 8], uniform(0.2, 2)), image: float([1, 2, 4, 4], uniform(0.2, 2)) }

const plain: Record<string, () => nn.Layer> = {
  ReLU: () => new nn.ReLU(),
  ReLU6: () => new nn.ReLU6(),
  LeakyReLU: () => new nn.LeakyReLU(),
  PReLU: () => new nn.PReLU(6),
  ELU: () => new nn.ELU(),
  CELU: () => new nn.CELU(2),
  SELU: () => new nn.SELU(),
  Sigmoid: () => new nn.Sigmoid(),
  LogSigmoid: () => new nn.LogSigmoid(),
  Tanh: () => new nn.Tanh(),
  Tanhshrink: () => new nn.Tanhshrink(),
  Hardshrink: () => new nn.Hardshrink(),
  Softshrink: () => new nn.Softshrink(),
  Softplus: () => new nn.Softplus(2),
  Softsign: () => new nn.Softsign(),
  SiLU: () => new nn.SiLU(),
  GELU: () => new nn.GELU(),
  Mish: () => new nn.Mish(),
  Hardtanh: () => new nn.Hardtanh(),
  Hardswish: () => new nn.Hardswish(),
  Hardsigmoid: () => new nn.Hardsigmoid(),
  Threshold: () => new nn.Threshold(0.4, -1),
  Maxout: () => new nn.Maxout(2),
  GLU: () => new nn.GLU(),
  Softmax: () => new nn.Softmax(1),
  Softmin: () => new nn.Softmin(1),
  LogSoftmax: () => new nn.LogSoftmax(1),
  Linear: () => new nn.Linear(6, 5),
  Identity: () => new nn.Identity(),
  Unflatten: () => new nn.Unflatten(1, [2, 3]),
  LayerNorm: () => new nn.LayerNorm(6),
  RMSNorm: () => new nn.RMSNorm(6),
  Dropout: () => new nn.Dropout(0.4),
}

const ofSeries: Record<string, () => nn.Layer> = {
  Conv1d: () => new nn.Conv1d(4, 6, 3, { padding: 1, groups: 2 }),
  ConvTranspose1d: () => new nn.ConvTranspose1d(4, 3, 4, { stride: 2, padding: 1 }),
  BatchNorm1d: () => new nn.BatchNorm1d(4),
  InstanceNorm1d: () => new nn.InstanceNorm1d(4),
  MaxPool1d: () => new nn.MaxPool1d(3, { stride: 2 }),
  AvgPool1d: () => new nn.AvgPool1d(3, { padding: 1 }),
  AdaptiveAvgPool1d: () => new nn.AdaptiveAvgPool1d(4),
  AdaptiveMaxPool1d: () => new nn.AdaptiveMaxPool1d(4),
  GlobalAvgPool1d: () => new nn.GlobalAvgPool1d(),
  ZeroPad1d: () => new nn.ZeroPad1d([1, 2]),
  ConstantPad1d: () => new nn.ConstantPad1d(2, 0.5),
  ReflectionPad1d: () => new nn.ReflectionPad1d(2),
  ReplicationPad1d: () => new nn.ReplicationPad1d(2),
  CircularPad1d: () => new nn.CircularPad1d(2),
  Dropout1d: () => new nn.Dropout1d(),
}

const ofImages: Record<string, () => nn.Layer> = {
  Conv2d: () => new nn.Conv2d(4, 6, 3, { padding: 1, stride: 2 }),
  'Conv2d: mirrored border': () => new nn.Conv2d(4, 3, 3, { padding: 'same', paddingMode: 'reflect' }),
  ConvTranspose2d: () => new nn.ConvTranspose2d(4, 3, 3, { stride: 2, outputPadding: 1 }),
  BatchNorm2d: () => new nn.BatchNorm2d(4),
  'BatchNorm2d: in evaluation': () => new nn.BatchNorm2d(4).eval(),
  InstanceNorm2d: () => new nn.InstanceNorm2d(4, { affine: true }),
  GroupNorm: () => new nn.GroupNorm(2, 4),
  LocalResponseNorm: () => new nn.LocalResponseNorm(3, { alpha: 0.5 }),
  MaxPool2d: () => new nn.MaxPool2d(2),
  AvgPool2d: () => new nn.AvgPool2d(3, { stride: 2, padding: 1 }),
  AdaptiveAvgPool2d: () => new nn.AdaptiveAvgPool2d([3, 4]),
  AdaptiveMaxPool2d: () => new nn.AdaptiveMaxPool2d(4),
  GlobalAvgPool2d: () => new nn.GlobalAvgPool2d(),
  ZeroPad2d: () => new nn.ZeroPad2d([1, 0, 2, 1]),
  ConstantPad2d: () => new nn.ConstantPad2d(1, 0.5),
  ReflectionPad2d: () => new nn.ReflectionPad2d(2),
  ReplicationPad2d: () => new nn.ReplicationPad2d(2),
  CircularPad2d: () => new nn.CircularPad2d(1),
  Dropout2d: () => new nn.Dropout2d(),
  Softmax2d: () => new nn.Softmax2d(),
  Flatten: () => new nn.Flatten(),
  Upsample: () => new nn.Upsample({ scaleFactor: 2, mode: 'bilinear' }),
  PixelShuffle: () => new nn.PixelShuffle(2),
  PixelUnshuffle: () => new nn.PixelUnshuffle(2),
}

const ofVolumes: Record<string, () => nn.Layer> = {
  Conv3d: () => new nn.Conv3d(2, 3, 3, { padding: 1 }),
  ConvTranspose3d: () => new nn.ConvTranspose3d(2, 2, 2, { stride: 2 }),
  BatchNorm3d: () => new nn.BatchNorm3d(2),
  InstanceNorm3d: () => new nn.InstanceNorm3d(2),
  MaxPool3d: () => new nn.MaxPool3d(2),
  AvgPool3d: () => new nn.AvgPool3d(2),
  AdaptiveAvgPool3d: () => new nn.AdaptiveAvgPool3d([2, 3, 1]),
  AdaptiveMaxPool3d: () => new nn.AdaptiveMaxPool3d([2, 3, 1]),
  GlobalAvgPool3d: () => new nn.GlobalAvgPool3d(),
  ZeroPad3d: () => new nn.ZeroPad3d(1),
  ConstantPad3d: () => new nn.ConstantPad3d(1, 0.5),
  ReflectionPad3d: () => new nn.ReflectionPad3d(1),
  ReplicationPad3d: () => new nn.ReplicationPad3d(1),
  CircularPad3d: () => new nn.CircularPad3d(1),
  Dropout3d: () => new nn.Dropout3d(),
}

const rows = (layers: Record<string, () => nn.Layer>, operand: Operand): PublicSample[] =>
  Object.entries(layers).map(([name, make]) => derived(`nn.${name}`, [operand], () => forward(make())))

interface Unpool {
  forward(x: Tensor, indices: Tensor): Tensor
}

/** Pools, and puts the maxima back. */
const unpooled = (pool: nn.MaxPool1d | nn.MaxPool2d | nn.MaxPool3d, unpool: Unpool): Forward => {
  return (x) => {
    const [maxima, places] = pool.forwardWithIndices(x)
    return unpool.forward(maxima, places)
  }
}

export const layerSamples: readonly PublicSample[] = [
  ...rows(plain, kinked),
  ...rows(ofSeries, series),
  ...rows(ofImages, image),
  ...rows(ofVolumes, volume),
  derived('nn.LPPool1d', [positive.series], () => forward(new nn.LPPool1d(2, 2))),
  derived('nn.LPPool2d', [positive.image], () => forward(new nn.LPPool2d(3, 2))),
  derived('nn.LPPool3d', [float([1, 1, 4, 4, 4], uniform(0.2, 2))], () => forward(new nn.LPPool3d(2, 2))),
  derived('nn.MaxUnpool1d', [series], () => unpooled(new nn.MaxPool1d(3), new nn.MaxUnpool1d(3))),
  derived('nn.MaxUnpool2d', [image], () => unpooled(new nn.MaxPool2d(2), new nn.MaxUnpool2d(2))),
  derived('nn.MaxUnpool3d', [volume], () => unpooled(new nn.MaxPool3d(2), new nn.MaxUnpool3d(2))),
  derived('nn.Bilinear', [float([3, 2]), float([3, 4])], () => {
    const bilinear = new nn.Bilinear(2, 4, 5)
    return (a, b) => bilinear.forward(a as Tensor, b as Tensor)
  }),
  values('nn.Embedding', [int32([2, 3], integers(0, 5))], () => forward(new nn.Embedding(5, 4))),
  values('nn.Sign', [float([9], listed(-2, 0, 3))], () => forward(new nn.Sign())),
  values('nn.Heaviside', [float([9], listed(-2, 0, 3))], () => forward(new nn.Heaviside())),
]
