/** A person's own picture as pixels. It never leaves the browser. */
import type { Pixels } from './protocol.ts'

/** More than any network here looks at. */
const MOST = 640

export async function readOwnPicture(file: File): Promise<Pixels> {
  const bitmap = await createImageBitmap(file)
  const scale = Math.min(1, MOST / Math.max(bitmap.width, bitmap.height))
  const [width, height] = [bitmap.width, bitmap.height].map((side) => Math.max(1, Math.round(side * scale))) as [
    number,
    number,
  ]
  const context = new OffscreenCanvas(width, height).getContext('2d')
  if (!context) throw new Error('This browser cannot read pictures here.')
  context.imageSmoothingQuality = 'high'
  context.drawImage(bitmap, 0, 0, width, height)
  const { data } = context.getImageData(0, 0, width, height)
  return { width, height, pixels: new Uint8Array(data.buffer) }
}
