/** A person's own picture, made small so that its pixels can be seen. It never leaves the browser. */
import type { Picture } from './protocol.ts'

const SIDE = 40

export async function readPicture(file: File): Promise<Picture> {
  const bitmap = await createImageBitmap(file)
  const scale = SIDE / Math.max(bitmap.width, bitmap.height)
  const width = Math.max(8, Math.round(bitmap.width * scale))
  const height = Math.max(8, Math.round(bitmap.height * scale))
  const canvas = new OffscreenCanvas(width, height)
  const context = canvas.getContext('2d')
  if (!context) throw new Error('This browser cannot read pictures here.')
  context.imageSmoothingQuality = 'high'
  context.drawImage(bitmap, 0, 0, width, height)
  const { data } = context.getImageData(0, 0, width, height)
  const values = new Float32Array(3 * width * height)
  for (let place = 0; place < width * height; place++) {
    for (let channel = 0; channel < 3; channel++) {
      values[channel * width * height + place] = (data[4 * place + channel] as number) / 255
    }
  }
  return { channels: 3, height, width, values }
}
