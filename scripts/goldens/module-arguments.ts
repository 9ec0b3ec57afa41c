/** PyTorch's constructor arguments of layers as ours: some stay positional, the others become the options object. */
import { toOptions } from './case-file.ts'

/** The names of a constructor's arguments in PyTorch's order; from `positional` on they are options of ours. */
interface Signature {
  readonly positional: number
  readonly names: readonly string[]
}

const signature = (positional: string, options = ''): Signature => {
  const first = positional === '' ? [] : positional.split(' ')
  return { positional: first.length, names: [...first, ...(options === '' ? [] : options.split(' '))] }
}

const channels = 'in_channels out_channels kernel_size'
const statistics = signature('num_features', 'eps momentum affine track_running_stats')

/** By class, or by class without its `1d`, `2d`, `3d`. */
const signatures: Readonly<Record<string, Signature>> = {
  Linear: signature('in_features out_features', 'bias'),
  Conv: signature(channels, 'stride padding dilation groups bias padding_mode'),
  ConvTranspose: signature(channels, 'stride padding output_padding groups bias dilation padding_mode'),
  MaxPool: signature('kernel_size', 'stride padding dilation return_indices ceil_mode'),
  AvgPool: signature('kernel_size', 'stride padding ceil_mode count_include_pad divisor_override'),
  LPPool: signature('norm_type kernel_size', 'stride ceil_mode'),
  AdaptiveAvgPool: signature('output_size'),
  AdaptiveMaxPool: signature('output_size', 'return_indices'),
  BatchNorm: statistics,
  InstanceNorm: statistics,
  LayerNorm: signature('normalized_shape', 'eps elementwise_affine bias'),
  RMSNorm: signature('normalized_shape', 'eps elementwise_affine'),
  GroupNorm: signature('num_groups num_channels', 'eps affine'),
  LocalResponseNorm: signature('size', 'alpha beta k'),
  Upsample: signature('', 'size scale_factor mode align_corners recompute_scale_factor'),
  Dropout: signature('p'),
  PReLU: signature('num_parameters', 'init'),
  LeakyReLU: signature('negative_slope'),
  ELU: signature('alpha'),
  CELU: signature('alpha'),
  Softplus: signature('beta threshold'),
  Hardtanh: signature('min_val max_val'),
  Threshold: signature('threshold value'),
  Hardshrink: signature('lambd'),
  Softshrink: signature('lambd'),
  GELU: signature('', 'approximate'),
  GLU: signature('dim'),
  Softmax: signature('dim'),
  Softmin: signature('dim'),
  LogSoftmax: signature('dim'),
  Flatten: signature('start_dim end_dim'),
  Unflatten: signature('dim unflattened_size'),
  ZeroPad: signature('padding'),
  ConstantPad: signature('padding value'),
  ReflectionPad: signature('padding'),
  ReplicationPad: signature('padding'),
  CircularPad: signature('padding'),
  PixelShuffle: signature('upscale_factor'),
  PixelUnshuffle: signature('downscale_factor'),
  Embedding: signature('num_embeddings embedding_dim', 'padding_idx'),
}

/** Arguments that say how PyTorch stores or computes, not what. */
const without = ['inplace', 'device', 'dtype', 'return_indices', 'recompute_scale_factor']

/** What our constructor of `module` is called with. */
export function constructorArguments(
  module: string,
  args: readonly unknown[],
  kwargs: Readonly<Record<string, unknown>>,
): unknown[] {
  const found = signatures[module] ?? signatures[module.replace(/[123]d$/, '')]
  if (!found) return [...args, toOptions(kwargs)]
  const given = new Map(Object.entries(kwargs))
  args.forEach((value, index) => {
    const name = found.names[index]
    if (name !== undefined) given.set(name, value)
  })
  for (const name of without) given.delete(name)
  const positional = found.names.slice(0, found.positional).map((name) => given.get(name))
  const options = [...given].filter(([name]) => !found.names.slice(0, found.positional).includes(name))
  if (options.length > 0) return [...positional, toOptions(Object.fromEntries(options))]
  const last = positional.findLastIndex((value) => value !== undefined)
  return positional.slice(0, last + 1)
}
