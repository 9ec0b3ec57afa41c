/** A network of the library from layers as plain data; used by the workers that train it and that look inside. */
import { io, nn } from 'cognitron'
import { type LayerKind, type LayerShape, type LayerSpec, shapeLayers } from '../base/layer-spec.ts'
import type { SavedModel } from '../base/saved-models.ts'

type Makers = {
  readonly [Kind in LayerKind]: (layer: Extract<LayerSpec, { kind: Kind }>, input: LayerShape) => nn.Layer
}

const makers: Makers = {
  conv: ({ channels, size, stride, padding }, input) =>
    new nn.Conv2d(input[0] ?? 1, channels, size, { stride, padding }),
  maxPool: ({ size }) => new nn.MaxPool2d(size),
  avgPool: ({ size }) => new nn.AvgPool2d(size),
  linear: ({ units }, input) => new nn.Linear(input[0] ?? 1, units),
  dropout: ({ rate }) => new nn.Dropout(rate),
  relu: () => new nn.ReLU(),
  leakyRelu: () => new nn.LeakyReLU(),
  gelu: () => new nn.GELU(),
  tanh: () => new nn.Tanh(),
  sigmoid: () => new nn.Sigmoid(),
  batchNorm: (_, input) => (input.length === 3 ? new nn.BatchNorm2d(input[0] ?? 1) : new nn.BatchNorm1d(input[0] ?? 1)),
  // One layer of the list is one entry of the network, so that keys and places agree.
  globalPool: () => new nn.Sequential(new nn.AdaptiveAvgPool2d(1), new nn.Flatten()),
  flatten: () => new nn.Flatten(),
}

/** Layer k of the list is layer `k` of the network. Throws an Error with the problem of the first layer that cannot be. */
export function buildNetwork(layers: readonly LayerSpec[], inputShape: LayerShape): nn.Sequential {
  const shaped = shapeLayers(layers, inputShape)
  const problem = shaped.find((each) => each.problem)?.problem
  if (problem) throw new Error(problem)
  const made = shaped.map(({ layer, input }) => {
    const make = makers[layer.kind] as (layer: LayerSpec, input: LayerShape) => nn.Layer
    return make(layer, input)
  })
  return new nn.Sequential(...made)
}

/** The network of a saved model with its weights, ready to answer. */
export function restoreNetwork({ layers, inputShape, weights, name }: SavedModel): nn.Sequential {
  const network = buildNetwork(layers, inputShape)
  network.loadStateDict(io.readSafetensors(weights, name).tensors)
  network.eval()
  return network
}
