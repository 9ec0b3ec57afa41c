/**
 * Variables: storage that persists on a backend between programs. Graph nodes refer to a *version* of a variable, so that an
 * expression built before an update still means the old value: a version that an unfinished expression may hold is copied to the
 * host when it is overwritten. The buffer is freed with the variable by a finaliser.
 */
import { checkArrayType, type DType, type TypedArray } from '../base/dtype.ts'
import { CognitronError, ShapeError } from '../base/errors.ts'
import { makeNode } from '../ir/build.ts'
import type { Node, VariableRef } from '../ir/node.ts'
import { elementCount, formatShape, type Shape } from '../shape/shape.ts'
import type { Backend, Buffer } from './backend.ts'
import { getBackend } from './device.ts'

const releaseBuffer = new FinalizationRegistry<Buffer>((buffer) => buffer.release())
let nextVersionId = 0

/** What graph nodes refer to: the content of a variable between two updates. */
export class VariableVersion implements VariableRef {
  readonly id = nextVersionId++
  readonly variable: Variable
  /** True once an expression outside a compiled function may read this version later. */
  held = false
  /** The content, once the variable moved on while the version was held. */
  snapshot: TypedArray | Promise<TypedArray> | undefined

  constructor(variable: Variable) {
    this.variable = variable
  }

  /** What the variable held, or holds, in this version. */
  content(): TypedArray | Promise<TypedArray> {
    return this.snapshot ?? this.variable.read()
  }

  get shape(): Shape {
    return this.variable.shape
  }

  get dtype(): DType {
    return this.variable.dtype
  }
}

export class Variable {
  readonly shape: Shape
  readonly dtype: DType
  /** The content until a backend holds it; as a function, until somebody needs it. */
  #initial: TypedArray | (() => TypedArray) | undefined
  #buffer: Buffer | undefined
  #backend: Backend | undefined
  #version = new VariableVersion(this)
  #leaf: Node | undefined
  #heldLeaf: Node | undefined

  /**
   * Takes ownership of `data`, or of what `data` returns; it is called at most once, and not at all when the variable is written
   * first, so that large networks are described and loaded without drawing weights. Throws ShapeError when the length is wrong.
   */
  constructor(shape: Shape, dtype: DType, data: TypedArray | (() => TypedArray)) {
    this.shape = shape
    this.dtype = dtype
    this.#initial = typeof data === 'function' ? data : this.#checked(data)
  }

  #checked(data: TypedArray): TypedArray {
    checkLength(this.shape, data)
    checkArrayType(this.dtype, data, 'a variable')
    return data
  }

  #initialData(): TypedArray | undefined {
    if (typeof this.#initial === 'function') this.#initial = this.#checked(this.#initial())
    return this.#initial
  }

  /** The node by which a compiled function reads whatever the variable holds when it runs. */
  leaf(): Node {
    this.#leaf ??= makeNode('variable', [], { variable: this.#version })
    return this.#leaf
  }

  /** The node that reads the present content, also when it is evaluated after later updates. */
  heldLeaf(): Node {
    this.#version.held = true
    this.#heldLeaf ??= makeNode('variable', [], { variable: this.#version })
    return this.#heldLeaf
  }

  /**
   * The storage on the backend in force: made on first use, moved when another backend was installed since. Throws CognitronError
   * when the old backend cannot hand the content over at once.
   */
  buffer(): Buffer {
    const backend = getBackend()
    if (this.#buffer && this.#backend === backend) return this.#buffer
    const content = this.#initialData() ?? this.#buffer?.read()
    if (!content || content instanceof Promise) {
      throw new CognitronError('a parameter lives on another backend; install the backend before the network is used.')
    }
    this.#releaseBuffer()
    this.#backend = backend
    this.#buffer = backend.createBuffer(this.dtype, content)
    this.#initial = undefined
    releaseBuffer.register(this, this.#buffer, this)
    return this.#buffer
  }

  #releaseBuffer(): void {
    if (!this.#buffer) return
    releaseBuffer.unregister(this)
    this.#buffer.release()
    this.#buffer = undefined
  }

  /** Must be called before a program overwrites the buffer: keeps the old content for expressions that hold it. */
  beginUpdate(): void {
    if (!this.#version.held) return
    this.#version.snapshot = this.read()
    this.#version = new VariableVersion(this)
    this.#leaf = undefined
    this.#heldLeaf = undefined
  }

  /** A copy of the content. */
  read(): TypedArray | Promise<TypedArray> {
    return this.#initialData()?.slice() ?? (this.#buffer ?? this.buffer()).read()
  }

  /** Replaces the content by a copy of `data`. Throws ShapeError when the length differs. */
  write(data: TypedArray): void {
    this.#checked(data)
    this.beginUpdate()
    if (this.#initial) this.#initial = data.slice()
    else this.buffer().write(data)
  }

  /** As `write`, but `make` is called only when the values are needed. */
  writeLater(make: () => TypedArray): void {
    this.beginUpdate()
    if (this.#initial) this.#initial = make
    else this.buffer().write(this.#checked(make()))
  }
}

function checkLength(shape: Shape, data: TypedArray): void {
  if (data.length === elementCount(shape)) return
  throw new ShapeError(`shape ${formatShape(shape)} needs ${elementCount(shape)} values, given ${data.length}.`)
}
