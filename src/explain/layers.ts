/**
 * Finds layers by their module path and sees what flows through them. A layer that was looked at once keeps a hook that is idle
 * unless somebody watches; so functions compiled over the model stay valid from one question to the next.
 */
import { at } from '../base/arrays.ts'
import { ArgumentError } from '../base/errors.ts'
import { nearest } from '../base/nearest.ts'
import type { AnyModule } from '../nn/module.ts'
import { formatShape } from '../shape/shape.ts'
import { Tensor } from '../tensor/index.ts'

/** A network that takes a batch of inputs; what it gives back may be anything that holds tensors. */
export interface Explainable extends AnyModule {
  forward(x: Tensor): unknown
}

/** What went into a layer and what came out, in its last call. */
export interface LayerFlow {
  readonly inputs: readonly unknown[]
  readonly output: unknown
}

const MOST_LISTED = 40
const tapped = new WeakSet<AnyModule>()
let watched: Map<AnyModule, LayerFlow> | undefined

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
  const modules = model.namedModules()
  const found = modules.find(([name]) => name === path)
  if (found) return found[1]
  const names = modules.map(([name]) => name).filter((name) => name !== '')
  const meant = nearest(path, names)
  const hint = meant === undefined ? '' : ` Did you mean ${meant}?`
  const rest = names.length > MOST_LISTED ? `, … (${names.length} in all)` : ''
  const list = names.length === 0 ? 'it has none' : `known are ${names.slice(0, MOST_LISTED).join(', ')}${rest}`
  throw new ArgumentError(`${model.constructor.name} has no layer "${path}"; ${list}.${hint}`)
}

/** Runs `forward` and tells what flowed through the modules at `paths`, with the result. */
export function watchLayers<Result>(
  model: AnyModule,
  paths: readonly string[],
  forward: () => Result,
): { result: Result; flows: ReadonlyMap<string, LayerFlow> } {
  const modules = paths.map((path) => layerNamed(model, path))
  for (const module of modules) tap(module)
  const before = watched
  const seen = new Map<AnyModule, LayerFlow>()
  watched = seen
  try {
    const result = forward()
    const flows = new Map<string, LayerFlow>()
    paths.forEach((path, index) => {
      const flow = seen.get(at(modules, index))
      if (flow) flows.set(path, flow)
    })
    return { result, flows }
  } finally {
    watched = before
  }
}

function tap(module: AnyModule): void {
  if (tapped.has(module)) return
  tapped.add(module)
  module.registerForwardHook((owner, inputs, output) => {
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
  const { flows } = watchLayers(model, [path], () => model.forward(x))
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
