/**
 * Where the lessons find real data: the folder given by `--data-dir FOLDER` or the environment variable COGNITRON_SHARED. Without it
 * every lesson runs in a minute on data that it generates, and its figure goes to a file of its own, so that figures of real data stay.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { data } from 'cognitron'
import { listFiles, pictureFiles } from 'cognitron/data/node'
import jpeg from 'jpeg-js'
import { PNG } from 'pngjs'

const { values, positionals } = parseArgs({ options: { 'data-dir': { type: 'string' } }, allowPositionals: true })

/** The words after the options, such as the path of a table. */
export const words: readonly string[] = positionals

const shared = values['data-dir'] ?? (process.env.COGNITRON_SHARED && join(process.env.COGNITRON_SHARED, 'data'))

/** The folder of a data set, where real data is at hand. */
export function dataFolder(name: string): string | undefined {
  return shared ? join(shared, name) : undefined
}

/** The name of a lesson's figure: with real data, or of the small form. */
export function figureName(lesson: string, real: boolean): string {
  return real ? lesson : `${lesson}-small`
}

/** A file as text. */
export const readText = (path: string): Promise<string> => readFile(path, 'utf8')

/** The pictures below a folder, for `data.loadPictures` and data sets of pictures. */
export async function pictureFolder(folder: string): Promise<{ paths: string[]; source: data.PictureSource }> {
  return { paths: await listFiles(folder), source: pictureFiles(folder, decodePicture) }
}

/** The pixels of a JPEG or PNG file. */
export function decodePicture(bytes: Uint8Array): data.Raster {
  return bytes[0] === 0x89 ? decodePng(bytes) : decodeJpeg(bytes)
}

function decodePng(bytes: Uint8Array): data.Raster {
  const { width, height, data: rgba } = PNG.sync.read(Buffer.from(bytes))
  return { width, height, channels: 3, pixels: rgba.filter((_, index) => index % 4 !== 3) }
}

function decodeJpeg(bytes: Uint8Array): data.Raster {
  const { width, height, data: pixels } = jpeg.decode(bytes, { useTArray: true, formatAsRGBA: false })
  return { width, height, channels: 3, pixels }
}
