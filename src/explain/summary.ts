/** What a network consists of: its layers in the order in which they are called, with shapes, parameters, work and receptive field. */
import { at } from '../base/arrays.ts'
import { makeNode } from '../ir/build.ts'
import { multiplyAdds } from '../ir/cost.ts'
import { topologicalOrder } from '../ir/graph.ts'
import type { Node } from '../ir/node.ts'
import type { AnyModule, Layer } from '../nn/index.ts'
import { type Parameter, Tensor } from '../tensor/index.ts'
import { receptiveField } from './receptive-field.ts'

/** One call of a layer. */
export interface LayerSummary {
  /** Where it stands in the network: `features.0`. */
  readonly path: string
  /** Class and the numbers that tell it from its neighbours: `Conv2d 1 → 32`. */
  readonly label: string
  /** Its class. */
  readonly kind: string
  /** The shape of its output for one sample. */
  readonly outputShape: readonly number[]
  /** Learned numbers that no layer above has counted. */
  readonly parameters: number
  /** Multiply-adds of convolutions and matrix products for one sample. */
  readonly multiplyAdds: number
  /** How many positions of each spatial axis of the input one output depends on; Infinity for all. */
  readonly receptiveField: readonly number[]
}

export interface ModelSummary {
  readonly layers: readonly LayerSummary[]
  readonly inputShape: readonly number[]
  readonly outputShape: readonly number[]
  readonly parameters: number
  /** Of these, how many an optimizer may change. */
  readonly trainable: number
  readonly multiplyAdds: number
}

/**
 * Sums up a network for inputs of a shape (without the batch axis). Nothing is computed: shapes, work and receptive fields follow from
 * the graph of one forward pass in evaluation mode. Layers are the modules without modules of their own.
 *
 * @throws ShapeError that names the layer when the network does not take such inputs.
 * @example
 * import { explain, models } from 'cognitron'
 * const { parameters, layers } = explain.summarize(new models.FashionSimpleNet(), [1, 28, 28])
 * console.log(parameters, layers[0]?.outputShape) // 421642 [32, 28, 28]
 */
export function summarize(model: Layer, inputShape: readonly number[]): ModelSummary {
  const input = new Tensor(makeNode('input', [], { source: {}, shape: [1, ...inputShape], dtype: 'float32' }))
  const paths = new Map(model.namedModules().map(([path, module]) => [module, path]))
  const counted = new Set<Parameter>()
  const layers: LayerSummary[] = []
  const watch = (module: AnyModule, inputs: readonly unknown[], output: unknown): void => {
    if (!(output instanceof Tensor)) return
    layers.push({
      path: paths.get(module) ?? '',
      label: module.label,
      kind: module.constructor.name,
      outputShape: output.shape.slice(1),
      parameters: countParameters(module, counted),
      multiplyAdds: workBetween(inputs, output.node),
      receptiveField: receptiveField(output.node, input.node).slice(2),
    })
  }
  const output = inEvaluation(model, watch, () => model.forward(input))
  const all = model.parameters()
  const sum = (parameters: readonly Parameter[]): number => parameters.reduce((total, { size }) => total + size, 0)
  return {
    layers,
    inputShape,
    outputShape: output.shape.slice(1),
    parameters: sum(all),
    trainable: sum(all.filter(({ requiresGrad }) => requiresGrad)),
    multiplyAdds: workBetween([input], output.node),
  }
}

/** Runs `work` in evaluation mode with `watch` called after every layer, and leaves the network as it was. */
function inEvaluation<T>(
  model: Layer,
  watch: (module: AnyModule, inputs: readonly unknown[], output: unknown) => void,
  work: () => T,
): T {
  const modules = model.modules()
  const modes = modules.map((module) => module.training)
  const leaves = modules.filter((module) => module.children().length === 0)
  const removals = leaves.map((module) => module.registerForwardHook(watch))
  model.eval()
  try {
    return work()
  } finally {
    for (const remove of removals) remove()
    // From the outside in, for a mode reaches down to the modules below.
    for (const [index, module] of modules.entries()) module.train(at(modes, index))
  }
}

function countParameters(module: AnyModule, counted: Set<Parameter>): number {
  let count = 0
  for (const parameter of module.parameters()) {
    if (counted.has(parameter)) continue
    counted.add(parameter)
    count += parameter.size
  }
  return count
}

/** The multiply-adds from the tensors in `inputs` to `output`. */
function workBetween(inputs: readonly unknown[], output: Node): number {
  const known = new Set(inputs.flatMap((each) => (each instanceof Tensor ? [each.node] : [])))
  const nodes = topologicalOrder([output], (node) => known.has(node))
  return nodes.reduce((sum, node) => sum + multiplyAdds(node), 0)
}
