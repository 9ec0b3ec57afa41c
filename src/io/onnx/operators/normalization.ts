/** Normalisation of ONNX: by batch, instance, layer, group, root mean square, neighbouring channels, vector length. */
import { at, product, range } from '../../../base/arrays.ts'
import { makeNode } from '../../../ir/build.ts'
import { batchNorm, instanceNorm, vectorNorm } from '../../../tensor/functional.ts'
import { Tensor, where } from '../../../tensor/index.ts'
import { type OperatorCall, type OperatorTable, rule } from '../operator.ts'
import { axesOf } from './elementwise.ts'

const byChannel = (values: Tensor, rank: number): Tensor => values.reshape(1, -1, ...Array<number>(rank - 2).fill(1))

function affine(x: Tensor, scale: Tensor | undefined, shift: Tensor | undefined): Tensor {
  const scaled = scale ? x.mul(scale) : x
  return shift ? scaled.add(shift) : scaled
}

/** Statistics of the file, or of the batch where the node is marked as training; those are handed on. */
function batchNormalization(call: OperatorCall): (Tensor | undefined)[] {
  const [x, weight, bias, mean, variance] = range(5).map((index) => call.input(index)) as [
    Tensor,
    Tensor,
    Tensor,
    Tensor,
    Tensor,
  ]
  const eps = call.float('epsilon', 1e-5)
  if (!call.flag('spatial', true)) call.unsupported('statistics for every element (spatial=0)')
  const training = call.opset >= 14 ? call.flag('training_mode') : call.outputCount > 1 && call.opset < 7
  if (!training) {
    const scale = variance.add(eps).rsqrt().mul(weight)
    return [x.sub(byChannel(mean, x.rank)).mul(byChannel(scale, x.rank)).add(byChannel(bias, x.rank))]
  }
  const axes = range(x.rank).toSpliced(1, 1)
  const kept = call.float('momentum', 0.9)
  const moved = (old: Tensor, fresh: Tensor): Tensor => old.mul(kept).add(fresh.mul(1 - kept))
  return [
    batchNorm(x, { weight, bias, eps }),
    moved(mean, x.mean(axes)),
    moved(variance, x.var(axes, { correction: 0 })),
  ]
}

interface Centred {
  readonly mean: Tensor
  /** 1 / √(σ² + eps) */
  readonly inverse: Tensor
  readonly normal: Tensor
}

function standardized(x: Tensor, axes: readonly number[], eps: number): Centred {
  const mean = x.mean(axes, { keepDim: true })
  const centred = x.sub(mean)
  const inverse = centred.square().mean(axes, { keepDim: true }).add(eps).rsqrt()
  return { mean, inverse, normal: centred.mul(inverse) }
}

function layerNormalization(call: OperatorCall): (Tensor | undefined)[] {
  const x = call.input(0)
  const axes = range(x.rank).slice(call.axis(x, -1))
  const { mean, inverse, normal } = standardized(x, axes, call.float('epsilon', 1e-5))
  const result = affine(normal, call.input(1), call.optional(2))
  return [result, call.wants(1) ? mean : undefined, call.wants(2) ? inverse : undefined]
}

function rmsNormalization(call: OperatorCall): Tensor {
  const x = call.input(0)
  const axes = range(x.rank).slice(call.axis(x, -1))
  const eps = call.float('epsilon', 1e-5)
  return x.mul(x.square().mean(axes, { keepDim: true }).add(eps).rsqrt()).mul(call.input(1))
}

/** Scale and shift belong to groups up to version 20, to channels from 21 on. */
function groupNormalization(call: OperatorCall): Tensor {
  const [x, scale, shift] = [call.input(0), call.input(1), call.input(2)]
  const groups = call.int('num_groups', 1)
  const eps = call.float('epsilon', 1e-5)
  const grouped = x.reshape(at(x.shape, 0), groups, -1)
  const { normal } = standardized(grouped, [2], eps)
  if (call.opset < 21) return affine(normal, byChannel(scale, 3), byChannel(shift, 3)).reshape(...x.shape)
  return affine(normal.reshape(...x.shape), byChannel(scale, x.rank), byChannel(shift, x.rank))
}

/** x / (bias + alpha / size · Σ x² over `size` neighbouring channels)^beta. */
function localResponse(call: OperatorCall): Tensor {
  const x = call.input(0)
  const size = call.int('size', 1)
  const squares = x.square().reshape(at(x.shape, 0), at(x.shape, 1), product(x.shape.slice(2)))
  const window = [
    { kernel: size, stride: 1, padding: [Math.floor((size - 1) / 2), Math.ceil((size - 1) / 2)], dilation: 1 },
    { kernel: 1, stride: 1, padding: [0, 0], dilation: 1 },
  ] as const
  const sums = new Tensor(makeNode('sumPool', [squares.node], { window })).reshape(...x.shape)
  return x.div(
    sums
      .mul(call.float('alpha', 1e-4) / size)
      .add(call.float('bias', 1))
      .pow(call.float('beta', 0.75)),
  )
}

/** Vectors of length 0 stay 0. */
function lpNormalization(call: OperatorCall): Tensor {
  const x = call.input(0)
  const length = vectorNorm(x, { p: call.int('p', 2), axes: call.axis(x, -1), keepDim: true })
  return x.div(where(length.eq(0), 1, length))
}

function meanVariance(call: OperatorCall): Tensor {
  const x = call.input(0)
  const axes = axesOf(x, call.ints('axes') ?? [0, 2, 3])
  const centred = x.sub(x.mean(axes, { keepDim: true }))
  return centred.div(centred.square().mean(axes, { keepDim: true }).sqrt().add(1e-9))
}

export const normalization: OperatorTable = {
  BatchNormalization: rule(batchNormalization, { statistics: [3, 4] }),
  InstanceNormalization: rule((call) =>
    instanceNorm(call.input(0), { weight: call.input(1), bias: call.input(2), eps: call.float('epsilon', 1e-5) }),
  ),
  LayerNormalization: rule(layerNormalization),
  RMSNormalization: rule(rmsNormalization),
  GroupNormalization: rule(groupNormalization),
  LRN: rule(localResponse),
  LpNormalization: rule(lpNormalization),
  MeanVarianceNormalization: rule(meanVariance),
}
