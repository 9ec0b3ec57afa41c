/** The double-precision interpreter: a backend, and direct evaluation of graphs. */
export { InterpreterBackend } from './backend.ts'
export { type Bindings, type Evaluation, evaluate, evaluateNode } from './evaluate.ts'
export type { BoundLeaf, LeafValues } from './rule.ts'
