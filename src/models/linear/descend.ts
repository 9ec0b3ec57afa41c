/** Gradient descent on rows in memory: whole, one row at a time or in batches. What `LinearUnit` and `LinearSvm` share. */

import { ArgumentError } from '../../base/errors.ts'
import { SGD } from '../../optim/index.ts'
import { permutation } from '../../random/permutation.ts'
import { compile, fromTypedArray, type Parameter, type Tensor } from '../../tensor/index.ts'
import { generator } from '../../tensor/random.ts'
import type { Samples } from './samples.ts'

export interface DescentOptions {
  /** Rows for each step; Infinity takes all. */
  readonly batchSize: number
  /** η of the first pass. */
  readonly lr: number
  /** η of pass k is lr / (1 + decay · k), k from 0. */
  readonly decay: number
  readonly momentum?: number
  readonly epochs: number
  /** Stop when the mean loss of a pass changed by less than this. */
  readonly tolerance: number
  /** How answers are given to the loss. */
  readonly answerType: 'float32' | 'int32'
}

export interface DescentReport {
  /** Passes made. */
  readonly epochs: number
  /** The mean loss over each pass, measured as the weights moved. */
  readonly losses: readonly number[]
  /** Whether the loss stood still before the passes were used up. */
  readonly converged: boolean
}

/**
 * Minimises `lossOf(rows, answers)`, a mean over its rows. Batches take the rows in a new order in each pass.
 *
 * @throws ArgumentError for options out of range and when the loss grows beyond all bounds.
 */
export async function descend(
  parameters: readonly Parameter[],
  samples: Samples,
  lossOf: (rows: Tensor, answers: Tensor) => Tensor,
  options: DescentOptions,
): Promise<DescentReport> {
  const { lr, decay, momentum = 0, epochs, tolerance } = options
  if (!(epochs >= 1) || !(decay >= 0) || !(options.batchSize >= 1)) {
    throw new ArgumentError(
      `gradient descent needs epochs and batchSize of at least 1 and decay of at least 0, given epochs ${epochs}, ` +
        `batchSize ${options.batchSize}, decay ${decay}.`,
    )
  }
  const optimizer = new SGD(parameters, { lr, momentum, nesterov: momentum > 0 })
  const step = compile((rows: Tensor, answers: Tensor) => {
    const loss = lossOf(rows, answers)
    optimizer.minimize(loss)
    return loss
  })
  const losses: number[] = []
  while (losses.length < epochs) {
    optimizer.lr = lr / (1 + decay * losses.length)
    let total = 0
    for (const { rows, answers, count } of batchesOf(samples, options)) {
      total += count * (await (await step(rows, answers)).item())
    }
    const mean = total / samples.count
    if (!Number.isFinite(mean)) {
      throw new ArgumentError(
        `the loss grew beyond all bounds in pass ${losses.length + 1}; use a lower lr than ${lr}, or scale the inputs.`,
      )
    }
    const last = losses.at(-1)
    losses.push(mean)
    if (last !== undefined && Math.abs(last - mean) < tolerance) {
      return { epochs: losses.length, losses, converged: true }
    }
  }
  return { epochs: losses.length, losses, converged: false }
}

interface RowBatch {
  readonly rows: Tensor
  readonly answers: Tensor
  readonly count: number
}

function* batchesOf(samples: Samples, { batchSize, answerType }: DescentOptions): Generator<RowBatch> {
  const { inputs, answers, count, features } = samples
  const whole = batchSize >= count
  const order = whole ? undefined : permutation(generator.host, count)
  for (let start = 0; start < count; start += batchSize) {
    const size = Math.min(batchSize, count - start)
    const rows = new Float32Array(size * features)
    const wanted = answerType === 'float32' ? new Float32Array(size) : new Int32Array(size)
    for (let index = 0; index < size; index++) {
      const row = order ? (order[start + index] as number) : start + index
      rows.set(inputs.subarray(row * features, (row + 1) * features), index * features)
      wanted[index] = answers[row] as number
    }
    yield {
      rows: fromTypedArray(rows, [size, features], 'float32'),
      answers: fromTypedArray(wanted, [size], answerType),
      count: size,
    }
  }
}
