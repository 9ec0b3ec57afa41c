/** A folder with one folder of pictures for each class, as `transfer` needs it: what it holds, how large, and how it tells itself apart. */
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { fileError } from '../../base/file-errors.ts'
import {
  type BrokenPicture,
  ClassFolderDataset,
  type ClassFolderIndex,
  classFolderIndex,
  withoutBroken,
} from '../../data/image/class-folder.ts'
import { listFiles, pictureFiles } from '../../data/node/index.ts'
import type { Normalization } from '../../data/normalization.ts'
import { io } from '../../index.ts'
import { UsageError } from '../failure.ts'
import { decodeImage, readableFormat, readImageFile } from '../image/decode.ts'

/** The smallest number of pictures of a class that can be divided into parts. */
const FEWEST = 3

export interface PictureFolder {
  readonly dataset: ClassFolderDataset
  /** Changes with the files, their sizes and times, and with how they are read. */
  readonly key: string
  /** What was left out because it cannot be read. */
  readonly broken: readonly BrokenPicture[]
}

/**
 * Opens a folder for a network. Broken pictures stop the work when they are met, or are looked for beforehand and left out.
 *
 * @throws UsageError for fewer than two classes or too few pictures of one, FileError when the folder cannot be read.
 */
export async function openPictureFolder(
  folder: string,
  inputShape: readonly [channels: 1 | 3, height: number, width: number],
  { normalization, skipBroken = false }: { normalization: Normalization; skipBroken?: boolean | undefined },
): Promise<PictureFolder> {
  const source = pictureFiles(folder, decodeImage)
  const all = classFolderIndex(await listFiles(folder))
  const found: { index: ClassFolderIndex; broken: readonly BrokenPicture[] } = skipBroken
    ? await withoutBroken(all, source)
    : { index: all, broken: [] }
  const { index, broken } = found
  checkClasses(folder, index.classNames, index.labels)
  const [channels, height, width] = inputShape
  const normalize = ofUnit(normalization, channels)
  const dataset = new ClassFolderDataset(index, source, {
    size: { channels, height, width },
    name: folder,
    ...(normalize ? { normalize } : {}),
  })
  const files: string[] = []
  for (const path of index.paths) {
    files.push(`${path} ${await identify(join(folder, path))}`)
  }
  const text = JSON.stringify([inputShape, normalization, files])
  const key = `${index.paths.length}-${io.crc32(new TextEncoder().encode(text)).toString(16)}`
  return { dataset, key, broken }
}

/** Size and time of a picture file, whose first bytes are looked at, so that a file that is none is noticed before long work. */
async function identify(path: string): Promise<string> {
  const file = await open(path).catch((error: unknown) => {
    throw fileError(error, 'read', path)
  })
  try {
    const { buffer, bytesRead } = await file.read(new Uint8Array(16), 0, 16, 0)
    readableFormat(buffer.subarray(0, bytesRead), path)
    const { size, mtimeMs } = await file.stat()
    return `${size} ${mtimeMs}`
  } finally {
    await file.close()
  }
}

/** How many broken pictures are named one by one. */
const NAMED = 5

/** One line on what was left out: how many, and the first by name. */
export function describeBroken({ dataset, broken }: PictureFolder): string {
  const more = broken.length > NAMED ? `, and ${broken.length - NAMED} more` : ''
  const names = broken
    .slice(0, NAMED)
    .map(({ path, reason }) => (reason.includes(path) ? reason.replace(/\.$/, '') : path))
  const total = dataset.length + broken.length
  return `${broken.length} of ${total} pictures cannot be read and are left out: ${names.join('; ')}${more}`
}

/** The names of the classes of a folder. */
export async function classesOf(folder: string): Promise<readonly string[]> {
  return classFolderIndex(await listFiles(folder)).classNames
}

/** Width and height of the first picture of a folder; with `skipBroken`, of the first that can be read. */
export async function firstPictureSize(
  folder: string,
  { skipBroken = false }: { skipBroken?: boolean | undefined } = {},
): Promise<{ width: number; height: number }> {
  const { paths } = classFolderIndex(await listFiles(folder))
  for (const [index, path] of paths.entries()) {
    try {
      const { width, height } = await readImageFile(join(folder, path))
      return { width, height }
    } catch (error) {
      if (!skipBroken || index === paths.length - 1) throw error
    }
  }
  throw new UsageError(`${folder} has no pictures.`)
}

function checkClasses(folder: string, classNames: readonly string[], labels: Int32Array): void {
  if (classNames.length < 2) {
    throw new UsageError(
      `${folder} has one class only (${classNames.join()}); expected a folder for each class, such as cat/ and dog/.`,
    )
  }
  const counts = classNames.map((_, label) => labels.filter((each) => each === label).length)
  const small = counts.findIndex((count) => count < FEWEST)
  if (small < 0) return
  throw new UsageError(
    `${join(folder, classNames[small] ?? '')} has ${counts[small]} pictures; each class needs at least ${FEWEST}, to learn from, to choose by and to test with.`,
  )
}

/** A normalisation of bytes as one of values from 0 to 1. */
function ofUnit({ scale = 1, mean = 0, std = 1 }: Normalization, channels: number): { mean: number[]; std: number[] } {
  const all = (value: number | readonly number[]): number[] =>
    Array.from({ length: channels }, (_, channel) =>
      typeof value === 'number' ? value : (value[channel] ?? value[0] ?? 0),
    )
  const factor = 255 * scale
  return { mean: all(mean).map((each) => each / factor), std: all(std).map((each) => each / factor) }
}
