/**
 * The interpreter as a backend. Buffers stay in double precision between programs, so a chain of optimizer steps is never
 * rounded; only what is read by people or handed back by a program becomes the typed array of its element type.
 */
import { at } from '../../base/arrays.ts'
import { type DType, type TypedArray, toTypedArray } from '../../base/dtype.ts'
import { invariant } from '../../base/errors.ts'
import { multiplyAdds } from '../../ir/cost.ts'
import { graphLeaves, graphRoots, topologicalOrder } from '../../ir/graph.ts'
import type { Graph } from '../../ir/node.ts'
import type { Backend, Buffer, Executable } from '../../runtime/backend.ts'
import { evaluate } from './evaluate.ts'

class DoubleBuffer implements Buffer {
  readonly dtype: DType
  readonly length: number
  /** Replaced as a whole, never changed in place. */
  values: Float64Array

  constructor(dtype: DType, values: ArrayLike<number>) {
    this.dtype = dtype
    this.length = values.length
    this.values = new Float64Array(values)
  }

  read(): TypedArray {
    return toTypedArray(this.dtype, this.values)
  }

  write(data: TypedArray): void {
    invariant(data.length === this.length, `${data.length} values written to a buffer of ${this.length}`)
    this.values = new Float64Array(data)
  }

  release(): void {
    this.values = new Float64Array(0)
  }
}

/**
 * Runs programs node by node in double precision; for checks and small networks, not for speed.
 *
 * @example
 * import { setBackend } from 'cognitron'
 * import { InterpreterBackend } from 'cognitron/backends/interpreter'
 * setBackend(new InterpreterBackend())
 */
export class InterpreterBackend implements Backend {
  readonly name = 'interpreter'

  createBuffer(dtype: DType, data: TypedArray): Buffer {
    return new DoubleBuffer(dtype, data)
  }

  compile(graph: Graph): Executable {
    const start = performance.now()
    const order = topologicalOrder(graphRoots(graph))
    const { variables } = graphLeaves(graph, order)
    const targets = graph.updates.map((update) => variables.indexOf(update.variable))
    const statistics = {
      kernels: order.length,
      arenaBytes: 0,
      moduleBytes: 0,
      multiplyAdds: order.reduce((sum, node) => sum + multiplyAdds(node), 0),
      compileMs: performance.now() - start,
    }
    const run = (inputs: readonly TypedArray[], buffers: readonly Buffer[]): TypedArray[] => {
      const owned = buffers.map(ownBuffer)
      const { outputs, updates } = evaluate(graph, { inputs, variables: owned.map((buffer) => buffer.values) })
      updates.forEach((value, index) => {
        at(owned, at(targets, index)).values = value
      })
      return outputs.map((value, index) => toTypedArray(at(graph.outputs, index).dtype, value))
    }
    return { statistics, run, release() {} }
  }
}

function ownBuffer(buffer: Buffer): DoubleBuffer {
  invariant(buffer instanceof DoubleBuffer, 'a buffer of another backend was given to the interpreter')
  return buffer
}
