/** The pictures to learn from: digits that the library draws, IDX files, or a folder for each class. Everything stays in this browser. */
import { data } from 'cognitron'
import type { DataInfo, OwnFile } from '../protocol.ts'
import type { TrainSetup } from '../setup.ts'

export interface PictureSets {
  readonly title: string
  readonly inputShape: readonly [channels: number, height: number, width: number]
  readonly classNames: readonly string[]
  readonly train: data.ArrayDataset
  readonly test: data.ArrayDataset
  readonly note?: string
}

const MOST_CLASSES = 100
const TEST_SHARE = 0.2

/** Test pictures are drawn from a stream of their own. */
export function drawnDigits({ count, seed }: TrainSetup): PictureSets {
  const train = data.syntheticDigits('train', { count, seed })
  const test = data.syntheticDigits('test', { count: Math.max(200, count / 4), seed })
  return setsOf(`${count.toLocaleString('en')} drawn digits`, train, test)
}

function setsOf(title: string, train: data.ArrayDataset, test: data.ArrayDataset, note?: string): PictureSets {
  const [channels = 1, height = 1, width = 1] = train.inputShape
  const classNames = train.classNames ?? []
  if (classNames.length < 2) throw new Error('All pictures are of one class; bring at least two.')
  if (classNames.length > MOST_CLASSES) {
    throw new Error(`There are ${classNames.length} classes; this page takes up to ${MOST_CLASSES}.`)
  }
  const shared = { title, classNames, train, test, inputShape: [channels, height, width] as const }
  return note ? { ...shared, note } : shared
}

/** IDX files when one is among them, else a folder of pictures. */
export async function readOwnFiles(
  files: readonly OwnFile[],
  setup: TrainSetup,
  onProgress: (share: number) => void,
): Promise<PictureSets> {
  if (files.length === 0) throw new Error('There was no file.')
  const isPicture = ({ path }: OwnFile): boolean => /\.(?:jpe?g|png)$/i.test(path)
  return files.some(isPicture) ? readFolder(files, setup, onProgress) : readIdxFiles(files, setup)
}

interface IdxFile {
  readonly name: string
  readonly array: data.IdxArray
}

async function readIdxFiles(files: readonly OwnFile[], setup: TrainSetup): Promise<PictureSets> {
  const read = await Promise.all(
    files.map(async ({ path, file }): Promise<IdxFile> => {
      const name = path.split('/').at(-1) ?? path
      return { name, array: await data.readIdx(new Uint8Array(await file.arrayBuffer()), name) }
    }),
  )
  const images = read.filter(({ array }) => array.shape.length === 3)
  const labels = read.filter(({ array }) => array.shape.length === 1)
  const [first] = read
  if (images.length === 0) throw new Error(`${first?.name} holds no pictures; bring its file of images as well.`)
  const pairs = images.map((image) => pairOf(image, labels, images.length))
  const classes = Math.max(...pairs.flatMap(({ label }) => Array.from(label.array.data))) + 1
  const classNames = Array.from({ length: classes }, (_, index) => String(index))
  const sets = pairs.map(({ image, label }) =>
    data.idxDataset(image.array, label.array, {
      name: image.name,
      imagesName: image.name,
      labelsName: label.name,
      classNames,
    }),
  )
  const testAt = images.findIndex(({ name }) => isTest(name))
  const title = `${read.reduce((sum, { array }) => sum + (array.shape.length === 3 ? (array.shape[0] ?? 0) : 0), 0).toLocaleString('en')} pictures of ${images[0]?.name}`
  const test = sets[testAt]
  const train = sets.find((set) => set !== test)
  if (test && train) return setsOf(title, train, test)
  const [all] = sets
  if (!all) throw new Error('There are no pictures.')
  return setsOf(title, ...divided(all, setup.seed), 'One picture in five tests the network, drawn at random.')
}

const isTest = (name: string): boolean => /t10k|test|valid/i.test(name)

function pairOf(image: IdxFile, labels: readonly IdxFile[], count: number): { image: IdxFile; label: IdxFile } {
  const fits = labels.filter(({ array }) => array.shape[0] === image.array.shape[0])
  const label = fits.find(({ name }) => isTest(name) === isTest(image.name)) ?? (count === 1 ? labels[0] : fits[0])
  if (label) return { image, label }
  throw new Error(
    `There are no labels for the ${image.array.shape[0]} pictures of ${image.name}; bring both files together.`,
  )
}

/** Training and test pictures, the shares of the classes alike. */
function divided(all: data.ArrayDataset, seed: number): [data.ArrayDataset, data.ArrayDataset] {
  const parts = data.split(all, [1 - TEST_SHARE, TEST_SHARE], { seed, stratified: true })
  return parts.map(({ indices }) => take(all, indices)) as [data.ArrayDataset, data.ArrayDataset]
}

function take(all: data.ArrayDataset, indices: Int32Array): data.ArrayDataset {
  const size = all.inputShape.reduce((product, extent) => product * extent, 1)
  const inputs = new Uint8Array(indices.length * size)
  indices.forEach((index, place) => {
    inputs.set(all.rawInputs.subarray(index * size, (index + 1) * size), place * size)
  })
  return new data.ArrayDataset({
    inputs,
    targets: Uint8Array.from(indices, (index) => all.rawTargets[index] as number),
    inputShape: all.inputShape,
    name: all.name,
    classNames: all.classNames,
    normalize: all.normalization,
  })
}

async function readFolder(
  files: readonly OwnFile[],
  { size, colour, seed }: TrainSetup,
  onProgress: (share: number) => void,
): Promise<PictureSets> {
  const byPath = new Map(files.map(({ path, file }) => [path, file]))
  const index = data.classFolderIndex([...byPath.keys()])
  const source: data.PictureSource = {
    read: async (path) => new Uint8Array(await (byPath.get(path) ?? new Blob()).arrayBuffer()),
    decode: (bytes, name) => decodePicture(bytes, name, size),
  }
  const { dataset, broken } = await data.loadPictures(index, source, {
    size: { channels: colour ? 3 : 1, height: size, width: size },
    onBroken: 'skip',
    onProgress: (done, total) => onProgress(done / total),
  })
  const title = `${dataset.length.toLocaleString('en')} pictures in ${index.classNames.length} folders`
  const [first] = broken
  const left =
    first && `${broken.length} could not be read and ${broken.length === 1 ? 'is' : 'are'} left out: ${first.reason}`
  return setsOf(title, ...divided(dataset, seed), left ?? 'One picture in five tests the network, drawn at random.')
}

/** Large photographs are made smaller by the browser first, to four times what is wanted. */
async function decodePicture(bytes: Uint8Array, name: string, size: number): Promise<data.Raster> {
  const bitmap = await createImageBitmap(new Blob([bytes as BlobPart])).catch(() => {
    throw new Error(`${name} is no picture that this browser can read.`)
  })
  const scale = Math.min(1, (4 * size) / Math.min(bitmap.width, bitmap.height))
  const [width, height] = [bitmap.width, bitmap.height].map((side) => Math.max(1, Math.round(side * scale)))
  const canvas = new OffscreenCanvas(width as number, height as number)
  const context = canvas.getContext('2d', { willReadFrequently: true })
  if (!context) throw new Error('This browser cannot read pictures here.')
  context.imageSmoothingQuality = 'high'
  // What is see-through lies on white, as on a page.
  context.fillStyle = '#fff'
  context.fillRect(0, 0, canvas.width, canvas.height)
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height)
  bitmap.close()
  const { data: rgba } = context.getImageData(0, 0, canvas.width, canvas.height)
  const pixels = new Uint8Array(3 * canvas.width * canvas.height)
  for (let place = 0; place < canvas.width * canvas.height; place++) {
    for (let channel = 0; channel < 3; channel++) pixels[3 * place + channel] = rgba[4 * place + channel] as number
  }
  return { width: canvas.width, height: canvas.height, channels: 3, pixels }
}

export function describeSets({ title, inputShape, classNames, train, test, note }: PictureSets): DataInfo {
  return {
    title,
    inputShape,
    classNames,
    trainCount: train.length,
    test: { values: Uint8Array.from(test.rawInputs), labels: Uint8Array.from(test.rawTargets) },
    ...(note ? { note } : {}),
  }
}
