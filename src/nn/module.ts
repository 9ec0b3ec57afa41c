/**
 * The base of layers and networks. A module is a class with fields: parameters, buffers and child modules are found by walking its
 * own enumerable fields in declaration order, so nothing is registered. Names of saved values follow PyTorch: a field `runningMean`
 * is saved as `running_mean`, element 0 of a Sequential `features` as `features.0`.
 */
import { Parameter, type Tensor, VariableTensor } from '../tensor/index.ts'
import { observe } from '../tensor/trace.ts'
import { inContext, type Locatable } from './error-context.ts'
import { type LoadResult, loadState, type StateDict, type StateSource, type TensorData } from './state-dict.ts'

/** A module of any arguments and result. */
export type AnyModule = Module<never[], unknown>

/** Sees every call of a module; what it returns, unless undefined, takes the place of the output. */
export type ForwardHook = (module: AnyModule, inputs: readonly unknown[], output: unknown) => unknown

/**
 * A layer or network: fields and a `forward`. By default it takes one tensor and gives one; other signatures are type arguments.
 *
 * @example
 * import { nn, type Tensor, zeros } from 'cognitron'
 * class Doubled extends nn.Module {
 *   layer = new nn.Linear(3, 2)
 *   forward(x: Tensor) { return this.layer.forward(x).mul(2) }
 * }
 * const net = new Doubled()
 * console.log(net.forward(zeros([5, 3])).shape, net.namedParameters().map(([name]) => name))
 * // [5, 2] ['layer.weight', 'layer.bias']
 */
export abstract class Module<Args extends readonly unknown[] = [x: Tensor], Result = Tensor> implements Locatable {
  #training = true
  #hooks: readonly ForwardHook[] = []

  constructor() {
    const { forward } = this
    // Every call passes here, so that errors can name the layer and hooks see what flows.
    Object.defineProperty(this, 'forward', {
      value: (...inputs: Args): Result => {
        const output = inContext(this, () => forward.call(this, ...inputs))
        return this.#applyHooks(inputs, output)
      },
      writable: true,
      configurable: true,
      enumerable: false,
    })
  }

  /** The result for the given inputs. */
  abstract forward(...inputs: Args): Result

  #applyHooks(inputs: readonly unknown[], output: Result): Result {
    let result = output
    for (const hook of observe(() => this.#hooks)) {
      const replacement = hook(this, inputs, result)
      if (replacement !== undefined) result = replacement as Result
    }
    return result
  }

  /** Calls `hook` after every forward pass; the function that is returned removes it. Compiled functions are recorded anew. */
  registerForwardHook(hook: ForwardHook): () => void {
    this.#hooks = [...this.#hooks, hook]
    return () => {
      this.#hooks = this.#hooks.filter((each) => each !== hook)
    }
  }

  /** Whether layers such as dropout and batch normalisation behave as in training. Default true. */
  get training(): boolean {
    return observe(() => this.#training)
  }

  /** Switches the module and all below it to training (or, with false, evaluation) mode. */
  train(mode = true): this {
    for (const module of this.modules()) module.#training = mode
    return this
  }

  /** Switches the module and all below it to evaluation mode. */
  eval(): this {
    return this.train(false)
  }

  /** The name under which a field is saved. */
  stateKey(field: string): string {
    return /^[a-z]/.test(field) ? field.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase() : field
  }

  /** The modules directly below with their names. */
  namedChildren(): [string, AnyModule][] {
    return ownMembers(this).filter((member): member is [string, AnyModule] => member[1] instanceof Module)
  }

  /** The modules directly below. */
  children(): AnyModule[] {
    return this.namedChildren().map(([, module]) => module)
  }

  /** This module under the name '' and all below it with their paths, each once. */
  namedModules(): [string, AnyModule][] {
    const found = new Map<AnyModule, string>()
    const visit = (module: AnyModule, path: string): void => {
      if (found.has(module)) return
      found.set(module, path)
      for (const [name, child] of module.namedChildren()) visit(child, join(path, name))
    }
    visit(this, '')
    return [...found].map(([module, path]) => [path, module])
  }

  /** This module and all below it, each once. */
  modules(): AnyModule[] {
    return this.namedModules().map(([, module]) => module)
  }

  /** Every learned tensor of this module and those below with its key, each once. */
  namedParameters(): [string, Parameter][] {
    return this.#namedVariables((value) => value instanceof Parameter) as [string, Parameter][]
  }

  /** Every learned tensor of this module and those below, each once; what an optimizer takes. */
  parameters(): Parameter[] {
    return this.namedParameters().map(([, parameter]) => parameter)
  }

  /** Every tensor that is saved but not learned, such as running statistics, with its key. */
  namedBuffers(): [string, VariableTensor][] {
    return this.#namedVariables((value) => !(value instanceof Parameter))
  }

  /** Every tensor that is saved but not learned. */
  buffers(): VariableTensor[] {
    return this.namedBuffers().map(([, buffer]) => buffer)
  }

  #namedVariables(wanted: (value: VariableTensor) => boolean): [string, VariableTensor][] {
    const seen = new Set<VariableTensor>()
    return this.namedModules().flatMap(([path, module]) =>
      ownVariables(module).flatMap(([name, value]): [string, VariableTensor][] => {
        if (!wanted(value) || seen.has(value)) return []
        seen.add(value)
        return [[join(path, name), value]]
      }),
    )
  }

  /** Parameters and buffers by key as in PyTorch; a tensor that several modules share stands under each of its keys. */
  namedState(): Map<string, VariableTensor> {
    const state = new Map<string, VariableTensor>()
    const open = new Set<AnyModule>()
    const visit = (module: AnyModule, path: string): void => {
      if (open.has(module)) return
      open.add(module)
      const own = ownVariables(module)
      for (const [name, value] of own) if (value instanceof Parameter) state.set(join(path, name), value)
      for (const [name, value] of own) if (!(value instanceof Parameter)) state.set(join(path, name), value)
      for (const [name, child] of module.namedChildren()) visit(child, join(path, name))
      open.delete(module)
    }
    visit(this, '')
    return state
  }

  /**
   * A copy of all parameters and buffers, all of one moment.
   *
   * @example
   * import { nn } from 'cognitron'
   * const state = await new nn.Linear(2, 3).stateDict()
   * console.log([...state.keys()], state.get('weight')?.shape) // ['weight', 'bias'] [3, 2]
   */
  async stateDict(): Promise<StateDict> {
    const reads = [...this.namedState()].map(async ([key, { variable }]): Promise<[string, TensorData]> => {
      const { shape, dtype } = variable
      return [key, { data: await variable.read(), shape, dtype }]
    })
    return new Map(await Promise.all(reads))
  }

  /**
   * Takes over the values of a state dict. With `strict` (the default) the keys must be the same; with `strict: false` common
   * keys are loaded. Throws ArgumentError that lists missing and unexpected keys and shapes that differ; then nothing is changed.
   */
  loadStateDict(state: StateSource, { strict = true }: { strict?: boolean } = {}): LoadResult {
    return loadState(this.namedState(), state, { owner: this.constructor.name, strict })
  }

  /** Lets optimizers change all parameters (true) or freezes them (false). */
  requiresGrad(required = true): this {
    for (const parameter of this.parameters()) parameter.requiresGrad = required
    return this
  }

  /** Freezes all parameters: `backward` gives them no gradients and optimizers leave them. */
  freeze(): this {
    return this.requiresGrad(false)
  }

  /** Undoes `freeze`. */
  unfreeze(): this {
    return this.requiresGrad(true)
  }

  /** Forgets the gradients of all parameters. */
  zeroGrad(): void {
    for (const parameter of this.parameters()) parameter.zeroGrad()
  }

  /** Calls `visit` for every module below and then for this one, for instance to initialise weights. */
  apply(visit: (module: AnyModule) => void): this {
    for (const child of this.children()) child.apply(visit)
    visit(this)
    return this
  }

  /** Class and the few numbers that tell the module from its neighbours, for messages: `Linear 3136 → 128`. */
  get label(): string {
    return this.constructor.name
  }

  /** The arguments that `toString` shows. */
  extraRepr(): string {
    return ''
  }

  /** The tree of modules as PyTorch prints it. */
  toString(): string {
    const lines = this.namedChildren().map(([name, child]) => `(${name}): ${child}`.replaceAll('\n', '\n  '))
    const extra = this.extraRepr()
    if (lines.length === 0) return `${this.constructor.name}(${extra})`
    return `${this.constructor.name}(${['', ...(extra ? [extra] : []), ...lines].join('\n  ')}\n)`
  }
}

function join(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`
}

function ownVariables(module: AnyModule): [string, VariableTensor][] {
  return ownMembers(module).filter((member): member is [string, VariableTensor] => member[1] instanceof VariableTensor)
}

/** Parameters, buffers and modules in the fields of `module`, and in arrays and plain objects there. */
function ownMembers(module: AnyModule): [string, VariableTensor | AnyModule][] {
  const members: [string, VariableTensor | AnyModule][] = []
  const collect = (key: string, value: unknown): void => {
    if (value instanceof VariableTensor || value instanceof Module) members.push([key, value])
    else if (Array.isArray(value)) value.forEach((inner, index) => void collect(`${key}.${index}`, inner))
    else if (typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype) {
      for (const [name, inner] of Object.entries(value)) collect(`${key}.${name}`, inner)
    }
  }
  for (const [field, value] of Object.entries(module)) collect(module.stateKey(field), value)
  return members
}
