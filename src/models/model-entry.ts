/** What a network has to say of itself to be built by name, and the checks of the inputs it is asked to take. */
import { ArgumentError } from '../base/errors.ts'
import type * as nn from '../nn/index.ts'
import { formatShape } from '../shape/shape.ts'

/** What a named network is built for. */
export interface ModelSetting {
  /** The shape of one input: `[channels, height, width]` of a picture, `[features]` of a row of numbers. */
  readonly inputShape: readonly number[]
  /** How many numbers come out. */
  readonly classes: number
}

export interface ModelEntry {
  readonly name: string
  readonly description: string
  /** Where it was published. */
  readonly source: string
  /** The input that it was made for. */
  readonly inputShape: readonly number[]
  /** The number of classes that it was made for. */
  readonly classes: number
  /** A new network. Throws ArgumentError for an input that it does not take. */
  create(setting: ModelSetting): nn.Layer
}

/** The options of a network for pictures of any size. Throws ArgumentError for other inputs. */
export function pictureOptions(
  name: string,
  { inputShape, classes }: ModelSetting,
): { classes: number; inChannels: number } {
  const [inChannels] = inputShape
  if (inputShape.length === 3 && inChannels !== undefined) return { classes, inChannels }
  throw new ArgumentError(
    `${name} takes pictures [channels, height, width], given inputs of shape ${formatShape(inputShape)}; choose another model (mlp takes any shape).`,
  )
}

/** Channels and side of a square picture. Throws ArgumentError that names the model and what it takes for other inputs. */
export function squarePicture(
  name: string,
  inputShape: readonly number[],
  { wanted, fits }: { wanted: string; fits: (size: number, channels: number) => boolean },
): [channels: number, size: number] {
  const [channels = 0, height = 0, width = 0] = inputShape
  if (inputShape.length === 3 && height === width && height > 0 && fits(height, channels)) return [channels, height]
  throw new ArgumentError(
    `${name} takes pictures ${wanted}, given inputs of shape ${formatShape(inputShape)}; choose another model (mlp takes any shape).`,
  )
}
