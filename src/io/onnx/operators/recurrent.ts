/**
 * RNN, GRU and LSTM of ONNX, unrolled over the steps of the sequence. Gates stand in the order of the standard (LSTM: input,
 * output, forget, cell; GRU: update, reset, hidden). Sequences of different lengths in one batch are left out.
 * Sources: onnx/docs/Operators.md; Hochreiter and Schmidhuber (LSTM, 1997), Cho et al. (GRU, 2014).
 */
import { at, range } from '../../../base/arrays.ts'
import { stack, type Tensor, zeros } from '../../../tensor/index.ts'
import { type OperatorCall, type OperatorTable, rule } from '../operator.ts'
import { recurrentActivations } from './activation.ts'

type Activation = (x: Tensor) => Tensor

/** What one direction of a recurrent layer knows. */
interface Cell {
  /** `[inputs, gates · hidden]` and `[hidden, gates · hidden]` */
  readonly inputWeight: Tensor
  readonly stateWeight: Tensor
  readonly inputBias: Tensor
  readonly stateBias: Tensor
  /** LSTM only: `[3 · hidden]`, from the cell to the input, output and forget gates. */
  readonly peepholes: Tensor | undefined
  readonly hidden: number
  readonly activations: readonly Activation[]
}

interface State {
  readonly h: Tensor
  readonly c: Tensor
}

type Step = (cell: Cell, x: Tensor, state: State) => State

const gate = (cell: Cell, x: Tensor, index: number): Tensor =>
  x.slice(-1, index * cell.hidden, (index + 1) * cell.hidden)

const activate = (cell: Cell, index: number, x: Tensor): Tensor => at(cell.activations, index)(x)

const oneMinus = (x: Tensor): Tensor => x.neg().add(1)

const rnnStep: Step = (cell, x, state) => {
  const sums = x.matmul(cell.inputWeight).add(cell.inputBias).add(state.h.matmul(cell.stateWeight)).add(cell.stateBias)
  return { h: activate(cell, 0, sums), c: state.c }
}

const gruStep =
  (linearBeforeReset: boolean): Step =>
  (cell, x, { h, c }) => {
    const fromInput = x.matmul(cell.inputWeight).add(cell.inputBias)
    const fromState = h.matmul(cell.stateWeight).add(cell.stateBias)
    const update = activate(cell, 0, gate(cell, fromInput, 0).add(gate(cell, fromState, 0)))
    const reset = activate(cell, 0, gate(cell, fromInput, 1).add(gate(cell, fromState, 1)))
    const recalled = linearBeforeReset
      ? reset.mul(gate(cell, fromState, 2))
      : reset
          .mul(h)
          .matmul(gate(cell, cell.stateWeight, 2))
          .add(gate(cell, cell.stateBias, 2))
    const candidate = activate(cell, 1, gate(cell, fromInput, 2).add(recalled))
    return { h: oneMinus(update).mul(candidate).add(update.mul(h)), c }
  }

const lstmStep: Step = (cell, x, { h, c }) => {
  const sums = x.matmul(cell.inputWeight).add(cell.inputBias).add(h.matmul(cell.stateWeight)).add(cell.stateBias)
  const peep = (index: number, memory: Tensor): Tensor => {
    const value = gate(cell, sums, index)
    return cell.peepholes ? value.add(gate(cell, cell.peepholes, index).mul(memory)) : value
  }
  const input = activate(cell, 0, peep(0, c))
  const forget = activate(cell, 0, peep(2, c))
  const memory = forget.mul(c).add(input.mul(activate(cell, 1, gate(cell, sums, 3))))
  const output = activate(cell, 0, peep(1, memory))
  return { h: output.mul(activate(cell, 2, memory)), c: memory }
}

interface Kind {
  readonly step: Step
  readonly activations: readonly string[]
}

function activationsOf(call: OperatorCall, kind: Kind, direction: number): Activation[] {
  const count = kind.activations.length
  const names = call.texts('activations')?.slice(direction * count) ?? kind.activations
  const [alphas, betas] = [call.floats('activation_alpha'), call.floats('activation_beta')]
  return range(count).map((index) => {
    const name = names[index] ?? at(kind.activations, index)
    const apply = recurrentActivations[name.toLowerCase()]
    if (!apply) call.unsupported(`the activation '${name}'`)
    const place = direction * count + index
    return (x) => apply(x, alphas?.[place], betas?.[place])
  })
}

function cellOf(call: OperatorCall, kind: Kind, direction: number): Cell {
  const part = (tensor: Tensor): Tensor => tensor.slice(0, direction, direction + 1).squeeze(0)
  const [weight, recurrence] = [part(call.input(1)), part(call.input(2))]
  const rows = at(weight.shape, 0)
  const bias = call.optional(3)
  const biases = bias ? part(bias) : zeros([2 * rows])
  const peepholes = call.optional(7)
  return {
    inputWeight: weight.mT,
    stateWeight: recurrence.mT,
    inputBias: biases.slice(0, 0, rows),
    stateBias: biases.slice(0, rows),
    peepholes: peepholes && part(peepholes),
    hidden: at(recurrence.shape, 1),
    activations: activationsOf(call, kind, direction),
  }
}

function checkSettings(call: OperatorCall, length: number): void {
  const lengths = call.numbers(4)
  if (lengths?.some((each) => each !== length)) call.unsupported('sequences of different lengths in one batch')
  if (call.has('clip')) call.unsupported('the limit on what enters an activation (clip)')
  if (call.flag('input_forget')) call.unsupported('coupled input and forget gates (input_forget)')
}

const recurrent = (kindOf: (call: OperatorCall) => Kind): ((call: OperatorCall) => (Tensor | undefined)[]) => {
  return (call) => {
    const kind = kindOf(call)
    // layout 1 puts the batch first everywhere.
    const batchFirst = call.flag('layout')
    const swap = (x: Tensor): Tensor => (batchFirst ? x.transpose(0, 1) : x)
    const x = swap(call.input(0))
    const [length, batch] = [at(x.shape, 0), at(x.shape, 1)]
    checkSettings(call, length)
    const direction = call.text('direction', 'forward')
    const reversed = direction === 'bidirectional' ? [false, true] : [direction === 'reverse']
    const initial = (index: number, way: number, hidden: number): Tensor => {
      const given = call.optional(index)
      return given
        ? swap(given)
            .slice(0, way, way + 1)
            .squeeze(0)
        : zeros([batch, hidden])
    }
    const runs = reversed.map((backwards, way) => {
      const cell = cellOf(call, kind, way)
      let state: State = { h: initial(5, way, cell.hidden), c: initial(6, way, cell.hidden) }
      const steps = range(length).map((step) => {
        const index = backwards ? length - 1 - step : step
        state = kind.step(cell, x.slice(0, index, index + 1).squeeze(0), state)
        return state.h
      })
      return { outputs: stack(backwards ? steps.reverse() : steps), ...state }
    })
    const outputs = stack(
      runs.map((run) => run.outputs),
      1,
    )
    const last = (states: Tensor[]): Tensor => swap(stack(states))
    const all = batchFirst ? outputs.permute(2, 0, 1, 3) : outputs
    return [all, last(runs.map(({ h }) => h)), last(runs.map(({ c }) => c))].slice(0, Math.max(1, call.outputCount))
  }
}

export const recurrence: OperatorTable = {
  RNN: rule(
    recurrent(() => ({ step: rnnStep, activations: ['Tanh'] })),
    { settings: [4] },
  ),
  GRU: rule(
    recurrent((call) => ({ step: gruStep(call.flag('linear_before_reset')), activations: ['Sigmoid', 'Tanh'] })),
    { settings: [4] },
  ),
  LSTM: rule(
    recurrent(() => ({ step: lstmStep, activations: ['Sigmoid', 'Tanh', 'Tanh'] })),
    { settings: [4] },
  ),
}
