/**
 * Finds layers by their module path and sees what flows through them. A layer that was looked at once keeps a hook that is idle
 * unless somebody watches; so functions compiled over the model stay valid from one question to the next.
 */
import { at } from '../base/arrays.ts'
import { ArgumentError } from '../base/errors.ts'
import { nearest } from '../base/nearest.ts'
import { LogSoftmax, Softmax } from '../nn/index.ts'
import type { AnyModule } from '../nn/module.ts'
import { formatShape } from '../shape/shape.ts'
import { Tensor } from '../tensor/index.ts'

/** A network that takes a batch of inputs; what it gives back may be anything that holds tensors. */
export interface Explainable extends AnyModule {
  forward(x: Tensor): unknown
}

/** A model that is a graph of named values instead of a tree of modules, such as one read from an ONNX file. */
export interface GraphModel extends Explainable {
  readonly layers: readonly GraphLayer[]
  readonly inputs: readonly { readonly name: string }[]
  readonly outputs: readonly string[]
  run(inputs: Readonly<Record<string, Tensor>>, wanted: readonly string[]): Readonly<Record<string, Tensor>>
}

interface GraphLayer {
  readonly name: string
  readonly operator: string
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
}

export function isGraph(model: AnyModule): model is GraphModel {
  return 'run' in model && typeof model.run === 'function' && 'layers' in model && 'inputs' in model
}

/** What came out of a layer in its last call, and what went in where that is known. */
export interface LayerFlow {
  readonly inputs?: readonly unknown[]
  readonly output: unknown
}

const MOST_LISTED = 40
const tapped = new WeakSet<AnyModule>()
let watched: Map<AnyModule, LayerFlow> | undefined

/**
 * The paths of all layers in order: modules by their path, the nodes of an ONNX model by their name.
 *
 * @example
 * import { explain, nn } from 'cognitron'
 * console.log(explain.layerNames(new nn.Sequential(new nn.Linear(4, 8), new nn.ReLU()))) // ['0', '1']
 */
export function layerNames(model: AnyModule): string[] {
  if (isGraph(model)) return model.layers.map(({ name }) => name)
  return model.namedModules().flatMap(([name]) => (name === '' ? [] : [name]))
}

/**
 * The layer whose output are the scores: the one before a softmax at the very end, whose probabilities hardly change once they are near
 * 1; else '', the output itself. Explain it with `target: { layer: explain.scoreLayer(model) }`.
 *
 * @example
 * import { explain, nn } from 'cognitron'
 * const net = new nn.Sequential(new nn.Linear(4, 2), new nn.Softmax(1))
 * console.log(explain.scoreLayer(net)) // '0'
 */
export function scoreLayer(model: AnyModule): string {
  const names = leafNames(model)
  const last = names.at(-1)
  if (last === undefined || names.length < 2) return ''
  // Minified programs have other names of classes, so that these are not asked.
  const isSoftmax = isGraph(model)
    ? /^(log)?softmax$/i.test(model.layers.at(-1)?.operator ?? '')
    : [Softmax, LogSoftmax].some((kind) => layerNamed(model, last) instanceof kind)
  return isSoftmax ? (names.at(-2) ?? '') : ''
}

/** The layers that do the work: modules without modules of their own, or nodes. */
export function leafNames(model: AnyModule): string[] {
  if (isGraph(model)) return layerNames(model)
  return model.namedModules().flatMap(([name, module]) => (name === '' || module.children().length > 0 ? [] : [name]))
}

/**
 * The module at `path`; '' is the model itself.
 *
 * @throws ArgumentError for an unknown path; the message lists the known ones.
 * @example
 * import { explain, nn } from 'cognitron'
 * const net = new nn.Sequential(new nn.Linear(4, 8), new nn.ReLU(), new nn.Linear(8, 3))
 * console.log(explain.layerNamed(net, '1').constructor.name) // ReLU
 */
export function layerNamed(model: AnyModule, path: string): AnyModule {
  const found = model.namedModules().find(([name]) => name === path)
  if (found) return found[1]
  throw unknownLayer(model, path)
}

/**
 * Names the layers that there are.
 *
 * @example
 * import { explain, nn } from 'cognitron'
 * const net = new nn.Sequential(new nn.Linear(2, 3), new nn.ReLU())
 * console.log(explain.unknownLayer(net, '7').message) // there is no layer "7" …
 */
export function unknownLayer(model: AnyModule, path: string): ArgumentError {
  const names = layerNames(model)
  const meant = nearest(path, names)
  const hint = meant === undefined ? '' : ` Did you mean ${meant}?`
  const rest = names.length > MOST_LISTED ? `, … (${names.length} in all)` : ''
  const list = names.length === 0 ? 'it has none' : `known are ${names.slice(0, MOST_LISTED).join(', ')}${rest}`
  return new ArgumentError(`${model.constructor.name} has no layer "${path}"; ${list}.${hint}`)
}

/**
 * Runs the model on `x` and tells what flowed through the layers at `paths`, with the result.
 *
 * @throws ArgumentError for an unknown layer; the message lists the known ones.
 */
export function watchLayers(
  model: Explainable,
  paths: readonly string[],
  x: Tensor,
): { result: unknown; flows: ReadonlyMap<string, LayerFlow> } {
  if (isGraph(model)) return watchGraph(model, paths, x)
  const modules = paths.map((path) => layerNamed(model, path))
  for (const module of modules) tap(module)
  const before = watched
  const seen = new Map<AnyModule, LayerFlow>()
  watched = seen
  try {
    const result = model.forward(x)
    const flows = new Map<string, LayerFlow>()
    for (const module of seen.keys()) {
      const path = paths[modules.indexOf(module)]
      if (path !== undefined) flows.set(path, seen.get(module) as LayerFlow)
    }
    return { result, flows }
  } finally {
    watched = before
  }
}

function watchGraph(
  model: GraphModel,
  paths: readonly string[],
  x: Tensor,
): { result: unknown; flows: ReadonlyMap<string, LayerFlow> } {
  const names = new Set(model.layers.flatMap(({ name, outputs }) => [name, ...outputs]))
  const wrong = paths.find((path) => !names.has(path))
  if (wrong !== undefined) throw unknownLayer(model, wrong)
  const layers = paths.map((path) => model.layers.find(({ name, outputs }) => name === path || outputs.includes(path)))
  const weights = new Set(model.namedState().keys())
  const taken = layers.map((layer) => layer?.inputs.find((name) => !weights.has(name)))
  const output = at(model.outputs, 0)
  const inputs = { [at(model.inputs, 0).name]: x }
  const known = model.run(inputs, [
    output,
    ...paths,
    ...taken.flatMap((name) => (name && !(name in inputs) ? [name] : [])),
  ])
  const flows = paths.map((path, index): [string, LayerFlow] => {
    const name = taken[index] ?? ''
    return [path, { inputs: [name in inputs ? x : known[name]], output: known[path] }]
  })
  return { result: known[output], flows: new Map(flows) }
}

function tap(module: AnyModule): void {
  if (tapped.has(module)) return
  tapped.add(module)
  module.registerForwardHook((owner, inputs, output) => {
    // A layer that is called twice moves to the end, where its last call is.
    watched?.delete(owner)
    watched?.set(owner, { inputs, output })
    return undefined
  })
}

/**
 * What the layer at `path` gives for `x`; the model's own output for ''. Throws ArgumentError when the layer was not called or gives
 * something other than a tensor.
 */
export function layerOutput(
  model: Explainable,
  path: string,
  x: Tensor,
  scores: (output: unknown) => unknown = firstTensor,
): Tensor {
  if (path === '') return checkTensor(scores(model.forward(x)), model, path)
  const { flows } = watchLayers(model, [path], x)
  return checkTensor(flowOf(flows, path).output, model, path)
}

/** The flow through a layer; throws ArgumentError when the model did not call it. */
export function flowOf(flows: ReadonlyMap<string, LayerFlow>, path: string): LayerFlow {
  const flow = flows.get(path)
  if (flow) return flow
  throw new ArgumentError(`the layer "${path}" is not called when the model runs; choose another layer.`)
}

/** The output itself, or the first tensor of an array or record. */
export function firstTensor(output: unknown): unknown {
  if (output instanceof Tensor || typeof output !== 'object' || output === null) return output
  return Object.values(output).find((value) => value instanceof Tensor) ?? output
}

export function checkTensor(value: unknown, model: AnyModule, path: string): Tensor {
  if (!(value instanceof Tensor)) {
    const what = path === '' ? `${model.constructor.name} gives` : `the layer "${path}" gives`
    throw new ArgumentError(`${what} no tensor; choose a layer that does, or say which with scores: (output) => ….`)
  }
  if (value.dtype === 'float32' && value.rank >= 2) return value
  const what = path === '' ? 'the output' : `the output of the layer "${path}"`
  throw new ArgumentError(
    `${what} is ${value.dtype} of shape ${formatShape(value.shape)}; explanations need float32 [batch, units, …].`,
  )
}
