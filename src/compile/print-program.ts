/**
 * A stable text form of compiled programs for golden tests and for people: every kernel with its loops, what it reads at which
 * position and what it computes. Buffers are numbered by role: `in`puts, `var`iables, `tab`les of offsets, `t`emporaries in the order
 * in which kernels meet them. Loops are i, j, k, …; the index of a sum is s. Code and machine are left out.
 */
import { at } from '../base/arrays.ts'
import { byteSize } from '../base/dtype.ts'
import { type Affine, type BufferId, type Expression, visitExpressions } from './expression.ts'
import {
  buffersRead,
  buffersWritten,
  type ContractKernel,
  type Kernel,
  type MapKernel,
  type Program,
  type ReduceKernel,
  type ScatterKernel,
  type Steps,
  type Store,
  type WindowKernel,
  type WinogradGradKernel,
  type WinogradKernel,
} from './kernel.ts'

export interface PrintProgramOptions {
  /** List all buffers with their sizes and places in the arena. Default false. */
  readonly memory?: boolean
}

/**
 * The text of a program, one paragraph for each kernel:
 *
 *     map i<4 j<3
 *       t0[3i + j] = tanh(in0[3i + j] + var0[j])
 *     return t0
 */
export function printProgram(program: Program, options: PrintProgramOptions = {}): string {
  const printer = new Printer(program)
  const kernels = program.kernels.flatMap((kernel) => printer.kernel(kernel))
  const outputs = program.outputs.map((buffer) => printer.name(buffer))
  const lines = options.memory ? [...printer.memory(), ...kernels] : kernels
  return (outputs.length > 0 ? [...lines, `return ${outputs.join(', ')}`] : lines).join('\n')
}

const LOOPS = 'ijklmnopq'
const loopName = (loop: number): string => LOOPS[loop] ?? `x${loop}`

const infix: { readonly [op: string]: string } = {
  add: '+',
  sub: '-',
  mul: '*',
  div: '/',
  equal: '==',
  less: '<',
  lessEqual: '<=',
  and: '&',
  or: '|',
}

class Printer {
  readonly #program: Program
  readonly #names = new Map<BufferId, string>()

  constructor(program: Program) {
    this.#program = program
    const counts = { in: 0, var: 0, tab: 0, t: 0 }
    const prefixes = { input: 'in', variable: 'var', table: 'tab', temporary: 't' } as const
    const count = (buffer: BufferId): void => {
      if (this.#names.has(buffer)) return
      const prefix = prefixes[at(program.buffers, buffer).role.kind]
      this.#names.set(buffer, `${prefix}${counts[prefix]++}`)
    }
    program.buffers.forEach(({ role }, buffer) => {
      if (role.kind === 'input' || role.kind === 'variable') count(buffer)
    })
    for (const kernel of program.kernels) {
      buffersRead(kernel, count)
      buffersWritten(kernel).forEach(count)
    }
    program.outputs.forEach(count)
  }

  name(buffer: BufferId): string {
    return this.#names.get(buffer) ?? `unused${buffer}`
  }

  memory(): string[] {
    const { buffers, offsets, arenaBytes, multiplyAdds } = this.#program
    const lines = [...this.#names].map(([buffer, name]) => {
      const { dtype, length } = at(buffers, buffer)
      const offset = offsets.get(buffer)
      const place = offset === undefined ? '' : ` at ${offset}`
      return `${name}: ${length} ${dtype}, ${length * byteSize[dtype]} bytes${place}`
    })
    return [`arena ${arenaBytes} bytes, ${multiplyAdds} multiply-adds`, ...lines]
  }

  kernel(kernel: Kernel): string[] {
    switch (kernel.kind) {
      case 'map':
        return this.#map(kernel)
      case 'reduce':
        return this.#reduce(kernel)
      case 'contract':
        return this.#contract(kernel)
      case 'winograd':
        return this.#winograd(kernel)
      case 'winogradGrad':
        return this.#winogradGrad(kernel)
      case 'window':
        return [this.#window(kernel)]
      case 'scatter':
        return this.#scatter(kernel)
    }
  }

  #map({ extents, stores, fill }: MapKernel): string[] {
    const filled = fill
      ? [`  fill ${fill.length} from ${this.#place(fill.buffer, fill.at)} with ${fill.value}${within(fill.level)}`]
      : []
    return [`map${loops(extents)}`, ...filled, ...this.#stores(stores)]
  }

  #reduce({ extents, reducedAxes, reductions, stores }: ReduceKernel): string[] {
    const kept = extents.length - reducedAxes
    const header = `reduce${loops(extents.slice(0, kept))} over${loops(extents.slice(kept), kept)}`
    const body = new Body(this, [...reductions.map((each) => each.value)])
    const sums = reductions.map(({ op, value }, index) => `acc${index} = ${op}(${body.text(value)})`)
    return [header, ...[...body.definitions, ...sums].map(indent), ...this.#stores(stores)]
  }

  #contract(kernel: ContractKernel): string[] {
    const { batch, m, n, k, outer, a, b } = kernel
    const extents = [...batch, m, n]
    const [row, column] = [loopName(batch.length), loopName(batch.length + 1)]
    const outerTerm = (stride: number): [number, string][] => (outer > 1 ? [[stride, 'r']] : [])
    const batchTerms = (strides: readonly number[]): [number, string][] =>
      strides.map((stride, loop) => [at(batch, loop) > 1 ? stride : 0, loopName(loop)])
    const left = sum(a.offset, [
      ...batchTerms(a.batchStrides),
      ...outerTerm(a.outerStride),
      [m > 1 ? a.strideM : 0, row],
      [k > 1 ? a.strideK : 0, 's'],
    ])
    const right = [
      sum(b.offset, [...batchTerms(b.batchStrides), ...outerTerm(b.outerStride)]),
      this.#steps(b.rows, k, 's'),
      this.#steps(b.columns, n, column),
    ].filter((term) => term !== '0')
    const over = `${outer > 1 ? ` r<${outer}` : ''} s<${k}`
    return [
      `contract${loops(extents)} over${over}`,
      `  acc0 = sum(${this.name(a.buffer)}[${left}] * ${this.name(b.buffer)}[${right.join(' + ') || '0'}])`,
      ...this.#stores(kernel.stores),
    ]
  }

  #steps(steps: Steps, count: number, loop: string): string {
    if (steps.kind === 'table') return `${this.name(steps.buffer)}[${loop}]`
    return sum(0, [[count > 1 ? steps.stride : 0, loop]])
  }

  #winograd({ inputs, outputs, grid, source, weights, store }: WinogradKernel): string[] {
    return [
      `winograd ${inputs} -> ${outputs} channels, ${grid.tiles} tiles`,
      `  acc0 = conv3x3(${this.name(source)}, ${this.name(weights.buffer)})`,
      ...this.#stores([store]),
    ]
  }

  #winogradGrad({ inputs, outputs, grid, source, gradient, target }: WinogradGradKernel): string[] {
    return [
      `winogradGrad ${inputs} -> ${outputs} channels, ${grid.tiles} tiles`,
      `  ${this.name(target)} = ${this.name(gradient)} ⊗ ${this.name(source)}`,
    ]
  }

  #window(kernel: WindowKernel): string {
    const { op, planes, inputSize, outputSize, window, source, indices, target } = kernel
    const axes = window.map(({ kernel: taps, stride, dilation }) => {
      return `${taps}/${stride}${dilation > 1 ? ` dilation ${dilation}` : ''}`
    })
    const isPooling = op === 'maxPool' || op === 'sumPool' || op === 'windowGather'
    const [from, to] = isPooling ? [inputSize, outputSize] : [outputSize, inputSize]
    const operands = [source, ...(op !== 'maxPool' && indices !== undefined ? [indices] : [])]
    const results = [
      ...(target === undefined ? [] : [this.name(target)]),
      ...(op === 'maxPool' && indices !== undefined ? [`taps ${this.name(indices)}`] : []),
    ]
    const sizes = `${planes} planes [${from.join(', ')}] -> [${to.join(', ')}], windows ${axes.join(' x ')}`
    const call = `${op}(${operands.map((buffer) => this.name(buffer)).join(', ')})`
    return `window ${sizes}\n  ${results.join(', ')} = ${call}`
  }

  #scatter({ extents, buffer, length, at: place, index, stride, size, value }: ScatterKernel): string[] {
    const body = new Body(this, [index, value])
    const start = affine(place)
    const shift = `clamp(${body.text(index)}, 0, ${size - 1})`
    const position = [...(start === '0' ? [] : [start]), stride === 1 ? shift : `${stride} * ${shift}`].join(' + ')
    const added = `${this.name(buffer)}[${position}] += ${body.text(value)}`
    return [
      `scatter${loops(extents)}`,
      `  fill ${length} of ${this.name(buffer)} with 0`,
      ...body.definitions.map(indent),
      indent(added),
    ]
  }

  #stores(stores: readonly Store[]): string[] {
    const body = new Body(
      this,
      stores.map((store) => store.value),
    )
    const lines = stores.map((store) => `${this.#place(store.buffer, store.at)} = ${body.text(store.value)}`)
    return [...body.definitions, ...lines].map(indent)
  }

  #place(buffer: BufferId, position: Affine): string {
    return `${this.name(buffer)}[${affine(position)}]`
  }
}

/** The expressions of a kernel; what is used more than once is defined first. */
class Body {
  readonly definitions: string[] = []
  readonly #printer: Printer
  readonly #named = new Map<Expression, string>()

  constructor(printer: Printer, roots: readonly Expression[]) {
    this.#printer = printer
    const uses = new Map<Expression, number>()
    const count = (expression: Expression): void => void uses.set(expression, (uses.get(expression) ?? 0) + 1)
    roots.forEach(count)
    visitExpressions(roots, (expression) => {
      if (expression.kind === 'op') expression.operands.forEach(count)
      if (expression.kind === 'gather') count(expression.index)
    })
    visitExpressions(roots, (expression) => {
      const shared = (uses.get(expression) ?? 0) > 1
      if (!shared || (expression.kind !== 'op' && expression.kind !== 'gather' && expression.kind !== 'random')) return
      const text = this.text(expression)
      const name = `x${this.#named.size}`
      this.definitions.push(`${name} = ${text}`)
      this.#named.set(expression, name)
    })
  }

  text(expression: Expression, inside = false): string {
    const named = this.#named.get(expression)
    if (named !== undefined) return named
    switch (expression.kind) {
      case 'constant':
        return printNumber(expression.value)
      case 'load':
        return `${this.#printer.name(expression.buffer)}[${affine(expression.at)}]`
      case 'index':
        return `(${affine(expression.at)})`
      case 'random':
        return `random(${this.#printer.name(expression.counter)}, stream ${expression.stream}, ${affine(expression.at)})`
      case 'gather': {
        const start = affine(expression.at)
        const shift = `clamp(${this.text(expression.index)}, 0, ${expression.size - 1})`
        const step = expression.stride === 1 ? shift : `${expression.stride} * ${shift}`
        return `${this.#printer.name(expression.buffer)}[${start === '0' ? step : `${start} + ${step}`}]`
      }
      case 'accumulator':
        return `acc${expression.index}`
      case 'op':
        return this.#operation(expression, inside)
    }
  }

  #operation({ op, operands, dtype }: Expression & { kind: 'op' }, inside: boolean): string {
    const sign = infix[op]
    if (sign !== undefined) {
      const text = operands.map((operand) => this.text(operand, true)).join(` ${sign} `)
      return inside ? `(${text})` : text
    }
    if (op === 'where') {
      const [condition, a, b] = operands.map((operand) => this.text(operand, true))
      return inside ? `(${condition} ? ${a} : ${b})` : `${condition} ? ${a} : ${b}`
    }
    const name = op === 'cast' ? dtype : op
    return `${name}(${operands.map((operand) => this.text(operand)).join(', ')})`
  }
}

const indent = (line: string): string => `  ${line}`
const within = (level: number): string => (level === 0 ? '' : ` for each ${LOOPS.slice(0, level).split('').join(', ')}`)

function loops(extents: readonly number[], first = 0): string {
  return extents.map((extent, loop) => ` ${loopName(first + loop)}<${extent}`).join('')
}

function affine({ offset, strides }: Affine): string {
  return sum(
    offset,
    strides.map((stride, loop) => [stride, loopName(loop)]),
  )
}

/** `4 + 10i + j`, `5 - j`, `0`. */
function sum(offset: number, terms: readonly (readonly [number, string])[]): string {
  let text = offset === 0 ? '' : String(offset)
  for (const [factor, name] of terms) {
    if (factor === 0) continue
    const size = Math.abs(factor) === 1 ? name : `${Math.abs(factor)}${name}`
    const sign = factor < 0 ? '-' : '+'
    if (text === '') text = factor < 0 ? `-${size}` : size
    else text += ` ${sign} ${size}`
  }
  return text || '0'
}

/** Numbers as float32 shows them, in as few digits as tell them apart. */
function printNumber(value: number): string {
  if (Object.is(value, -0)) return '-0'
  if (Number.isInteger(value) || !Number.isFinite(value)) return String(value)
  return String(Number(value.toPrecision(9)))
}
