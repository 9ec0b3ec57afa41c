/** Painting of values as pixels. Pictures are reused, so that painting dozens of maps a frame makes no garbage. */
import { type Ramp, rampPixel } from '../base/colour.ts'

interface Picture {
  readonly context: CanvasRenderingContext2D
  readonly image: ImageData
  readonly pixels: Uint32Array
}

const pictures = new WeakMap<HTMLCanvasElement, Picture>()

function pictureOf(canvas: HTMLCanvasElement): Picture | undefined {
  const known = pictures.get(canvas)
  if (known) return known
  const context = canvas.getContext('2d')
  if (!context) return undefined
  const image = context.createImageData(canvas.width, canvas.height)
  const picture = { context, image, pixels: new Uint32Array(image.data.buffer) }
  pictures.set(canvas, picture)
  return picture
}

/** Sets every pixel of `canvas` from its number and shows it. */
export function paintPixels(canvas: HTMLCanvasElement, colour: (index: number) => number): void {
  const picture = pictureOf(canvas)
  if (!picture) return
  const { context, image, pixels } = picture
  for (let index = 0; index < pixels.length; index++) pixels[index] = colour(index)
  context.putImageData(image, 0, 0)
}

/** Values `offset` … as a map of signed colours; `discrete` shows the sign alone. */
export function paintSigned(
  canvas: HTMLCanvasElement,
  values: Float32Array,
  offset: number,
  ramp: Ramp,
  discrete: boolean,
): void {
  if (discrete) paintPixels(canvas, (index) => rampPixel(ramp, Math.sign(values[offset + index] as number), -1, 1))
  else paintPixels(canvas, (index) => rampPixel(ramp, values[offset + index] as number, -1, 1))
}

/** Probabilities of classes, one map after the other: each pixel in the colour of the likeliest, paler where it is unsure. */
export function paintClasses(
  canvas: HTMLCanvasElement,
  values: Float32Array,
  ramps: readonly Ramp[],
  discrete: boolean,
): void {
  const size = values.length / ramps.length
  const even = 1 / ramps.length
  paintPixels(canvas, (index) => {
    let best = 0
    let most = values[index] as number
    for (let label = 1; label < ramps.length; label++) {
      const value = values[label * size + index] as number
      if (value > most) {
        most = value
        best = label
      }
    }
    return rampPixel(ramps[best] as Ramp, discrete ? 1 : most, even, 1)
  })
}
