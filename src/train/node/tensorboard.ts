/** A callback that writes an event file, so that TensorBoard shows the run: `tensorboard --logdir runs`. Needs Node. */
import { appendFile, mkdir } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { fileError } from '../../base/file-errors.ts'
import { eventFileHeader, eventRecord, type SummaryValue } from '../../io/tensorboard.ts'
import type { Callback, TrainingView } from '../types.ts'

export interface TensorBoardOptions {
  /** Also the loss of every so many steps; default: epochs only. */
  readonly everySteps?: number
  /** Also a histogram of every parameter, every so many epochs. */
  readonly histogramEveryEpochs?: number
  /** Seconds since 1970; the file name and TensorBoard's wall-time axis come from it, no result does. */
  readonly clock?: () => number
}

/**
 * Writes scalars (and histograms of weights, where asked for) of a run into `folder` as an event file; a resumed run adds a file of its own,
 * which TensorBoard joins to the first.
 *
 * @throws FileError when the file cannot be written.
 * @example
 * import { data, loss, models, optim, train } from 'cognitron'
 * import { tensorBoard } from 'cognitron/train/node'
 * const net = models.mlp([2, 4, 1])
 * const optimizer = new optim.SGD(net.parameters(), { lr: 0.1 })
 * const set = data.toys.circle({ count: 8, seed: 1 })
 * await train.fit(net, { train: set, loss: loss.mse, optimizer, epochs: 1, callbacks: [tensorBoard('runs/board')] })
 */
export function tensorBoard(folder: string, options: TensorBoardOptions = {}): Callback {
  const { everySteps, histogramEveryEpochs, clock = () => Date.now() / 1000 } = options
  let path = ''
  const append = async (bytes: Uint8Array): Promise<void> => {
    try {
      await appendFile(path, bytes)
    } catch (error) {
      throw fileError(error, 'write', path)
    }
  }
  const record = (step: number, values: readonly SummaryValue[]): Promise<void> =>
    append(eventRecord({ step, wallTime: clock(), values }))
  return {
    name: 'tensorBoard',
    async onStart() {
      await mkdir(folder, { recursive: true })
      path = join(folder, `events.out.tfevents.${Math.floor(clock())}.${hostname()}.cognitron`)
      await append(eventFileHeader(clock()))
    },
    async onStep(_, { step, batchLoss }) {
      if (everySteps !== undefined && step % everySteps === 0) {
        await record(step, [{ tag: 'batch/loss', scalar: batchLoss }])
      }
    },
    async onEpochEnd(view, epoch) {
      const figures: [string, number | undefined][] = [
        ['loss/train', epoch.trainLoss],
        ['loss/validation', epoch.validationLoss],
        ['accuracy/train', epoch.trainAccuracy],
        ['accuracy/validation', epoch.validationAccuracy],
        ['learning rate', epoch.lr],
        ['samples per second', epoch.samplesPerSecond],
        ...Object.entries(epoch.metrics),
      ]
      const scalars = figures.flatMap(([tag, scalar]) => (scalar === undefined ? [] : [{ tag, scalar }]))
      const due = histogramEveryEpochs !== undefined && epoch.epoch % histogramEveryEpochs === 0
      await record(epoch.epoch, due ? [...scalars, ...(await histograms(view))] : scalars)
    },
  }
}

async function histograms({ model }: TrainingView): Promise<SummaryValue[]> {
  const values: SummaryValue[] = []
  for (const [key, parameter] of model.namedParameters()) {
    values.push({ tag: `weights/${key}`, histogram: await parameter.data() })
  }
  return values
}
