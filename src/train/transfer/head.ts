/** Puts a new last layer into a trained network: finds the place, checks the sizes, and changes nothing else. */
import { at } from '../../base/arrays.ts'
import { ArgumentError } from '../../base/errors.ts'
import {
  type Explainable,
  flowOf,
  type GraphModel,
  isGraph,
  layerNamed,
  layerNames,
  leafNames,
  unknownLayer,
  watchLayers,
} from '../../explain/layers.ts'
import { makeNode } from '../../ir/build.ts'
import { type AnyModule, type Layer, Linear, Module } from '../../nn/index.ts'
import { formatShape } from '../../shape/shape.ts'
import { concat, Tensor } from '../../tensor/index.ts'

/** A network with its new last layer. */
export interface Headed {
  readonly model: Layer
  readonly head: Layer
  /** Where the head stands in the model. */
  readonly path: string
}

/** The new last layer, how many outputs a linear one has, or what makes it for a number of features. */
export type HeadSource = Layer | number | ((features: number) => Layer)

export interface HeadOptions {
  readonly head: HeadSource
  /** The layer that it replaces. Default: the last linear layer; of an ONNX model the last one with weights. */
  readonly replace?: string | undefined
  /** Layers whose channels, averaged over their places, the head sees besides. */
  readonly levels?: readonly string[] | undefined
  /** The shape of an input without batch axis: checks the head's size at once; needed to make a head for an ONNX model or for levels. */
  readonly inputShape?: readonly number[] | undefined
}

/** A network up to what enters its last layer, with the means of other layers where asked for, and a head of its own. */
class BackboneWithHead extends Module {
  readonly backbone: Explainable
  readonly head: Layer
  readonly #features: (x: Tensor) => Tensor

  constructor(backbone: Explainable, head: Layer, features: (x: Tensor) => Tensor) {
    super()
    this.backbone = backbone
    this.head = head
    this.#features = features
  }

  override forward(x: Tensor): Tensor {
    return this.head.forward(this.#features(x))
  }
}

/** What enters the layer at `path`, behind the means of the levels: `[batch, features]`. */
function featuresOf(model: Explainable, path: string, levels: readonly string[], x: Tensor): Tensor {
  const { flows } = watchLayers(model, [...new Set([...levels, path])], x)
  const means = levels.map((level) => {
    const { output } = flowOf(flows, level)
    if (output instanceof Tensor && output.rank >= 2) return output.flatten(2).mean(2)
    throw new ArgumentError(`the layer "${level}" gives no channels, so it is no level of features.`)
  })
  const [value] = flowOf(flows, path).inputs ?? []
  if (!(value instanceof Tensor)) throw new ArgumentError(`the layer "${path}" takes no tensor of features.`)
  const last = value.shape.slice(2).every((size) => size === 1) ? value.flatten(1) : value
  return means.length === 0 ? last : concat([...means, last.rank > 2 ? last.flatten(2).mean(2) : last], 1)
}

/**
 * Replaces the last layer of `model`.
 *
 * @throws ArgumentError when there is no layer to replace, for an unknown one, and for a head of the wrong size.
 */
export function withHead(model: Explainable, options: HeadOptions): Headed {
  const { levels = [] } = options
  return isGraph(model) || levels.length > 0 ? ontoBackbone(model, { ...options, levels }) : intoModules(model, options)
}

function intoModules(model: Explainable, { head, replace, inputShape }: HeadOptions): Headed {
  const path = replace ?? lastLinear(model)
  const old = layerNamed(model, path)
  const arriving = inputShape && shapeInto(model, path, inputShape)
  const features = old instanceof Linear ? old.inFeatures : arriving?.length === 2 ? at(arriving, 1) : undefined
  const made = makeHead(head, features)
  if (old instanceof Linear && made instanceof Linear && made.inFeatures !== old.inFeatures) {
    throw wrongSize(path, old.inFeatures, made)
  }
  if (arriving) checkTakes(made, arriving, path)
  setModule(model, path, made)
  return { model: model as unknown as Layer, head: made, path }
}

function ontoBackbone(model: Explainable, options: HeadOptions & { readonly levels: readonly string[] }): Headed {
  const { head, inputShape, levels } = options
  const path = options.replace ?? (isGraph(model) ? lastWeighted(model) : lastLinear(model))
  const known = new Set(layerNames(model))
  for (const each of [...levels, path]) if (!known.has(each)) throw unknownLayer(model, each)
  const features = (x: Tensor): Tensor => featuresOf(model, path, levels, x)
  const arriving = inputShape && recorded(model, inputShape, (x) => features(x).shape)
  if (!arriving && !(head instanceof Module)) {
    throw new ArgumentError(
      'how many features there are depends on the input here; pass its inputShape, such as [3, 224, 224], or a head.',
    )
  }
  const made = makeHead(head, arriving?.length === 2 ? arriving[1] : undefined)
  if (arriving) checkTakes(made, arriving, path)
  return { model: new BackboneWithHead(model, made, features), head: made, path: 'head' }
}

/**
 * Layers that tell most at each size of picture: of those that give channels with height and width, the last with the most channels at
 * each resolution. Give them to `transfer` as `levels`.
 *
 * @example
 * import { models, train } from 'cognitron'
 * console.log(train.featureLevels(models.leNet5(), [1, 28, 28])) // ['1', '2', '4', '5']
 */
export function featureLevels(model: Explainable, inputShape: readonly number[]): string[] {
  const best = new Map<string, { name: string; channels: number }>()
  const { flows } = recorded(model, inputShape, (x) => watchLayers(model, leafNames(model), x))
  for (const [name, { output }] of flows) {
    if (!(output instanceof Tensor) || output.rank !== 4) continue
    const [, channels = 0, ...places] = output.shape
    if (places.every((size) => size === 1)) continue
    const size = places.join('x')
    if (channels >= (best.get(size)?.channels ?? 0)) best.set(size, { name, channels })
  }
  return [...best.values()].map(({ name }) => name)
}

/** The last node with weights. */
function lastWeighted(model: GraphModel): string {
  const weights = new Set(model.namedState().keys())
  const layer = model.layers.findLast(({ inputs }) => inputs.some((name) => weights.has(name)))
  if (layer) return layer.name
  throw new ArgumentError('this ONNX model has no layer with weights that a head could replace; name one with replace.')
}

function makeHead(head: HeadSource, features: number | undefined): Layer {
  if (head instanceof Module) return head
  if (typeof head === 'function' && features !== undefined) return head(features)
  return linearHead(typeof head === 'function' ? 1 : head, features)
}

function linearHead(outputs: number, features: number | undefined): Linear {
  if (!Number.isInteger(outputs) || outputs < 1) {
    throw new ArgumentError(`a head has a whole number of outputs of at least 1, given ${outputs}.`)
  }
  if (features !== undefined) return new Linear(features, outputs)
  throw new ArgumentError(
    'the layer to replace gets no rows of features that are known; pass the new layer as head instead of a number of outputs.',
  )
}

/** Records a forward pass for one input without computing anything. */
function recorded<Result>(model: Explainable, inputShape: readonly number[], use: (x: Tensor) => Result): Result {
  const input = makeNode('input', [], { source: {}, shape: [1, ...inputShape], dtype: 'float32' })
  const modes = model.modules().map((module) => [module, module.training] as const)
  model.eval()
  try {
    return use(new Tensor(input))
  } finally {
    // From the outside in, for a mode reaches down to the modules below.
    for (const [module, training] of modes) module.train(training)
  }
}

/** The shape of what enters a layer. */
function shapeInto(model: Explainable, path: string, inputShape: readonly number[]): readonly number[] | undefined {
  const [input] = recorded(model, inputShape, (x) => watchLayers(model, [path], x).flows.get(path)?.inputs) ?? []
  return input instanceof Tensor ? input.shape : undefined
}

/** Throws ArgumentError that names both sizes when the head does not take what arrives. */
function checkTakes(head: Layer, arriving: readonly number[], path: string): void {
  try {
    recorded(head as unknown as Explainable, arriving.slice(1), (x) => head.forward(x))
  } catch (error) {
    if (head instanceof Linear && arriving.length === 2) throw wrongSize(path, at(arriving, 1), head)
    throw new ArgumentError(
      `the head does not take the features ${formatShape(arriving.slice(1))} that arrive at the layer "${path}": ` +
        `${error instanceof Error ? error.message : error}`,
      { cause: error },
    )
  }
}

function wrongSize(path: string, arriving: number, head: Linear): ArgumentError {
  return new ArgumentError(
    `the head takes ${head.inFeatures} features, but ${arriving} arrive at the layer "${path}"; ` +
      `make it new nn.Linear(${arriving}, ${head.outFeatures}).`,
  )
}

/** The path of the last linear layer. Throws ArgumentError when there is none. */
function lastLinear(model: AnyModule): string {
  const found = model.namedModules().findLast(([, module]) => module instanceof Linear)
  if (found && found[0] !== '') return found[0]
  throw new ArgumentError(
    `${model.constructor.name} has no linear layer that a head could replace; name a layer with replace.`,
  )
}

/** Puts a module in the place of the one at `path`: a field of its parent, or an element of an array or record there. */
function setModule(model: AnyModule, path: string, module: AnyModule): void {
  const target = layerNamed(model, path)
  const parent = model.modules().find((each) => each.children().includes(target))
  const replaceIn = (owner: Record<string, unknown>): boolean =>
    Object.entries(owner).some(([key, value]) => {
      if (value === target) {
        owner[key] = module
        return true
      }
      if (value instanceof Module || typeof value !== 'object' || value === null) return false
      const plain = Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype
      return plain && replaceIn(value as Record<string, unknown>)
    })
  if (parent && replaceIn(parent as unknown as Record<string, unknown>)) return
  throw new ArgumentError(`the layer "${path}" cannot be replaced, for no module holds it in a field.`)
}
