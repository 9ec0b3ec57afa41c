/** One line an epoch, for the lessons that train for long. */
import type { train } from 'cognitron'

/** Prints loss and accuracy after every epoch, with `label` before it. */
export function narrate(label = ''): train.Callback {
  return {
    name: 'narrate',
    onEpochEnd(_, { epoch, epochs, trainLoss, validationLoss, validationAccuracy, samplesPerSecond, best }) {
      const held = validationLoss === undefined ? '' : `, held back ${validationLoss.toFixed(4)}`
      const right = validationAccuracy === undefined ? '' : ` (${percent(validationAccuracy)} right)`
      const speed = `${Math.round(samplesPerSecond)} samples/s`
      console.log(
        `${label}epoch ${epoch}/${epochs}: loss ${trainLoss.toFixed(4)}${held}${right}, ${speed}${best ? ' *' : ''}`,
      )
    },
  }
}

/** 0.9312 → 93.1 % */
export function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`
}
