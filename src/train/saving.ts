/** Callbacks that hand finished bytes to a sink; what the sink does (a file, a database of the browser) is its own business. */
import { writeSafetensors } from '../io/safetensors.ts'
import { encodeState } from './state.ts'
import type { Best, Callback, TrainingView } from './types.ts'

/** Takes the bytes of a whole file. */
export type ByteSink = (bytes: Uint8Array) => void | Promise<void>

/** The best weights as a safetensors file; the same weights give the same bytes. */
export function encodeBest(best: Best): Uint8Array {
  return writeSafetensors(best.state, { metadata: { format: 'pt', epoch: String(best.epoch) } })
}

/**
 * Hands over the weights after every epoch that is the best so far, as a safetensors file.
 *
 * @example
 * import { train } from 'cognitron'
 * let newest: Uint8Array | undefined
 * const callback = train.saveBest((bytes) => { newest = bytes })
 * console.log(callback.name) // saveBest
 */
export function saveBest(sink: ByteSink): Callback {
  return {
    name: 'saveBest',
    async afterEpoch(view, record) {
      if (record.best && view.best) await sink(encodeBest(view.best))
    },
  }
}

export interface CheckpointOptions {
  /** Also after so many steps; default: after epochs only. */
  readonly everySteps?: number
}

/**
 * Hands over the state of the run after every epoch, and when it stops; `decodeState` and `fit`'s `resume` take it back.
 *
 * @example
 * import { data, loss, models, optim, train } from 'cognitron'
 * const states: Uint8Array[] = []
 * const set = data.toys.circle({ count: 8, seed: 1 })
 * const net = models.mlp([2, 4, 1])
 * const optimizer = new optim.SGD(net.parameters(), { lr: 0.1 })
 * const callbacks = [train.checkpoint((bytes) => void states.push(bytes))]
 * await train.fit(net, { train: set, loss: loss.mse, optimizer, epochs: 2, batchSize: 4, callbacks })
 * console.log(states.length > 0) // true
 */
export function checkpoint(sink: ByteSink, options: CheckpointOptions = {}): Callback {
  const { everySteps } = options
  const save = async (view: TrainingView): Promise<void> => {
    await sink(encodeState(await view.captureState()))
  }
  return {
    name: 'checkpoint',
    async onStep(view, report) {
      if (everySteps !== undefined && report.step % everySteps === 0) await save(view)
    },
    afterEpoch: save,
    async onStop(view, reason) {
      if (reason === 'interrupted') await save(view)
    },
  }
}
