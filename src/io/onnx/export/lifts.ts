/** Pairs of primitives that are one operator in ONNX: a convolution and its bias, a product and its bias, a sum and its divisor. */
import { at, product, sameNumbers } from '../../../base/arrays.ts'
import type { Node } from '../../../ir/node.ts'
import { constantValue } from '../../../ir/operations.ts'
import { type ExportPlan, withoutRepeats } from './plan.ts'
import { convAttributes, convTransposeAttributes, pooled, reshapeTo } from './primitive-rules.ts'

type Lift = (node: Node, uses: ReadonlyMap<Node, number>) => ExportPlan | undefined

/** Both operands of a commutative node, either way round. */
function eitherWay(
  node: Node,
  op: Node['op'],
  attempt: (a: Node, b: Node) => ExportPlan | undefined,
): ExportPlan | undefined {
  if (node.op !== op) return undefined
  const [a, b] = [at(node.inputs, 0), at(node.inputs, 1)]
  return attempt(a, b) ?? attempt(b, a)
}

/** The vector that a bias [1, n, 1, …] was made of. */
function channelVector(node: Node): Node | undefined {
  const aligned = node.op === 'broadcast' ? at(node.inputs, 0) : node
  if (aligned.op !== 'reshape' || !aligned.shape.every((size, axis) => axis === 1 || size === 1)) return undefined
  const source = at(aligned.inputs, 0)
  return source.shape.length === 1 && source.shape[0] === aligned.shape[1] ? source : undefined
}

const convolutionAndBias: Lift = (node, uses) =>
  eitherWay(node, 'add', (conv, bias) => {
    const vector = channelVector(bias)
    if (!vector || uses.get(conv) !== 1 || (conv.op !== 'conv' && conv.op !== 'convInputGrad')) return undefined
    const [operator, attributes] =
      conv.op === 'conv'
        ? (['Conv', convAttributes(conv)] as const)
        : (['ConvTranspose', convTransposeAttributes(conv)] as const)
    return {
      inputs: [...conv.inputs, vector],
      emit: (graph, names) => graph.add(operator, names, attributes),
    }
  })

const productAndBias: Lift = (node, uses) =>
  eitherWay(node, 'add', (matrices, repeated) => {
    const bias = withoutRepeats(repeated)
    const right = matrices.inputs[1]
    const isVector = bias.shape.length === 1 && bias.shape[0] === node.shape[1]
    if (matrices.op !== 'matmul' || !right || node.shape.length !== 2 || !isVector || uses.get(matrices) !== 1)
      return undefined
    const turned = right.op === 'transpose'
    return {
      inputs: [at(matrices.inputs, 0), turned ? at(right.inputs, 0) : right, bias],
      emit: (graph, names) => graph.add('Gemm', names, { transB: turned ? 1 : 0 }),
    }
  })

/** A sum times 1 / count is a mean; a reshape may stand between. */
const meanOfSum: Lift = (node, uses) =>
  eitherWay(node, 'mul', (value, factor) => {
    const constant = constantValue(factor)
    const sum = value.op === 'reshape' ? at(value.inputs, 0) : value
    if (constant === undefined || uses.get(value) !== 1 || uses.get(sum) !== 1) return undefined
    if (sum.op === 'reduceSum') {
      const { axes } = sum.attributes
      if (constant !== 1 / product(axes.map((axis) => at(at(sum.inputs, 0).shape, axis)))) return undefined
      return {
        inputs: sum.inputs,
        emit: (graph, names) => {
          const mean = graph.add('ReduceMean', [at(names, 0), graph.ints(axes)], { keepdims: 1 })
          return sameNumbers(sum.shape, node.shape) ? mean : reshapeTo(graph, mean, sum.shape, node.shape)
        },
      }
    }
    if (sum.op !== 'sumPool' || sum !== value) return undefined
    const { window } = sum.attributes
    const plain = window.every(({ dilation }) => dilation === 1)
    if (!plain || constant !== 1 / product(window.map(({ kernel }) => kernel))) return undefined
    return pooled(sum, (graph, image, attributes) =>
      graph.add('AveragePool', [image], { ...attributes, count_include_pad: 1 }),
    )
  })

const lifts: readonly Lift[] = [convolutionAndBias, productAndBias, meanOfSum]

/** The single operator that `node` and the primitive before it are, if they are one. `uses` counts how often values are needed. */
export function lifted(node: Node, uses: ReadonlyMap<Node, number>): ExportPlan | undefined {
  for (const lift of lifts) {
    const plan = lift(node, uses)
    if (plan) return plan
  }
  return undefined
}
