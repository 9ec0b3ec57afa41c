/**
 * Recognises operations that ONNX has and that are composed here. A template is the tensor function itself, applied to holes of the
 * shape of the candidate: where both graphs are equal, the candidate is that operation, whatever it is composed of. Numbers such as
 * a slope or an epsilon are found by marks that stand in for them.
 */
import { at, product, range, sameNumbers } from '../../../base/arrays.ts'
import { makeNode } from '../../../ir/build.ts'
import type { Node, PrimitiveName } from '../../../ir/node.ts'
import { isDetached } from '../../../ir/operations.ts'
import type { Shape } from '../../../shape/shape.ts'
import * as functional from '../../../tensor/functional.ts'
import { Tensor, VariableTensor } from '../../../tensor/index.ts'
import type { Attributes } from './graph-builder.ts'
import type { ExportPlan } from './plan.ts'

/** Numbers that no network uses; each stands for a setting that is read off the candidate. */
const FIRST = 0.12345678901
const SECOND = 0.87654321098

interface Template {
  readonly operator: string
  /** The last primitive of the composition, so that most candidates are passed over at once. */
  readonly root: PrimitiveName
  /** The shapes of the holes for a candidate of shape `shape`; undefined where the operation has no such result. */
  readonly holes: (shape: Shape) => readonly Shape[] | undefined
  readonly build: (holes: readonly Tensor[]) => Tensor
  readonly attributes?: (marks: Marks) => Attributes
  /** Limits and the like that ONNX takes as inputs, after the holes. */
  readonly scalars?: (marks: Marks) => readonly (number | undefined)[]
}

/** The numbers found for the two marks. */
interface Marks {
  readonly first: number
  readonly second: number
}

const same = (shape: Shape): readonly Shape[] => [shape]
const hole = (index: number, holes: readonly Tensor[]): Tensor => at(holes, index)

const activation = (
  operator: string,
  root: PrimitiveName,
  build: (x: Tensor) => Tensor,
  attributes?: Template['attributes'],
): Template => ({
  operator,
  root,
  holes: same,
  build: (holes) => build(hole(0, holes)),
  ...(attributes ? { attributes } : {}),
})

const activations: readonly Template[] = [
  activation('Relu', 'where', (x) => x.relu()),
  activation(
    'LeakyRelu',
    'where',
    (x) => functional.leakyRelu(x, FIRST),
    ({ first }) => ({ alpha: { float: first } }),
  ),
  activation(
    'Elu',
    'where',
    (x) => functional.elu(x, FIRST),
    ({ first }) => ({ alpha: { float: first } }),
  ),
  activation('Selu', 'mul', (x) => functional.selu(x)),
  activation('Softplus', 'where', (x) => functional.softplus(x)),
  activation('Softsign', 'div', (x) => functional.softsign(x)),
  activation('Mish', 'mul', (x) => functional.mish(x)),
  activation('HardSwish', 'mul', (x) => functional.hardswish(x)),
  activation(
    'HardSigmoid',
    'mul',
    (x) => functional.hardsigmoid(x),
    () => ({ alpha: { float: 1 / 6 }, beta: { float: 0.5 } }),
  ),
  {
    operator: 'Clip',
    root: 'where',
    holes: same,
    build: (holes) => hole(0, holes).clamp(FIRST, SECOND),
    scalars: ({ first, second }) => [first, second],
  },
]

/** One template for each axis of the candidate. */
const alongAxis = (
  operator: string,
  root: PrimitiveName,
  build: (x: Tensor, axis: number) => Tensor,
  rank: number,
): Template[] =>
  range(rank).map((axis) => ({
    operator,
    root,
    holes: same,
    build: (holes) => build(hole(0, holes), axis),
    attributes: () => ({ axis }),
  }))

const imageOf = (shape: Shape): boolean => shape.length >= 2 && product(shape) > 0

/** The holes of normalisation by channel: the input, then `vectors` of one number per channel. */
const byChannel =
  (vectors: number): Template['holes'] =>
  (shape) =>
    imageOf(shape) ? [shape, ...range(vectors).map(() => [at(shape, 1)])] : undefined

const batchNormalization: Template = {
  operator: 'BatchNormalization',
  root: 'add',
  holes: byChannel(4),
  build: ([x, weight, bias, runningMean, runningVar]) =>
    functional.batchNorm(x as Tensor, {
      weight: weight as Tensor,
      bias: bias as Tensor,
      runningMean: runningMean as VariableTensor,
      runningVar: runningVar as VariableTensor,
      training: false,
      eps: FIRST,
    }),
  attributes: ({ first }) => ({ epsilon: { float: first } }),
}

const instanceNormalization: Template = {
  operator: 'InstanceNormalization',
  root: 'add',
  holes: (shape) => (shape.length > 2 && product(shape.slice(2)) > 1 ? byChannel(2)(shape) : undefined),
  build: ([x, weight, bias]) =>
    functional.instanceNorm(x as Tensor, { weight: weight as Tensor, bias: bias as Tensor, eps: FIRST }),
  attributes: ({ first }) => ({ epsilon: { float: first } }),
}

const layerNormalizations = (rank: number): Template[] =>
  range(rank).map((axis) => ({
    operator: 'LayerNormalization',
    root: 'add',
    holes: (shape) => [shape, shape.slice(axis), shape.slice(axis)],
    build: ([x, weight, bias]) =>
      functional.layerNorm(x as Tensor, (weight as Tensor).shape, {
        weight: weight as Tensor,
        bias: bias as Tensor,
        eps: FIRST,
      }),
    attributes: ({ first }) => ({ axis: axis - rank, epsilon: { float: first } }),
  }))

const templatesByRank = new Map<number, readonly Template[]>()

function templatesFor(rank: number): readonly Template[] {
  const known = templatesByRank.get(rank)
  if (known) return known
  const templates = [
    ...activations,
    ...alongAxis('Softmax', 'div', functional.softmax, rank),
    ...alongAxis('LogSoftmax', 'sub', functional.logSoftmax, rank),
    batchNormalization,
    instanceNormalization,
    ...layerNormalizations(rank),
  ]
  templatesByRank.set(rank, templates)
  return templates
}

/** The operation that `node` is the result of, if a template is equal to its graph. */
export function recognized(node: Node): ExportPlan | undefined {
  if (node.dtype !== 'float32') return undefined
  for (const template of templatesFor(node.shape.length)) {
    if (template.root !== node.op) continue
    const shapes = template.holes(node.shape)
    const plan = shapes && planOf(template, shapes, node)
    if (plan) return plan
  }
  return undefined
}

function makeHole(shape: Shape, index: number): Tensor {
  // Statistics must be variables; the first hole is what flows through the network.
  if (index > 0) return new VariableTensor(new Float32Array(product(shape)), shape)
  return new Tensor(makeNode('input', [], { source: {}, shape, dtype: 'float32' }))
}

function planOf(template: Template, shapes: readonly Shape[], node: Node): ExportPlan | undefined {
  const holes = shapes.map(makeHole)
  const match = new Match(holes.map((each) => each.node))
  if (!match.equal(template.build(holes).node, node)) return undefined
  const inputs = match.bound
  if (inputs.some((input) => input === undefined)) return undefined
  const marks = { first: match.numbers.get(FIRST) ?? 0, second: match.numbers.get(SECOND) ?? 0 }
  const { operator, scalars, attributes } = template
  return {
    inputs: inputs as Node[],
    emit: (graph, names) => {
      const limits = scalars?.(marks).map((value) => (value === undefined ? '' : graph.scalar(value, 'float32'))) ?? []
      return graph.add(operator, [...names, ...limits], attributes?.(marks) ?? {})
    },
  }
}

/** Compares a template with a candidate, node by node, and keeps what its holes and marks stand for. */
class Match {
  readonly bound: (Node | undefined)[]
  readonly numbers = new Map<number, number>()
  readonly #holes: readonly Node[]
  readonly #equal = new Map<Node, Node>()

  constructor(holes: readonly Node[]) {
    this.#holes = holes
    this.bound = holes.map(() => undefined)
  }

  equal(template: Node, node: Node): boolean {
    if (this.#equal.get(template) === node) return true
    const result = this.#compare(template, node)
    if (result) this.#equal.set(template, node)
    return result
  }

  #compare(template: Node, node: Node): boolean {
    if (!sameNumbers(template.shape, node.shape) || template.dtype !== node.dtype) return false
    const hole = this.#holes.indexOf(template)
    if (hole >= 0) {
      this.bound[hole] ??= node
      return this.bound[hole] === node
    }
    if (template.op !== node.op || isDetached(template) !== isDetached(node)) return false
    if (template.op === 'constant' && node.op === 'constant') {
      return this.#sameNumber(template.attributes.value, node.attributes.value)
    }
    if (template.inputs.length !== node.inputs.length || template.inputs.length === 0) return false
    if (JSON.stringify(template.attributes) !== JSON.stringify(node.attributes)) return false
    return template.inputs.every((input, index) => this.equal(input, at(node.inputs, index)))
  }

  #sameNumber(mark: number, value: number): boolean {
    if (mark !== FIRST && mark !== SECOND) return Object.is(mark, value)
    const known = this.numbers.get(mark)
    this.numbers.set(mark, known ?? value)
    return known === undefined || known === value
  }
}
