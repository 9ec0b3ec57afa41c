/** Who wants the gradient of a variable; parameters enrol here so that `Tensor.backward` finds them without knowing the class. */
import type { Node } from '../ir/node.ts'
import type { Variable } from '../runtime/variable.ts'

export interface GradientSink {
  readonly requiresGrad: boolean
  /** What the parameter stands for at this point of a recording. */
  readonly node: Node
  /** Adds a gradient to what gathered so far. */
  receiveGradient(gradient: Node): void
}

const sinks = new WeakMap<Variable, GradientSink>()

export function enrol(variable: Variable, sink: GradientSink): void {
  sinks.set(variable, sink)
}

export function sinkOf(variable: Variable): GradientSink | undefined {
  return sinks.get(variable)
}
