/** Tensors whose storage persists and may be assigned: parameters, running statistics, optimizer slots. */

import type { DType } from '../base/dtype.ts'
import { type TypedArray, toTypedArray } from '../base/dtype.ts'
import { ShapeError } from '../base/errors.ts'
import type { Node } from '../ir/node.ts'
import { broadcastTo, cast } from '../ir/operations.ts'
import { evaluate } from '../runtime/evaluate.ts'
import { Variable } from '../runtime/variable.ts'
import { formatShape, type Shape } from '../shape/shape.ts'
import { enrol, type GradientSink } from './gradient-sink.ts'
import { Tensor } from './tensor.ts'
import { currentTrace, observe } from './trace.ts'

/**
 * A tensor over a variable: it reads the latest assigned value.
 *
 * @example
 * import { compile, VariableTensor } from 'cognitron'
 * const count = new VariableTensor(new Float32Array(1), [1])
 * const step = compile(() => count.assign(count.add(1)))
 * await step()
 * await step()
 * console.log(await count.toArray()) // [2]
 */
export class VariableTensor extends Tensor {
  readonly variable: Variable

  /** Takes ownership of `data`, or of what it returns when the values are first needed. */
  constructor(data: TypedArray | (() => TypedArray), shape: Shape, dtype: DType = 'float32') {
    const variable = new Variable(shape, dtype, data)
    super(variable.leaf())
    this.variable = variable
  }

  /** Inside a compiled function what was assigned there so far; elsewhere the stored value. */
  override get node(): Node {
    const trace = currentTrace()
    if (trace) return trace.updates.get(this.variable) ?? this.variable.leaf()
    return this.variable.heldLeaf()
  }

  override get shape(): Shape {
    return this.variable.shape
  }

  override get dtype(): DType {
    return this.variable.dtype
  }

  /** Storage does not settle: it stays a variable. */
  protected override settle(): void {}

  /** Stores a value: at once, or inside a compiled function each time that runs. Throws ShapeError when it does not fit. */
  assign(value: Tensor): void {
    assignAll([[this, value]])
  }

  /** Replaces the stored values by a copy of `data`. Throws ShapeError when the number of values differs. */
  write(data: ArrayLike<number>): void {
    this.variable.write(toTypedArray(this.dtype, data))
  }

  /** As `write`, but `make` is called only when the values are needed. */
  writeLater(make: () => TypedArray): void {
    this.variable.writeLater(make)
  }
}

/**
 * Assigns several variables at once; every value is computed before any is stored.
 *
 * @example
 * import { assignAll, Parameter } from 'cognitron'
 * const [a, b] = [new Parameter(new Float32Array([1]), [1]), new Parameter(new Float32Array([2]), [1])]
 * assignAll([[a, b], [b, a]])
 * console.log(await a.toArray(), await b.toArray()) // [2] [1]
 */
export function assignAll(pairs: readonly (readonly [VariableTensor, Tensor])[]): void {
  const trace = currentTrace()
  const updates = pairs.map(([target, value]) => ({ target, value: valueFor(target, value) }))
  if (trace) {
    for (const { target, value } of updates) trace.updates.set(target.variable, value)
    return
  }
  const graphUpdates = updates.map(({ target, value }) => {
    const leaf = target.variable.leaf() as Node & { op: 'variable' }
    return { variable: leaf.attributes.variable, value }
  })
  evaluate({ outputs: [], updates: graphUpdates })
}

function valueFor(target: VariableTensor, value: Tensor): Node {
  const { shape, dtype } = target
  if (value.rank > shape.length || value.size > target.size) {
    throw new ShapeError(
      `a variable of shape ${formatShape(shape)} cannot take a value of shape ${formatShape(value.shape)}.`,
    )
  }
  return broadcastTo(cast(value.node, dtype), shape)
}

/**
 * A learned tensor: gradients gather in `grad`, optimizers update it.
 *
 * @example
 * import { Parameter } from 'cognitron'
 * const w = new Parameter(new Float32Array([3]), [1])
 * w.square().sum().backward()
 * console.log(await w.grad?.toArray()) // [6]
 */
export class Parameter extends VariableTensor implements GradientSink {
  /** ∂loss/∂parameter after `backward`; null before and after `zeroGrad`. */
  grad: Tensor | null = null
  #requiresGrad = true

  constructor(data: TypedArray | (() => TypedArray), shape: Shape) {
    super(data, shape, 'float32')
    enrol(this.variable, this)
  }

  receiveGradient(gradient: Node): void {
    // Gradients recorded inside a compiled function are nodes of its graph and end with it.
    if (!this.grad) currentTrace()?.cleanups.push(() => this.zeroGrad())
    this.grad = this.grad ? this.grad.add(new Tensor(gradient)) : new Tensor(gradient)
  }

  zeroGrad(): void {
    this.grad = null
  }

  /** False freezes the parameter: `backward` leaves it alone. */
  get requiresGrad(): boolean {
    return observe(() => this.#requiresGrad)
  }

  set requiresGrad(value: boolean) {
    this.#requiresGrad = value
  }
}
