/** Makes a picture of a page small: colours in steps that the eye does not tell apart, and the tightest packing. */
import { PNG } from 'pngjs'

/** Levels a channel keeps. */
const LEVELS = 40

export function smallPng(bytes: Uint8Array): Buffer {
  const picture = PNG.sync.read(Buffer.from(bytes))
  const step = 255 / (LEVELS - 1)
  const rounded = Uint8Array.from({ length: 256 }, (_, value) => Math.round(Math.round(value / step) * step))
  for (let place = 0; place < picture.data.length; place++)
    picture.data[place] = rounded[picture.data[place] as number] as number
  return PNG.sync.write(picture, { colorType: 2, inputHasAlpha: true, deflateLevel: 9, filterType: -1 })
}
