/**
 * Pictures sorted into one folder per class. The index is made from paths alone, and bytes and pixels come from functions that
 * are passed in, so the same code serves files in Node, dropped folders in a browser and any decoder; the library brings none.
 */
import { at, product } from '../../base/arrays.ts'
import { ArgumentError, CognitronError } from '../../base/errors.ts'
import { ArrayDataset } from '../array-dataset.ts'
import { type AsyncDataset, checkIndex, type Sample } from '../dataset.ts'
import { type Normalization, Normalizer } from '../normalization.ts'
import type { Raster } from './raster.ts'
import { type InputSize, toInput } from './resize.ts'

/** Files with their classes. */
export interface ClassFolderIndex {
  readonly paths: readonly string[]
  /** The class number of each path. */
  readonly labels: Int32Array
  /** Folder names, sorted. */
  readonly classNames: readonly string[]
}

const pictureEnding = /\.(?:jpe?g|png)$/i

/**
 * Sorts paths such as `cat/001.jpg` into classes by the folder that holds them; other files and hidden ones are passed over.
 *
 * @throws ArgumentError when no picture lies in a folder.
 * @example
 * ```ts
 * import { data } from 'cognitron'
 * console.log(data.classFolderIndex(['dog/1.png', 'cat/2.jpg', 'notes.txt']).classNames) // [ 'cat', 'dog' ]
 * ```
 */
export function classFolderIndex(paths: readonly string[]): ClassFolderIndex {
  const found = paths
    .map((path) => ({ path, parts: path.split(/[\\/]/) }))
    .filter(({ parts }) => parts.length >= 2 && pictureEnding.test(at(parts, parts.length - 1)))
    .filter(({ parts }) => !parts.some((part) => part.startsWith('.') && part.length > 1))
    .map(({ path, parts }) => ({ path, className: at(parts, parts.length - 2) }))
    .sort((a, b) => (a.path < b.path ? -1 : 1))
  if (found.length === 0) {
    throw new ArgumentError(
      `Among ${paths.length} files is no picture (.png, .jpg) in a folder; expected one folder for each class, such as cat/1.jpg.`,
    )
  }
  const classNames = [...new Set(found.map(({ className }) => className))].sort()
  return {
    paths: found.map(({ path }) => path),
    labels: Int32Array.from(found, ({ className }) => classNames.indexOf(className)),
    classNames,
  }
}

/** Where the pixels of a path come from. */
export interface PictureSource {
  read(path: string): Promise<Uint8Array>
  /** Throws for a file that is broken; `name` is for its message. */
  decode(bytes: Uint8Array, name: string): Raster | Promise<Raster>
}

export interface PictureOptions {
  /** Every picture is brought to this size. */
  readonly size: InputSize
  /** Keep the proportions and cut off what stands over (default), or stretch. */
  readonly fit?: 'cover' | 'stretch'
  readonly name?: string
  /** Of values in [0, 1]: `mean` and `std` of each channel. */
  readonly normalize?: Pick<Normalization, 'mean' | 'std'> | undefined
}

/** One picture that could not be used, and why. */
export interface BrokenPicture {
  readonly path: string
  readonly reason: string
}

async function readPicture(source: PictureSource, path: string, options: PictureOptions): Promise<Float32Array> {
  const raster = await source.decode(await source.read(path), path)
  return toInput(raster, options.size, options.fit)
}

/**
 * A folder of pictures that are read and decoded when a batch needs them.
 *
 * @example
 * import { data } from 'cognitron'
 * const index = data.classFolderIndex(['cats/1.png', 'dogs/1.png'])
 * const source: data.PictureSource = {
 *   read: async () => new Uint8Array(0),
 *   decode: () => ({ width: 1, height: 1, channels: 1, pixels: new Uint8Array([255]) }),
 * }
 * const set = new data.ClassFolderDataset(index, source, { size: { channels: 1, height: 1, width: 1 } })
 * console.log(set.length, (await set.load(1)).input) // 2 samples; the one pixel is 1
 */
export class ClassFolderDataset implements AsyncDataset {
  readonly name: string
  readonly length: number
  readonly inputShape: readonly number[]
  readonly targetShape: readonly number[] = []
  readonly inputDType = 'float32'
  readonly targetDType = 'int32'
  readonly classNames: readonly string[]
  readonly index: ClassFolderIndex
  readonly #source: PictureSource
  readonly #options: PictureOptions
  readonly #normalizer: Normalizer | undefined

  constructor(index: ClassFolderIndex, source: PictureSource, options: PictureOptions) {
    const { channels, height, width } = options.size
    this.index = index
    this.name = options.name ?? 'pictures'
    this.length = index.paths.length
    this.inputShape = [channels, height, width]
    this.classNames = index.classNames
    this.#source = source
    this.#options = options
    this.#normalizer = options.normalize && new Normalizer(options.normalize, this.inputShape)
  }

  /** Throws what the decoder throws, which names the file. */
  async load(index: number): Promise<Sample> {
    checkIndex(index, this)
    const input = await readPicture(this.#source, at(this.index.paths, index), this.#options)
    this.#normalizer?.convert(input, 0, input, 0)
    return { input, target: this.index.labels.slice(index, index + 1) }
  }

  labels(): Int32Array {
    return this.index.labels.slice()
  }
}

export interface LoadPicturesOptions extends PictureOptions {
  /** What a broken file does: end with an error that names it (default), or be left out and listed. */
  readonly onBroken?: 'error' | 'skip'
  readonly onProgress?: (done: number, total: number) => void
}

/**
 * Reads a whole folder of pictures into memory as bytes, for sets that fit.
 *
 * @throws what the decoder throws for the first broken file, unless `onBroken` is `skip`; CognitronError when all are broken.
 * @example
 * import { data } from 'cognitron'
 * const index = data.classFolderIndex(['cats/1.png', 'dogs/1.png'])
 * const source: data.PictureSource = {
 *   read: async () => new Uint8Array(0),
 *   decode: () => ({ width: 1, height: 1, channels: 1, pixels: new Uint8Array([255]) }),
 * }
 * const size = { channels: 1, height: 1, width: 1 } as const
 * const { dataset, broken } = await data.loadPictures(index, source, { size })
 * console.log(dataset.length, broken.length) // 2 0
 */
export async function loadPictures(
  index: ClassFolderIndex,
  source: PictureSource,
  options: LoadPicturesOptions,
): Promise<{ dataset: ArrayDataset; broken: BrokenPicture[] }> {
  const { channels, height, width } = options.size
  const shape = [channels, height, width]
  const size = product(shape)
  const pixels = new Uint8Array(index.paths.length * size)
  const labels = new Int32Array(index.paths.length)
  const broken: BrokenPicture[] = []
  let kept = 0
  for (const [position, path] of index.paths.entries()) {
    try {
      const picture = await readPicture(source, path, options)
      for (let i = 0; i < size; i++) pixels[kept * size + i] = Math.round((picture[i] as number) * 255)
      labels[kept] = at(index.labels, position)
      kept += 1
    } catch (error) {
      if (options.onBroken !== 'skip') throw error
      broken.push(describeBroken(path, error))
    }
    options.onProgress?.(position + 1, index.paths.length)
  }
  if (kept === 0) throw allBroken(broken)
  const dataset = new ArrayDataset({
    inputs: pixels.slice(0, kept * size),
    targets: labels.slice(0, kept),
    inputShape: shape,
    name: options.name ?? 'pictures',
    classNames: index.classNames,
    normalize: { scale: 1 / 255, ...options.normalize },
  })
  return { dataset, broken }
}

/**
 * The pictures of a folder that can be read, and those that cannot; each is read once. For data sets that read when a batch asks, which
 * a broken file would stop in the middle.
 *
 * @throws CognitronError when all are broken.
 * @example
 * import { data } from 'cognitron'
 * const source: data.PictureSource = {
 *   read: async (path) => new Uint8Array(path.includes('2') ? 0 : 1),
 *   decode: (bytes, path) => {
 *     if (bytes.length === 0) throw new Error(`${path} is cut short.`)
 *     return { width: 1, height: 1, channels: 1, pixels: bytes }
 *   },
 * }
 * const all = data.classFolderIndex(['cats/1.png', 'cats/2.png', 'dogs/1.png'])
 * const { index, broken } = await data.withoutBroken(all, source)
 * console.log(index.paths.length, broken.length) // 2 1
 */
export async function withoutBroken(
  index: ClassFolderIndex,
  source: PictureSource,
  onProgress?: (done: number, total: number) => void,
): Promise<{ index: ClassFolderIndex; broken: BrokenPicture[] }> {
  const broken: BrokenPicture[] = []
  const kept: number[] = []
  for (const [position, path] of index.paths.entries()) {
    try {
      await source.decode(await source.read(path), path)
      kept.push(position)
    } catch (error) {
      broken.push(describeBroken(path, error))
    }
    onProgress?.(position + 1, index.paths.length)
  }
  if (kept.length === 0) throw allBroken(broken)
  const paths = kept.map((position) => at(index.paths, position))
  return { index: { ...index, paths, labels: Int32Array.from(kept, (position) => at(index.labels, position)) }, broken }
}

function describeBroken(path: string, error: unknown): BrokenPicture {
  return { path, reason: error instanceof Error ? error.message : String(error) }
}

function allBroken(broken: readonly BrokenPicture[]): CognitronError {
  return new CognitronError(`None of the ${broken.length} pictures can be read; the first says: ${broken[0]?.reason}`)
}
