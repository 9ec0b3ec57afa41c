/**
 * The tensor: a lazy handle on an expression. Operations record nodes; nothing is computed until `data` or `item` is awaited, or
 * until a compiled function runs. Families of larger operations (softmax, convolution, pooling) are functions in sibling files.
 */
import { type DType, type TypedArray, toTypedArray } from '../base/dtype.ts'
import { CognitronError, ShapeError } from '../base/errors.ts'
import { makeNode } from '../ir/build.ts'
import { topologicalOrder } from '../ir/graph.ts'
import type { Node } from '../ir/node.ts'
import { cast, detach, scalar } from '../ir/operations.ts'
import { evaluate } from '../runtime/evaluate.ts'
import { VariableVersion } from '../runtime/variable.ts'
import { elementCount, formatShape, type Shape } from '../shape/shape.ts'
import * as elementwise from './elementwise.ts'
import { type GradientSink, sinkOf } from './gradient-sink.ts'
import { gradientsOf, recall, remember } from './history.ts'
import { matmul } from './matmul.ts'
import * as movement from './movement.ts'
import type { ReductionOptions } from './reduction.ts'
import * as reduction from './reduction.ts'
import { currentTrace } from './trace.ts'

/** What an operation takes beside the tensor itself: another tensor, broadcast to fit, or a number. */
export type TensorLike = Tensor | number

type Axes = number | readonly number[]

const operand = (value: TensorLike): elementwise.Operand => (typeof value === 'number' ? value : value.node)

/**
 * Numbers in a box of any number of axes, or the expression that will compute them: operations record what is to be done, and reading
 * (`data`, `item`, `toArray`) does it. Shapes that do not fit throw ShapeError when the operation is recorded, element types
 * DTypeError.
 *
 * @example
 * import { tensor } from 'cognitron'
 * const x = tensor([[1, 2], [3, 4]])
 * console.log(x.shape, x.dtype) // [2, 2] float32
 * console.log(await x.mul(10).sum(1).toArray()) // [30, 70]
 */
export class Tensor {
  #node: Node

  /** Wraps an expression; use `tensor`, `zeros` and their like to make tensors from values. */
  constructor(node: Node) {
    this.#node = node
  }

  /** The expression behind this tensor. */
  get node(): Node {
    return this.#node
  }

  /** The sizes of the axes, outermost first. */
  get shape(): Shape {
    return this.node.shape
  }

  get dtype(): DType {
    return this.node.dtype
  }

  /** How many axes the tensor has. */
  get rank(): number {
    return this.shape.length
  }

  /** How many elements the tensor holds. */
  get size(): number {
    return elementCount(this.shape)
  }

  /** The elements in row-major order; computes them if need be. Throws inside a compiled function, where no values exist yet. */
  async data(): Promise<TypedArray> {
    return this.values()
  }

  /** As `data`, but at once where the backend can; for code of the library that must not wait. */
  values(): TypedArray | Promise<TypedArray> {
    const { node } = this
    if (node.op === 'input' && node.attributes.source.data) return node.attributes.source.data
    if (currentTrace()) {
      throw new CognitronError(
        'the values of a tensor were asked for inside a compiled function; return the tensor and read it outside.',
      )
    }
    const keep = ([data]: readonly TypedArray[]): TypedArray => {
      this.settle(node, data as TypedArray)
      return data as TypedArray
    }
    const results = evaluate({ outputs: [node], updates: [] })
    return results instanceof Promise ? results.then(keep) : keep(results)
  }

  /** The only element as a number. Throws ShapeError when there is not exactly one. */
  async item(): Promise<number> {
    if (this.size !== 1) {
      throw new ShapeError(`item() reads a tensor of one element, given shape ${formatShape(this.shape)}; use data().`)
    }
    return (await this.data())[0] as number
  }

  /** The elements as nested arrays; a number for rank 0. */
  async toArray(): Promise<NestedNumbers> {
    return nest(await this.data(), this.shape)
  }

  /**
   * Adds ∂this/∂p to `p.grad` for every parameter p that this tensor depends on and that is not frozen.
   * `gradient` is the upstream gradient; it may be left out for a tensor of one element.
   * Throws ShapeError when it is needed and missing, or of another shape.
   */
  backward(gradient?: Tensor): void {
    if (!gradient && this.size !== 1) {
      throw new ShapeError(
        `backward() starts from a tensor of one element, given shape ${formatShape(this.shape)}; reduce it with sum() or ` +
          'mean(), or pass the upstream gradient.',
      )
    }
    const { output, values } = recall(this.node)
    const targets = parametersOf(output)
    const found = gradientsOf({ output, targets: targets.map(({ node }) => node), values }, gradient?.node)
    targets.forEach(({ sink }, index) => {
      const received = found[index]
      if (received) sink.receiveGradient(received)
    })
  }

  /** The same values as a constant for differentiation: no gradient flows through to what they come from. */
  detach(): Tensor {
    return new Tensor(detach(this.node))
  }

  /** Keeps computed values so that later uses do not compute them again; gradients still find what they were computed from. */
  protected settle(node: Node, data: TypedArray): void {
    if (this.#node !== node) return
    this.#node = makeNode('input', [], { source: { data }, shape: node.shape, dtype: node.dtype })
    remember(this.#node, node)
  }

  // Arithmetic; shapes broadcast, mixed element types promote to the wider one.

  add(other: TensorLike): Tensor {
    return new Tensor(elementwise.arithmetic('add', this.node, operand(other)))
  }
  sub(other: TensorLike): Tensor {
    return new Tensor(elementwise.arithmetic('sub', this.node, operand(other)))
  }
  mul(other: TensorLike): Tensor {
    return new Tensor(elementwise.arithmetic('mul', this.node, operand(other)))
  }
  /** True division, in float32. */
  div(other: TensorLike): Tensor {
    return new Tensor(elementwise.floatBinary('div', this.node, operand(other)))
  }
  /** Division rounded down. */
  floorDivide(other: TensorLike): Tensor {
    const a = elementwise.arithmetic('sub', this.node, elementwise.arithmetic('mod', this.node, operand(other)))
    return new Tensor(elementwise.arithmetic('div', a, operand(other)))
  }
  /** The remainder with the sign of the divisor. */
  remainder(other: TensorLike): Tensor {
    return new Tensor(elementwise.arithmetic('mod', this.node, operand(other)))
  }
  pow(exponent: TensorLike): Tensor {
    if (exponent === 2) return this.square()
    return new Tensor(elementwise.floatBinary('pow', this.node, operand(exponent)))
  }
  maximum(other: TensorLike): Tensor {
    return new Tensor(elementwise.arithmetic('max', this.node, operand(other)))
  }
  minimum(other: TensorLike): Tensor {
    return new Tensor(elementwise.arithmetic('min', this.node, operand(other)))
  }

  neg(): Tensor {
    return new Tensor(elementwise.numericUnary('neg', this.node))
  }
  abs(): Tensor {
    return new Tensor(elementwise.numericUnary('abs', this.node))
  }
  square(): Tensor {
    return this.mul(this)
  }
  reciprocal(): Tensor {
    return new Tensor(elementwise.floatBinary('div', 1, this.node))
  }
  exp(): Tensor {
    return new Tensor(elementwise.floatUnary('exp', this.node))
  }
  log(): Tensor {
    return new Tensor(elementwise.floatUnary('log', this.node))
  }
  sqrt(): Tensor {
    return new Tensor(elementwise.floatUnary('sqrt', this.node))
  }
  rsqrt(): Tensor {
    return this.sqrt().reciprocal()
  }
  sin(): Tensor {
    return new Tensor(elementwise.floatUnary('sin', this.node))
  }
  cos(): Tensor {
    return new Tensor(elementwise.floatUnary('cos', this.node))
  }
  tanh(): Tensor {
    return new Tensor(elementwise.floatUnary('tanh', this.node))
  }
  /** 1 / (1 + e⁻ˣ), without overflow for any x. */
  sigmoid(): Tensor {
    return new Tensor(elementwise.floatUnary('sigmoid', this.node))
  }
  erf(): Tensor {
    return new Tensor(elementwise.floatUnary('erf', this.node))
  }
  floor(): Tensor {
    return new Tensor(elementwise.floatUnary('floor', this.node))
  }
  ceil(): Tensor {
    return this.neg().floor().neg()
  }
  /** To the nearest whole number, halves to the even one. */
  round(): Tensor {
    return new Tensor(elementwise.floatUnary('round', this.node))
  }
  /** −1, 0 or 1. */
  sign(): Tensor {
    const zero = scalar(0, [], this.dtype)
    return new Tensor(elementwise.where(this.gt(0).node, 1, elementwise.where(this.lt(0).node, -1, zero))).to(
      this.dtype,
    )
  }
  /** max(x, 0); NaN stays NaN. */
  relu(): Tensor {
    return new Tensor(elementwise.where(this.le(0).node, scalar(0, [], this.dtype), this.node))
  }
  /** Limits every element to [min, max]; an absent bound does not limit. */
  clamp(min?: number, max?: number): Tensor {
    let result: Tensor = this
    if (min !== undefined) result = where(result.lt(min), min, result)
    if (max !== undefined) result = where(result.gt(max), max, result)
    return result
  }

  // Comparison; the results are bool.

  eq(other: TensorLike): Tensor {
    return new Tensor(elementwise.comparison('equal', this.node, operand(other)))
  }
  ne(other: TensorLike): Tensor {
    return this.eq(other).logicalNot()
  }
  lt(other: TensorLike): Tensor {
    return new Tensor(elementwise.comparison('less', this.node, operand(other)))
  }
  le(other: TensorLike): Tensor {
    return new Tensor(elementwise.comparison('lessEqual', this.node, operand(other)))
  }
  gt(other: TensorLike): Tensor {
    return new Tensor(elementwise.comparison('less', operand(other), this.node))
  }
  ge(other: TensorLike): Tensor {
    return new Tensor(elementwise.comparison('lessEqual', operand(other), this.node))
  }
  isNaN(): Tensor {
    return this.ne(this)
  }
  logicalNot(): Tensor {
    return new Tensor(elementwise.not(this.node))
  }
  logicalAnd(other: TensorLike): Tensor {
    return new Tensor(elementwise.logical('and', this.node, operand(other)))
  }
  logicalOr(other: TensorLike): Tensor {
    return new Tensor(elementwise.logical('or', this.node, operand(other)))
  }

  /** The tensor with another element type. */
  to(dtype: DType): Tensor {
    return this.wrap(cast(this.node, dtype))
  }

  // Reductions over `axes`, all when absent.

  sum(axes?: Axes, options?: ReductionOptions): Tensor {
    return new Tensor(reduction.reduce('reduceSum', this.node, axes, options))
  }
  mean(axes?: Axes, options?: ReductionOptions): Tensor {
    return new Tensor(reduction.mean(this.node, axes, options))
  }
  /** Mean squared distance from the mean, divisor count − correction (default 1, as PyTorch). */
  var(axes?: Axes, options: ReductionOptions & { correction?: number } = {}): Tensor {
    return new Tensor(reduction.variance(this.node, axes, options.correction ?? 1, options))
  }
  std(axes?: Axes, options: ReductionOptions & { correction?: number } = {}): Tensor {
    return this.var(axes, options).sqrt()
  }
  max(axes?: Axes, options?: ReductionOptions): Tensor {
    return new Tensor(reduction.reduce('reduceMax', this.node, axes, options))
  }
  min(axes?: Axes, options?: ReductionOptions): Tensor {
    return new Tensor(reduction.reduce('reduceMin', this.node, axes, options))
  }
  prod(axes?: Axes, options?: ReductionOptions): Tensor {
    return new Tensor(reduction.reduce('reduceProduct', this.node, axes, options))
  }
  argmax(axis = -1, options?: ReductionOptions): Tensor {
    return new Tensor(reduction.argmax(this.node, axis, options))
  }
  argmin(axis = -1, options?: ReductionOptions): Tensor {
    return new Tensor(reduction.argmax(this.neg().node, axis, options))
  }

  // Movement.

  reshape(...shape: number[]): Tensor {
    return this.wrap(movement.reshape(this.node, shape))
  }
  /** Merges axes `from` … `to` into one. */
  flatten(from = 0, to = -1): Tensor {
    return this.wrap(movement.flatten(this.node, from, to))
  }
  squeeze(axes?: Axes): Tensor {
    return this.wrap(movement.squeeze(this.node, axes))
  }
  unsqueeze(axis: number): Tensor {
    return this.wrap(movement.unsqueeze(this.node, axis))
  }
  permute(...order: number[]): Tensor {
    return this.wrap(movement.permute(this.node, order))
  }
  /** Exchanges two axes. */
  transpose(axis0: number, axis1: number): Tensor {
    return this.wrap(movement.swapAxes(this.node, axis0, axis1))
  }
  /** The last two axes exchanged. */
  get mT(): Tensor {
    return this.transpose(-2, -1)
  }
  expand(...shape: number[]): Tensor {
    return this.wrap(movement.expand(this.node, shape))
  }
  flip(axes: Axes): Tensor {
    return this.wrap(movement.flip(this.node, axes))
  }
  /** A border of `value`; `padding` is [before, after] for each axis, negative numbers crop. */
  pad(padding: readonly (readonly [number, number])[], value = 0): Tensor {
    return this.wrap(movement.pad(this.node, padding, value))
  }
  /** Elements `start` ≤ i < `stop` of an axis, in steps, with Python's negative indices. */
  slice(axis: number, start?: number, stop?: number, step?: number): Tensor {
    return this.wrap(movement.slice(this.node, axis, start, stop, step))
  }

  /** Matrix product with NumPy's rules for vectors and batches. */
  matmul(other: Tensor): Tensor {
    return new Tensor(matmul(this.node, other.node))
  }

  private wrap(node: Node): Tensor {
    return node === this.node ? this : new Tensor(node)
  }
}

/**
 * condition ? a : b element by element, all three broadcast together.
 *
 * @example
 * import { tensor, where } from 'cognitron'
 * const x = tensor([-1, 2])
 * console.log(await where(x.gt(0), x, 0).toArray()) // [0, 2]
 */
export function where(condition: Tensor, a: TensorLike, b: TensorLike): Tensor {
  return new Tensor(elementwise.where(condition.node, operand(a), operand(b)))
}

/**
 * Joins tensors along an existing axis.
 *
 * @example
 * import { concat, tensor } from 'cognitron'
 * console.log(await concat([tensor([1, 2]), tensor([3])]).toArray()) // [1, 2, 3]
 */
export function concat(tensors: readonly Tensor[], axis = 0): Tensor {
  return new Tensor(
    movement.concat(
      tensors.map((each) => each.node),
      axis,
    ),
  )
}

/**
 * Joins tensors of one shape along a new axis.
 *
 * @example
 * import { stack, tensor } from 'cognitron'
 * console.log(await stack([tensor([1, 2]), tensor([3, 4])], 1).toArray()) // [[1, 3], [2, 4]]
 */
export function stack(tensors: readonly Tensor[], axis = 0): Tensor {
  return concat(
    tensors.map((each) => each.unsqueeze(axis)),
    axis,
  )
}

/** Numbers in nested arrays, as deep as the tensor has axes. */
export type NestedNumbers = number | readonly NestedNumbers[]

/**
 * The nodes that stand for parameters which are not frozen: where one was assigned during a recording its value of now, else
 * wherever it is read, also as it was before an update.
 */
function parametersOf(output: Node): { sink: GradientSink; node: Node }[] {
  const targets = new Map<Node, GradientSink>()
  for (const node of topologicalOrder([output])) {
    if (node.op !== 'variable' || !(node.attributes.variable instanceof VariableVersion)) continue
    const sink = sinkOf(node.attributes.variable.variable)
    if (!sink?.requiresGrad) continue
    const present = sink.node
    targets.set(present.op === 'variable' ? node : present, sink)
  }
  return [...targets].map(([node, sink]) => ({ sink, node }))
}

function nest(data: TypedArray, shape: Shape): NestedNumbers {
  const build = (axis: number, offset: number, stride: number): NestedNumbers => {
    if (axis === shape.length) return data[offset] as number
    const size = shape[axis] as number
    const inner = stride / Math.max(1, size)
    return Array.from({ length: size }, (_, index) => build(axis + 1, offset + index * inner, inner))
  }
  return build(0, 0, data.length)
}

/**
 * A tensor that holds `data` itself: it is not copied and must not change afterwards.
 *
 * @example
 * import { fromTypedArray } from 'cognitron'
 * console.log(await fromTypedArray(new Float32Array([1, 2, 3, 4]), [2, 2], 'float32').toArray()) // [[1, 2], [3, 4]]
 */
export function fromTypedArray(data: TypedArray, shape: Shape, dtype: DType): Tensor {
  return new Tensor(makeNode('input', [], { source: { data }, shape, dtype }))
}

export interface TensorOptions {
  /** Default: the nesting of the values. */
  readonly shape?: Shape
  /** Default: that of a typed array, else float32. */
  readonly dtype?: DType
}

/**
 * A tensor from numbers, nested arrays or a typed array, which is copied. Throws ShapeError for ragged arrays and when the number
 * of values does not fit `shape`.
 *
 * @example
 * import { tensor } from 'cognitron'
 * const x = tensor([[1, 2, 3], [4, 5, 6]])
 * console.log(x.shape, await x.sum(0).toArray()) // [2, 3] [5, 7, 9]
 */
export function tensor(values: NestedNumbers | TypedArray, options: TensorOptions = {}): Tensor {
  const typed = ArrayBuffer.isView(values)
  const flat = typed ? values : flattenNested(values)
  const dtype = options.dtype ?? (typed ? dtypeOf(values) : 'float32')
  const shape = options.shape ?? (typed ? [values.length] : nestedShape(values))
  if (elementCount(shape) !== flat.length) {
    throw new ShapeError(`shape ${formatShape(shape)} needs ${elementCount(shape)} values, given ${flat.length}.`)
  }
  return fromTypedArray(toTypedArray(dtype, flat), shape, dtype)
}

function dtypeOf(data: TypedArray): DType {
  if (data instanceof Float32Array) return 'float32'
  return data instanceof Int32Array ? 'int32' : 'uint8'
}

function nestedShape(values: NestedNumbers): number[] {
  if (typeof values === 'number') return []
  const inner = values.map(nestedShape)
  const first = inner[0] ?? []
  const odd = inner.find((shape) => formatShape(shape) !== formatShape(first))
  if (odd) {
    throw new ShapeError(
      `nested arrays must be regular: one part has shape ${formatShape(first)}, another ${formatShape(odd)}.`,
    )
  }
  return [values.length, ...first]
}

function flattenNested(values: NestedNumbers): number[] {
  const flat: number[] = []
  const visit = (value: NestedNumbers): void => {
    if (typeof value === 'number') flat.push(value)
    else for (const inner of value) visit(inner)
  }
  visit(values)
  return flat
}
