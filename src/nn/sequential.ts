/** Containers of modules. Their elements are ordinary fields named by position or by the given names, so keys are PyTorch's. */
import { ArgumentError } from '../base/errors.ts'
import type { Tensor } from '../tensor/index.ts'
import { type AnyModule, Module } from './module.ts'

/** A module that takes one tensor and gives one. */
export type Layer = Module<[x: Tensor], Tensor>

/** Adds modules as fields of `owner`; names that the class itself uses are refused. */
function place(owner: AnyModule, modules: Readonly<Record<string, AnyModule>>): void {
  for (const [name, module] of Object.entries(modules)) {
    if (!(module instanceof Module)) {
      throw new ArgumentError(`${owner.constructor.name} holds modules, given ${String(module)} as ${name}.`)
    }
    if (name in owner || name === '' || name.includes('.')) {
      throw new ArgumentError(`${owner.constructor.name} cannot hold a module named '${name}'; choose another name.`)
    }
    Object.defineProperty(owner, name, { value: module, enumerable: true, writable: true, configurable: true })
  }
}

/**
 * Layers one after the other: the output of each is the input of the next. They are named '0', '1', …, or as the keys of the object
 * that is given instead of a list.
 *
 * @example
 * import { nn, zeros } from 'cognitron'
 * const net = new nn.Sequential(new nn.Linear(4, 8), new nn.ReLU(), new nn.Linear(8, 3))
 * console.log(net.forward(zeros([2, 4])).shape) // [2, 3]
 */
export class Sequential extends Module {
  constructor(...layers: readonly Layer[] | readonly [Readonly<Record<string, Layer>>]) {
    super()
    const [first] = layers
    const named = first && !(first instanceof Module)
    place(this, named ? first : Object.fromEntries(Object.entries(layers as readonly Layer[])))
  }

  override forward(x: Tensor): Tensor {
    return this.layers.reduce((value, layer) => layer.forward(value), x)
  }

  /** The layers in order. */
  get layers(): Layer[] {
    return this.children() as Layer[]
  }

  get length(): number {
    return this.layers.length
  }

  /** The layer at a position (negative from the end) or of a name. Throws ArgumentError when there is none. */
  at(position: number | string): Layer {
    return find(this, position) as Layer
  }

  /** Adds a layer at the end, named by its position. */
  append(layer: Layer): this {
    place(this, { [this.length]: layer })
    return this
  }

  override stateKey(field: string): string {
    return field
  }

  [Symbol.iterator](): Iterator<Layer> {
    return this.layers[Symbol.iterator]()
  }
}

function find(owner: AnyModule, position: number | string): AnyModule {
  const children = owner.namedChildren()
  const found =
    typeof position === 'number' ? children.at(position)?.[1] : children.find(([name]) => name === position)?.[1]
  if (found) return found
  const names = children.map(([name]) => name).join(', ')
  throw new ArgumentError(`${owner.constructor.name} has no module ${position}; it has ${names || 'none'}.`)
}

/**
 * An array of modules whose parameters are found; the owner calls them as it likes. A plain array as a field does the same.
 *
 * @example
 * import { nn, zeros } from 'cognitron'
 * const layers = new nn.ModuleList([new nn.Linear(2, 3), new nn.Linear(3, 1)])
 * let x = zeros([4, 2])
 * for (const layer of layers) x = layer.forward(x)
 * console.log(x.shape, layers.parameters().length) // [4, 1] 4
 */
export class ModuleList<M extends AnyModule = Layer> extends Module<never, never> {
  constructor(modules: readonly M[] = []) {
    super()
    place(this, Object.fromEntries(Object.entries(modules)))
  }

  /** Always throws: a list has no order of evaluation of its own. */
  override forward(): never {
    throw new ArgumentError('a ModuleList has no forward of its own; call its elements, or use Sequential.')
  }

  get length(): number {
    return this.children().length
  }

  /** The module at a position, negative from the end. Throws ArgumentError when there is none. */
  at(position: number): M {
    return find(this, position) as M
  }

  append(module: M): this {
    place(this, { [this.length]: module })
    return this
  }

  override stateKey(field: string): string {
    return field
  }

  [Symbol.iterator](): Iterator<M> {
    return (this.children() as unknown as M[])[Symbol.iterator]()
  }
}

/**
 * Modules by name whose parameters are found; the owner calls them as it likes.
 *
 * @example
 * import { nn, zeros } from 'cognitron'
 * const heads = new nn.ModuleDict({ age: new nn.Linear(8, 1), colour: new nn.Linear(8, 5) })
 * console.log(heads.keys(), heads.get('colour').forward(zeros([2, 8])).shape) // [age, colour] [2, 5]
 */
export class ModuleDict<M extends AnyModule = Layer> extends Module<never, never> {
  constructor(modules: Readonly<Record<string, M>> = {}) {
    super()
    place(this, modules)
  }

  /** Always throws: a dictionary has no order of evaluation of its own. */
  override forward(): never {
    throw new ArgumentError('a ModuleDict has no forward of its own; call its elements by name.')
  }

  /** The module of a name. Throws ArgumentError when there is none. */
  get(name: string): M {
    return find(this, name) as M
  }

  has(name: string): boolean {
    return this.keys().includes(name)
  }

  keys(): string[] {
    return this.namedChildren().map(([name]) => name)
  }

  override stateKey(field: string): string {
    return field
  }
}
