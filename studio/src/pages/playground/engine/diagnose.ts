/** Says in one sentence why a loss became infinite or undefined, from the last sound weights and the settings. */

import { formatValue } from '../../../base/format.ts'
import type { Diagnosis } from '../protocol.ts'
import type { Setup } from '../setup.ts'
import type { PlaygroundNetwork } from './network.ts'

export function diagnose(
  setup: Setup,
  network: PlaygroundNetwork,
  epoch: number,
  sound: Float32Array | undefined,
): Diagnosis {
  const weights = network.readWeights()
  const place = weights.findIndex((value) => !Number.isFinite(value))
  const layer = network.plan.findIndex(({ biasesAt, units }) => place < biasesAt + units)
  const name = layer === network.plan.length - 1 ? 'the output layer' : `hidden layer ${layer + 1}`
  const found =
    place < 0 ? 'the outputs overflowed' : `a weight of ${name} became ${formatValue(weights[place] as number)}`
  const largest = sound ? sound.reduce((most, value) => Math.max(most, Math.abs(value)), 0) : undefined
  const grown = largest === undefined ? '' : ` The largest weight had grown to ${formatValue(largest)} before.`
  const sentence = `At epoch ${epoch} ${found}.${grown} ${cause(setup)}`
  return { epoch, sentence, advice: sound ? ['lowerRate', 'goBack'] : ['lowerRate'] }
}

function cause(setup: Setup): string {
  const steps = `Steps of ${setup.learningRate} overshoot the minimum, and each overshoot is larger than the one before.`
  const unbounded = ['relu', 'linear', 'leakyRelu', 'gelu'].includes(setup.activation)
  const penalty = setup.learningRate * setup.regularizationRate
  if (setup.regularization !== 'none' && penalty >= 2) {
    return `The penalty alone multiplies every weight by ${formatValue(1 - penalty)} in each step.`
  }
  return unbounded && setup.networkShape.length > 0
    ? `${steps} ${setup.activation === 'linear' ? 'Linear units' : 'Units without an upper bound'} pass it on unchecked.`
    : steps
}
