/** Products of matrices and tensors of ONNX: MatMul, Gemm, Einsum. */
import { at, product, range } from '../../../base/arrays.ts'
import { gather } from '../../../tensor/functional.ts'
import { iota, type Tensor } from '../../../tensor/index.ts'
import { type OperatorCall, type OperatorTable, rule } from '../operator.ts'

/** alpha · a · b + beta · c, the matrices perhaps transposed; c broadcasts. */
function gemm(call: OperatorCall): Tensor {
  const a = call.flag('transA') ? call.input(0).mT : call.input(0)
  const b = call.flag('transB') ? call.input(1).mT : call.input(1)
  const [alpha, beta] = [call.float('alpha', 1), call.float('beta', 1)]
  const matrices = a.matmul(b)
  const scaled = alpha === 1 ? matrices : matrices.mul(alpha)
  const c = call.optional(2)
  if (!c || beta === 0) return scaled
  return scaled.add(beta === 1 ? c : c.mul(beta))
}

/** A tensor whose axes have one letter each. */
interface Labelled {
  readonly x: Tensor
  readonly labels: readonly string[]
}

/** Letters of the axes that '...' stands for, numbered from the last; no equation can name them. */
const ellipsisLetters = (count: number): string[] => range(count).map((index) => `…${count - 1 - index}`)

const isEllipsis = (label: string): boolean => label.startsWith('…')

function lettersOf(term: string, rank: number): string[] {
  const [before = '', after] = term.split('...')
  if (after === undefined) return [...before]
  return [...before, ...ellipsisLetters(rank - before.length - after.length), ...after]
}

/** Keeps the diagonal where a letter stands twice. */
function withoutRepeats({ x, labels }: Labelled): Labelled {
  const second = labels.findIndex((label, axis) => labels.indexOf(label) < axis)
  if (second < 0) return { x, labels }
  const first = labels.indexOf(at(labels, second))
  const places = iota(x.shape.with(second, 1), first)
  const diagonal = gather(x, second, places).squeeze(second)
  return withoutRepeats({ x: diagonal, labels: labels.toSpliced(second, 1) })
}

/** Sums over the axes whose letters nothing else needs. */
function sumUnused({ x, labels }: Labelled, needed: ReadonlySet<string>): Labelled {
  const unused = range(labels.length).filter((axis) => !needed.has(at(labels, axis)))
  return unused.length === 0 ? { x, labels } : { x: x.sum(unused), labels: labels.filter((each) => needed.has(each)) }
}

/** The axes with the given letters first, in that order; absent ones have size 1. */
function arranged({ x, labels }: Labelled, groups: readonly (readonly string[])[]): Tensor {
  const wanted = groups.flat()
  const present = wanted.filter((label) => labels.includes(label))
  const moved = x.permute(...present.map((label) => labels.indexOf(label)))
  const sizeOf = (label: string): number => (labels.includes(label) ? at(x.shape, labels.indexOf(label)) : 1)
  return moved.reshape(...groups.map((group) => product(group.map(sizeOf))))
}

/** One product of two tensors as a batch of matrices; letters that are not needed any more are summed over. */
function contract(left: Labelled, right: Labelled, needed: ReadonlySet<string>): Labelled {
  const a = sumUnused(left, new Set([...needed, ...right.labels]))
  const b = sumUnused(right, new Set([...needed, ...left.labels]))
  const shared = a.labels.filter((label) => b.labels.includes(label))
  const batch = shared.filter((label) => needed.has(label))
  const inner = shared.filter((label) => !needed.has(label))
  const rows = a.labels.filter((label) => !shared.includes(label))
  const columns = b.labels.filter((label) => !shared.includes(label))
  const sizes = new Map<string, number>()
  for (const { x, labels } of [a, b]) labels.forEach((label, axis) => void sizes.set(label, at(x.shape, axis)))
  const matrices = arranged(a, [batch, rows, inner]).matmul(arranged(b, [batch, inner, columns]))
  const labels = [...batch, ...rows, ...columns]
  return { x: matrices.reshape(...labels.map((label) => sizes.get(label) ?? 1)), labels }
}

/** The letters that stand once, in alphabetical order: the output of an equation that names none. */
function once(labels: readonly string[]): string[] {
  return labels.filter((label) => !isEllipsis(label) && labels.indexOf(label) === labels.lastIndexOf(label)).sort()
}

function einsum(call: OperatorCall): Tensor {
  const inputs = call.inputs()
  const [left = '', right] = call.text('equation', '').replaceAll(' ', '').split('->')
  const terms = left.split(',')
  call.demand(
    terms.length === inputs.length,
    `the equation '${left}' has ${terms.length} terms for ${inputs.length} inputs`,
  )
  const parts = inputs.map((x, index) => withoutRepeats({ x, labels: lettersOf(at(terms, index), x.rank) }))
  const all = parts.flatMap(({ labels }) => labels)
  const dots = ellipsisLetters(new Set(all.filter(isEllipsis)).size)
  const output =
    right === undefined ? [...dots, ...once(all)] : lettersOf(right, right.replace('...', '').length + dots.length)
  const result = parts.slice(1).reduce(
    (product, part, index) => {
      const later = parts.slice(index + 2).flatMap(({ labels }) => labels)
      return contract(product, part, new Set([...output, ...later]))
    },
    at(parts, 0),
  )
  const { x, labels } = sumUnused(result, new Set(output))
  return x.permute(...output.map((label) => labels.indexOf(label)))
}

export const matrix: OperatorTable = {
  MatMul: rule((call) => call.input(0).matmul(call.input(1))),
  Gemm: rule(gemm),
  Einsum: rule(einsum),
}
