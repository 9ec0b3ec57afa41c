/** What commands that look at pictures need of a trained network. */
import type { Normalization } from '../../data/normalization.ts'
import type { Network } from '../../train/types.ts'

/** A network and what it needs to know of pictures. */
export interface Classifier {
  readonly model: Network
  readonly inputShape: readonly [channels: 1 | 3, height: number, width: number]
  readonly normalization: Normalization
  readonly background: number | undefined
  /** Whether the outputs are scores of classes. */
  readonly classified: boolean
  /** Whether the outputs are probabilities already, because the network ends with a softmax. */
  readonly probabilities?: boolean
  readonly classNames: readonly string[] | undefined
}
