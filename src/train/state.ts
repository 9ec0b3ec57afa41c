/**
 * Everything that a run needs to go on to the bit, and its form as one safetensors file: weights, optimizer slots, best weights and
 * averages as tensors, the rest as JSON in the metadata.
 */
import { sameNumbers } from '../base/arrays.ts'
import { CognitronError, FormatError } from '../base/errors.ts'
import { readSafetensors, writeSafetensors } from '../io/safetensors.ts'
import type { StateDict, TensorData } from '../nn/state-dict.ts'
import type { SavedGroup } from '../optim/state.ts'
import { formatShape } from '../shape/shape.ts'
import type { GeneratorState } from '../tensor/random.ts'
import type { VariableTensor } from '../tensor/variable-tensor.ts'
import type { EpochRecord } from './record.ts'

/** The parts of a state that are numbers and words. */
export interface TrainingProgress {
  /** The epoch to go on with, from 0. */
  readonly epoch: number
  /** The batch of that epoch to go on with, from 0. */
  readonly batch: number
  readonly steps: number
  /** What gathered in the unfinished epoch. */
  readonly partial: {
    readonly lossSum: number
    readonly samples: number
    readonly sums: readonly number[]
    readonly places: readonly number[]
    readonly seconds: number
  }
  readonly history: readonly EpochRecord[]
  readonly best: { readonly epoch: number; readonly value: number } | undefined
  readonly optimizer: {
    readonly optimizer: string
    readonly groups: readonly SavedGroup[]
    readonly clocks: readonly number[]
  }
  readonly schedule: Readonly<Record<string, number | null>> | undefined
  readonly generator: GeneratorState
  /** By callback name. */
  readonly callbacks: Readonly<Record<string, unknown>>
  /** What must be the same for the run to go on to the bit. */
  readonly settings: Readonly<Record<string, number | string | boolean>>
}

export interface TrainingState {
  readonly progress: TrainingProgress
  readonly model: StateDict
  readonly optimizer: ReadonlyMap<string, TensorData>
  /** The best weights so far; empty before the first epoch. */
  readonly best: StateDict
  /** Averages of weights and gathered gradients, where the run has them. */
  readonly extra: ReadonlyMap<string, TensorData>
}

/**
 * There is nothing to resume from.
 *
 * @example
 * import { CognitronError, train } from 'cognitron'
 * console.log(new train.NoCheckpointError('runs/a has no checkpoint.') instanceof CognitronError) // true
 */
export class NoCheckpointError extends CognitronError {
  override name = 'NoCheckpointError'
}

const VERSION = 1
const sections = ['model', 'optimizer', 'best', 'extra'] as const

/**
 * The state as a safetensors file; equal states give equal bytes.
 *
 * @example
 * import { data, loss, models, optim, train } from 'cognitron'
 * const states: Uint8Array[] = []
 * const set = data.toys.circle({ count: 8, seed: 1 })
 * const net = models.mlp([2, 4, 1])
 * const optimizer = new optim.SGD(net.parameters(), { lr: 0.1 })
 * const callbacks = [train.checkpoint((bytes) => void states.push(bytes))]
 * await train.fit(net, { train: set, loss: loss.mse, optimizer, epochs: 1, batchSize: 4, callbacks })
 * const [bytes = new Uint8Array()] = states
 * console.log(train.encodeState(train.decodeState(bytes)).length === bytes.length) // true
 */
export function encodeState(state: TrainingState): Uint8Array {
  const tensors = new Map<string, TensorData>()
  for (const section of sections) {
    for (const [key, value] of state[section]) tensors.set(`${section}.${key}`, value)
  }
  return writeSafetensors(tensors, {
    metadata: { checkpoint: JSON.stringify({ version: VERSION, ...state.progress }) },
  })
}

/**
 * Reads what `encodeState` wrote.
 *
 * @throws FormatError when the bytes are no checkpoint; the message names the file.
 * @example
 * import { FormatError, train } from 'cognitron'
 * try {
 *   train.decodeState(new Uint8Array(3))
 * } catch (error) {
 *   console.log(error instanceof FormatError) // true
 * }
 */
export function decodeState(bytes: Uint8Array, name = 'checkpoint'): TrainingState {
  const { tensors, metadata } = readSafetensors(bytes, name)
  const text = metadata.checkpoint
  if (text === undefined) {
    throw new FormatError(
      `${name} holds weights but no state of a training run; resume needs the file last.ckpt of a run.`,
    )
  }
  const { version, ...progress } = parseProgress(text, name)
  if (version !== VERSION) {
    throw new FormatError(
      `${name} is a checkpoint of format ${version}, this program reads format ${VERSION}; train anew.`,
    )
  }
  const parts = { model: new Map(), optimizer: new Map(), best: new Map(), extra: new Map() } as Record<
    (typeof sections)[number],
    Map<string, TensorData>
  >
  for (const [key, value] of tensors) {
    const section = sections.find((each) => key.startsWith(`${each}.`))
    if (!section) throw new FormatError(`${name} holds the tensor "${key}", which no checkpoint has; it is damaged.`)
    parts[section].set(key.slice(section.length + 1), value)
  }
  return { progress, ...parts }
}

function parseProgress(text: string, name: string): TrainingProgress & { version: number } {
  try {
    return JSON.parse(text) as TrainingProgress & { version: number }
  } catch (error) {
    throw new FormatError(`${name} has a damaged description of its run; train anew or restore a copy.`, {
      cause: error,
    })
  }
}

/**
 * Throws CognitronError unless saved weights and a model have the same keys and shapes; the message names the first difference and both
 * shapes.
 */
export function checkSameModel(
  model: ReadonlyMap<string, VariableTensor>,
  saved: ReadonlyMap<string, TensorData>,
): void {
  for (const [key, { shape }] of model) {
    const other = saved.get(key)
    if (!other) throw differentModel(`"${key}" ${formatShape(shape)} of this model is not in the checkpoint`)
    if (sameNumbers(other.shape, shape)) continue
    throw differentModel(
      `"${key}" has shape ${formatShape(other.shape)} in the checkpoint and ${formatShape(shape)} in this model`,
    )
  }
  for (const [key, { shape }] of saved) {
    if (!model.has(key)) throw differentModel(`"${key}" ${formatShape(shape)} of the checkpoint is not in this model`)
  }
}

function differentModel(difference: string): CognitronError {
  return new CognitronError(
    `The checkpoint is of another model: ${difference}. Resume with the model that it was saved with.`,
  )
}

/** Throws CognitronError unless a run has the settings that its checkpoint was made with. */
export function checkSameSettings(current: TrainingProgress['settings'], saved: TrainingProgress['settings']): void {
  for (const [name, value] of Object.entries(current)) {
    if (saved[name] === value) continue
    throw new CognitronError(
      `The checkpoint was made with ${name} ${saved[name]}, this run has ${value}; a run goes on to the bit only with the same.`,
    )
  }
}
