/** The training step: forward, backward, limits on the gradient and update as one compiled program. */
import { ArgumentError } from '../base/errors.ts'
import { clipGradNorm, clipGradValue } from '../optim/clip.ts'
import type { ExponentialMovingAverage } from '../optim/ema.ts'
import { elementCount } from '../shape/shape.ts'
import { type Compiled, compile } from '../tensor/compile.ts'
import { zeros } from '../tensor/create.ts'
import { Tensor, where } from '../tensor/tensor.ts'
import { currentTrace } from '../tensor/trace.ts'
import { assignAll, type Parameter, VariableTensor } from '../tensor/variable-tensor.ts'
import type { Judge } from './judge.ts'
import type { FitOptions, Network } from './types.ts'

/** Loss with the penalty, loss without, and metric sums of a batch; `update` says whether the weights move or gradients only gather. */
export type TrainStep = Compiled<[x: Tensor, y: Tensor, update: boolean], readonly Tensor[]>

const LARGEST = 3.4028234e38

export function makeTrainStep<Output>(
  model: Network<Output>,
  judge: Judge<Output>,
  options: FitOptions<Output>,
  extras: { accumulator?: GradientAccumulator | undefined; ema?: ExponentialMovingAverage | undefined },
): TrainStep {
  const { optimizer, penalty, clip } = options
  const { accumulator, ema } = extras
  return compile((x: Tensor, y: Tensor, update: boolean): readonly Tensor[] => {
    const { loss, sums } = judge.judge(model.forward(x), y)
    const total = penalty ? loss.add(penalty()) : loss
    total.backward()
    accumulator?.add(optimizer.parameters, x.shape[0] ?? 1)
    if (update) {
      accumulator?.take(optimizer.parameters)
      if (clip?.value !== undefined) clipGradValue(optimizer.parameters, clip.value)
      if (clip?.norm !== undefined) clipGradNorm(optimizer.parameters, clip.norm)
      optimizer.step()
      ema?.update()
    }
    model.zeroGrad()
    optimizer.zeroGrad()
    keepOnFailure(total)
    return [total, loss, ...sums]
  })
}

/**
 * Makes all assignments of the step depend on the loss being finite: a step that fails leaves weights, slots and statistics as they
 * were, so that the cause can be found and nothing learned is lost.
 */
function keepOnFailure(total: Tensor): void {
  const trace = currentTrace()
  if (!trace) return
  const finite = total.abs().le(LARGEST)
  for (const [variable, value] of [...trace.updates]) {
    trace.updates.set(variable, where(finite, new Tensor(value), new Tensor(variable.leaf())).node)
  }
}

/** Averages the gradients of several batches, each weighed by its number of samples. */
export class GradientAccumulator {
  readonly #sums = new Map<Parameter, VariableTensor>()
  readonly #samples = new VariableTensor(new Float32Array(1), [])

  constructor(parameters: readonly Parameter[]) {
    for (const parameter of parameters) {
      const { shape } = parameter
      this.#sums.set(parameter, new VariableTensor(new Float32Array(elementCount(shape)), shape))
    }
  }

  /** Adds the gradients there are, of a batch of `samples`. */
  add(parameters: readonly Parameter[], samples: number): void {
    const moved = parameters.flatMap((parameter) => {
      const sum = this.#sums.get(parameter)
      return sum && parameter.grad ? [[sum, sum.add(parameter.grad.mul(samples))] as const] : []
    })
    assignAll([...moved, [this.#samples, this.#samples.add(samples)]])
  }

  /** Puts the averages in place of the gradients and starts anew. */
  take(parameters: readonly Parameter[]): void {
    const cleared: [VariableTensor, Tensor][] = [[this.#samples, zeros([])]]
    for (const parameter of parameters) {
      const sum = this.#sums.get(parameter)
      if (!sum || !parameter.grad) continue
      parameter.grad = sum.div(this.#samples)
      cleared.push([sum, zeros(parameter.shape)])
    }
    assignAll(cleared)
  }

  /** The variables to save, by name. */
  namedState(): Map<string, VariableTensor> {
    const named = [...this.#sums.values()].map((sum, index): [string, VariableTensor] => [String(index), sum])
    return new Map([['samples', this.#samples], ...named])
  }
}

/** Whether the weights move after batch `index` of `batches`. */
export function isUpdate(index: number, batches: number, accumulate: number): boolean {
  return (index + 1) % accumulate === 0 || index + 1 === batches
}

export function checkWhole(name: string, value: number, least: number): void {
  if (Number.isInteger(value) && value >= least) return
  throw new ArgumentError(`${name} is a whole number of at least ${least}, given ${value}.`)
}
