/**
 * Samples of everything that computes in the public face of tensors: methods and functions, called as people call them. A test
 * demands a row for each export; new operations need one here.
 */
import type { Node } from '../../src/ir/node.ts'
import * as t from '../../src/tensor/index.ts'
import {
  awayFromZero,
  bool,
  distinct,
  float,
  int32,
  integers,
  listed,
  type Operand,
  type OpSample,
  smooth,
  uniform,
  valuesOnly,
} from './sample.ts'

export interface PublicSample extends OpSample {
  /** The method or function, by its public name. */
  readonly operation: string
}

export type Build = (...operands: t.Tensor[]) => t.Tensor

const onNodes =
  (build: Build) =>
  (...nodes: Node[]): Node =>
    build(...nodes.map((node) => new t.Tensor(node))).node

/** `name` is the operation, with a colon and a note where there are several samples of one. */
export const row =
  (make: typeof smooth) =>
  (name: string, operands: readonly Operand[], build: Build): PublicSample => ({
    ...make(`${name.replace(/:.*/, '')}()${/:.*/.exec(name)?.[0] ?? ''}`, operands, onNodes(build)),
    operation: name.replace(/:.*/, ''),
  })

const derived = row(smooth)
const values = row(valuesOnly)

const line = float([17])
/** Both signs, nothing near a kink at 0, ±½, ±1, ±3 or 6. */
const kinked = float([24], distinct(0.31))
const positive = float([17], uniform(0.2, 3))
const matrix = float([4, 6])
const image = float([2, 4, 6, 6], distinct(0.013))
const volume = float([1, 2, 4, 4, 4], distinct(0.013))
const series = float([2, 3, 11], distinct(0.021))

const arithmetic: PublicSample[] = [
  derived('add', [matrix, float([6])], (a, b) => a.add(b)),
  derived('sub', [float([4, 1]), float([6])], (a, b) => a.sub(b)),
  derived('mul', [matrix, float([4, 1])], (a, b) => a.mul(b)),
  derived('div', [matrix, float([6], awayFromZero(0.5, 2))], (a, b) => a.div(b)),
  values('div: whole numbers', [int32([9]), int32([9], listed(2, -3, 4))], (a, b) => a.div(b)),
  values('floorDivide', [int32([9]), int32([9], listed(2, -3, 4))], (a, b) => a.floorDivide(b)),
  derived('remainder', [float([9], distinct(0.7)), float([9], listed(1.9, 2.3))], (a, b) => a.remainder(b)),
  derived('pow', [positive, float([17], uniform(-2, 2))], (a, b) => a.pow(b)),
  derived('pow: by a number', [line], (a) => a.pow(3)),
  derived('maximum', [float([24], distinct()), float([24], distinct(0.17))], (a, b) => a.maximum(b)),
  derived('minimum', [float([24], distinct()), float([24], distinct(0.17))], (a, b) => a.minimum(b)),
  derived('neg', [line], (a) => a.neg()),
  derived('abs', [kinked], (a) => a.abs()),
  derived('square', [line], (a) => a.square()),
  derived('reciprocal', [float([17], awayFromZero(0.4, 2))], (a) => a.reciprocal()),
  derived('exp', [line], (a) => a.exp()),
  derived('log', [positive], (a) => a.log()),
  derived('sqrt', [positive], (a) => a.sqrt()),
  derived('rsqrt', [positive], (a) => a.rsqrt()),
  derived('sin', [line], (a) => a.sin()),
  derived('cos', [line], (a) => a.cos()),
  derived('tanh', [line], (a) => a.tanh()),
  derived('sigmoid', [line], (a) => a.sigmoid()),
  derived('erf', [line], (a) => a.erf()),
  values('floor', [kinked], (a) => a.floor()),
  values('ceil', [kinked], (a) => a.ceil()),
  values('round', [float([9], listed(-2.5, -1.5, -0.4, 0.5, 1.5, 2.6))], (a) => a.round()),
  values('sign', [float([9], listed(-2, 0, 3))], (a) => a.sign()),
  derived('relu', [kinked], (a) => a.relu()),
  derived('clamp', [kinked], (a) => a.clamp(-1.1, 2.05)),
  values('to', [float([9], listed(-2.7, 0, 3.5, 300))], (a) => a.to('uint8').to('int32')),
  values('detach', [line], (a) => a.mul(a.detach())),
]

const comparison: PublicSample[] = [
  ...(['eq', 'ne', 'lt', 'le', 'gt', 'ge'] as const).map((name) =>
    values(name, [int32([20], integers(0, 3)), int32([20], integers(0, 3))], (a, b) => a[name](b)),
  ),
  values('isNaN', [float([5], listed(1, Number.NaN, Infinity))], (a) => a.isNaN()),
  values('logicalNot', [bool([9])], (a) => a.logicalNot()),
  values('logicalAnd', [bool([9]), bool([9])], (a, b) => a.logicalAnd(b)),
  values('logicalOr', [bool([9]), bool([9])], (a, b) => a.logicalOr(b)),
  derived('where', [bool([4, 6]), matrix, float([6])], (c, a, b) => t.where(c, a, b)),
  derived('maskedFill', [matrix, bool([4, 6])], (a, mask) => t.maskedFill(a, mask, 7)),
]

const reductions: PublicSample[] = [
  derived('sum', [matrix], (a) => a.sum(1)),
  derived('mean', [matrix], (a) => a.mean()),
  derived('var', [matrix], (a) => a.var(0)),
  derived('std', [matrix], (a) => a.std(1, { correction: 0 })),
  derived('max', [float([4, 6], distinct())], (a) => a.max(1)),
  derived('min', [float([4, 6], distinct())], (a) => a.min()),
  derived('prod', [float([3, 5], uniform(0.5, 2))], (a) => a.prod(1)),
  values('argmax', [matrix], (a) => a.argmax(0)),
  values('argmin', [matrix], (a) => a.argmin(1)),
  derived('logSumExp', [float([4, 6], distinct(0.07))], (a) => t.logSumExp(a)),
  derived('vectorNorm', [float([4, 6], awayFromZero(0.2, 2))], (a) => t.vectorNorm(a, { p: 3, axes: 1 })),
]

const movement: PublicSample[] = [
  derived('reshape', [matrix], (a) => a.reshape(3, -1)),
  derived('flatten', [float([2, 3, 4])], (a) => a.flatten(1)),
  derived('squeeze', [float([2, 1, 4])], (a) => a.squeeze(1)),
  derived('unsqueeze', [matrix], (a) => a.unsqueeze(1)),
  derived('permute', [float([2, 3, 4])], (a) => a.permute(2, 0, 1)),
  derived('transpose', [matrix], (a) => a.transpose(0, 1)),
  derived('mT', [float([2, 3, 4])], (a) => a.mT),
  derived('expand', [float([4, 1])], (a) => a.expand(3, 4, 5)),
  derived('flip', [matrix], (a) => a.flip([0, 1])),
  derived('pad', [matrix], (a) => t.pad(a, [2, 1, 0, 3])),
  derived('pad: cropped', [matrix], (a) =>
    a.pad([
      [1, -2],
      [-1, 2],
    ]),
  ),
  ...(['reflect', 'replicate', 'circular'] as const).map((mode) =>
    derived(`pad: ${mode}`, [float([1, 2, 4, 5])], (a) => t.pad(a, [2, 1, 1, 2], { mode })),
  ),
  derived('slice', [matrix], (a) => a.slice(1, 5, 0, 2).slice(0, 1)),
  derived('concat', [matrix, float([2, 6])], (a, b) => t.concat([a, b, a])),
  derived('stack', [matrix, matrix], (a, b) => t.stack([a, b], 1)),
  derived('tile', [float([2, 3])], (a) => t.tile(a, [2, 1, 3])),
  derived('split', [float([5, 3])], (a) => t.concat(t.split(a, 2).reverse())),
  derived('chunk', [float([5, 3])], (a) => t.concat(t.chunk(a, 2).reverse())),
  derived('unbind', [float([5, 3])], (a) => t.stack(t.unbind(a).reverse())),
  derived('tril', [float([5, 4])], (a) => t.tril(a, 1)),
  derived('triu', [float([5, 4])], (a) => t.triu(a, -1)),
  derived('pixelShuffle', [float([1, 8, 2, 3])], (a) => t.pixelShuffle(a, 2)),
  derived('pixelUnshuffle', [float([1, 2, 4, 6])], (a) => t.pixelUnshuffle(a, 2)),
]

const indexing: PublicSample[] = [
  derived('gather', [matrix, int32([4, 3], integers(0, 6))], (a, i) => t.gather(a, 1, i)),
  derived('takeAlongAxis', [matrix, int32([4, 3], integers(0, 6))], (a, i) => t.takeAlongAxis(a, i)),
  derived('indexSelect', [matrix, int32([5], integers(0, 4))], (a, i) => t.indexSelect(a, 0, i)),
  derived('scatterAdd', [matrix, int32([4, 3], integers(0, 6)), float([4, 3])], (a, i, b) => t.scatterAdd(a, 1, i, b)),
  derived('cumsum', [float([4, 7])], (a) => t.cumsum(a, 1)),
  derived('topK', [float([4, 7], distinct())], (a) => t.topK(a, 3).values),
  values('topK: indices', [float([4, 7])], (a) => t.topK(a, 3, 0).indices),
  derived('embedding', [int32([2, 3], integers(0, 5)), float([5, 4])], (i, weight) => t.embedding(i, weight)),
  values('oneHot', [int32([2, 3], integers(0, 4))], (a) => t.oneHot(a, 4)),
]

/** Functions of one tensor and nothing else. */
const plainActivations: Record<string, Build> = {
  relu6: (x) => t.relu6(x),
  leakyRelu: (x) => t.leakyRelu(x),
  elu: (x) => t.elu(x),
  celu: (x) => t.celu(x),
  selu: (x) => t.selu(x),
  softplus: (x) => t.softplus(x),
  logSigmoid: (x) => t.logSigmoid(x),
  softsign: (x) => t.softsign(x),
  tanhshrink: (x) => t.tanhshrink(x),
  hardshrink: (x) => t.hardshrink(x),
  softshrink: (x) => t.softshrink(x),
  silu: (x) => t.silu(x),
  gelu: (x) => t.gelu(x),
  mish: (x) => t.mish(x),
  hardtanh: (x) => t.hardtanh(x),
  hardsigmoid: (x) => t.hardsigmoid(x),
  hardswish: (x) => t.hardswish(x),
  'relu: as a function': (x) => t.relu(x),
  'sigmoid: as a function': (x) => t.sigmoid(x),
  'tanh: as a function': (x) => t.tanh(x),
}

const activations: PublicSample[] = [
  ...Object.entries(plainActivations).map(([name, build]) => derived(name, [kinked], build)),
  derived('gelu: approximated by tanh', [kinked], (a) => t.gelu(a, { approximate: 'tanh' })),
  derived('prelu', [float([3, 4, 2], distinct()), float([4])], (a, slopes) => t.prelu(a, slopes)),
  derived('threshold', [kinked], (a) => t.threshold(a, 0.4, -1)),
  values('signStep', [kinked], (a) => t.signStep(a)),
  values('heavisideStep', [kinked], (a) => t.heavisideStep(a)),
  derived('maxout', [float([2, 6, 3], distinct())], (a) => t.maxout(a, 3)),
  derived('glu', [matrix], (a) => t.glu(a)),
  derived('softmax', [float([4, 6], distinct(0.07))], (a) => t.softmax(a)),
  derived('logSoftmax', [float([4, 6], distinct(0.07))], (a) => t.logSoftmax(a, 0)),
  derived('softmin', [float([4, 6], distinct(0.07))], (a) => t.softmin(a)),
]

const products: PublicSample[] = [
  derived('matmul', [float([3, 4, 5]), float([5, 2])], (a, b) => a.matmul(b)),
  derived('matmul: vectors', [float([5]), float([5])], (a, b) => a.matmul(b)),
  derived('linear', [float([3, 5]), float([4, 5]), float([4])], (x, w, b) => t.linear(x, w, b)),
  derived('bilinear', [float([3, 2]), float([3, 4]), float([5, 2, 4]), float([5])], (a, b, w, c) =>
    t.bilinear(a, b, w, c),
  ),
  derived('conv1d', [series, float([4, 3, 3]), float([4])], (x, w, bias) =>
    t.conv1d(x, w, { bias, stride: 2, padding: 1 }),
  ),
  derived('conv2d', [image, float([6, 2, 3, 3]), float([6])], (x, w, bias) =>
    t.conv2d(x, w, { bias, groups: 2, padding: 'same' }),
  ),
  derived('conv2d: dilated', [image, float([3, 4, 2, 3])], (x, w) => t.conv2d(x, w, { dilation: 2, stride: [2, 1] })),
  derived('conv2d: of many channels', [float([1, 16, 6, 6]), float([16, 16, 3, 3])], (x, w) =>
    t.conv2d(x, w, { padding: 1 }),
  ),
  derived('conv3d', [volume, float([2, 2, 2, 3, 2])], (x, w) => t.conv3d(x, w, { padding: 1 })),
  derived('convTranspose1d', [series, float([3, 2, 3])], (x, w) =>
    t.convTranspose1d(x, w, { stride: 2, outputPadding: 1 }),
  ),
  derived('convTranspose2d', [image, float([4, 3, 3, 3]), float([6])], (x, w, bias) =>
    t.convTranspose2d(x, w, { bias, stride: 2, padding: 1, groups: 2 }),
  ),
  derived('convTranspose3d', [volume, float([2, 1, 2, 2, 2])], (x, w) => t.convTranspose3d(x, w, { stride: 2 })),
]

const pooling: PublicSample[] = [
  derived('maxPool1d', [series], (x) => t.maxPool1d(x, 3, { stride: 2, padding: 1 })),
  derived('maxPool2d', [image], (x) => t.maxPool2d(x, 2)),
  derived('maxPool2d: overlapping, rounded up', [image], (x) => t.maxPool2d(x, 3, { stride: 2, ceilMode: true })),
  derived('maxPool3d', [volume], (x) => t.maxPool3d(x, 2)),
  derived('maxPoolWithIndices', [image], (x) => t.maxPoolWithIndices(x, 2, { rank: 2 })[0]),
  values('maxPoolWithIndices: indices', [image], (x) => t.maxPoolWithIndices(x, 2, { rank: 2 })[1]),
  derived('maxUnpool', [image, float([2, 4, 3, 3])], (x, y) =>
    t.maxUnpool(y, t.maxPoolWithIndices(x, 2, { rank: 2 })[1], { kernelSize: 2, rank: 2 }),
  ),
  derived('avgPool1d', [series], (x) => t.avgPool1d(x, 3, { padding: 1 })),
  derived('avgPool2d', [image], (x) => t.avgPool2d(x, 3, { stride: 2, padding: 1, countIncludePad: false })),
  derived('avgPool3d', [volume], (x) => t.avgPool3d(x, 2)),
  derived('lpPool', [float([1, 2, 4, 4], uniform(0.2, 2))], (x) =>
    t.lpPool(x, { normType: 2, kernelSize: 2, rank: 2 }),
  ),
  derived('adaptiveAvgPool1d', [series], (x) => t.adaptiveAvgPool1d(x, 4)),
  derived('adaptiveAvgPool2d', [image], (x) => t.adaptiveAvgPool2d(x, [3, 4])),
  derived('adaptiveAvgPool3d', [volume], (x) => t.adaptiveAvgPool3d(x, 2)),
  derived('adaptiveMaxPool1d', [series], (x) => t.adaptiveMaxPool1d(x, 4)),
  derived('adaptiveMaxPool2d', [image], (x) => t.adaptiveMaxPool2d(x, 3)),
  derived('adaptiveMaxPool3d', [volume], (x) => t.adaptiveMaxPool3d(x, [2, 3, 1])),
  values('adaptiveMaxPoolWithIndices', [image], (x) => t.adaptiveMaxPoolWithIndices(x, 4, { rank: 2 })[1]),
  ...(['nearest', 'bilinear', 'bicubic'] as const).map((mode) =>
    derived(`interpolate: ${mode}`, [float([1, 2, 3, 4])], (x) => t.interpolate(x, { size: [5, 7], mode })),
  ),
]

const normalization: PublicSample[] = [
  derived('batchNorm', [image, float([4]), float([4])], (x, weight, bias) => t.batchNorm(x, { weight, bias })),
  derived('instanceNorm', [image], (x) => t.instanceNorm(x)),
  derived('layerNorm', [float([4, 6]), float([6]), float([6])], (x, weight, bias) =>
    t.layerNorm(x, [6], { weight, bias }),
  ),
  derived('rmsNorm', [matrix], (x) => t.rmsNorm(x, [6])),
  derived('groupNorm', [image], (x) => t.groupNorm(x, 2)),
  derived('localResponseNorm', [image], (x) => t.localResponseNorm(x, 3, { alpha: 0.5 })),
  derived('normalize', [matrix], (x) => t.normalize(x)),
  derived('standardize', [matrix], (x) => t.standardize(x)),
]

const random: PublicSample[] = [
  values('rand', [], () => t.rand([37])),
  values('randn', [], () => t.randn([37])),
  values('randint', [], () => t.randint(-3, 9, [37])),
  derived('dropout', [float([40])], (x) => t.dropout(x, { p: 0.4 })),
  derived('dropout1d', [series], (x) => t.dropout1d(x)),
  derived('dropout2d', [image], (x) => t.dropout2d(x)),
  derived('dropout3d', [volume], (x) => t.dropout3d(x)),
  derived('dropPath', [image], (x) => t.dropPath(x)),
]

const creation: PublicSample[] = [
  values('full', [], () => t.full([2, 3], 7)),
  values('zeros', [], () => t.zeros([2, 3])),
  values('ones', [], () => t.ones([2, 3], 'int32')),
  values('iota', [], () => t.iota([2, 3], 1)),
  values('arange', [], () => t.arange(2, 9, 1.5)),
  values('linspace', [], () => t.linspace(-1, 1, 9)),
  values('eye', [], () => t.eye(3, 5)),
]

export const publicSamples: readonly PublicSample[] = [
  ...arithmetic,
  ...comparison,
  ...reductions,
  ...movement,
  ...indexing,
  ...activations,
  ...products,
  ...pooling,
  ...normalization,
  ...random,
  ...creation,
]
