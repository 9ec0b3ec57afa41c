/** A trained network that takes pictures, from a run, a file of weights or an ONNX file, and pictures as it takes them. */
import { readFile } from 'node:fs/promises'
import { fileError } from '../../base/file-errors.ts'
import { cropToProportions, type Raster, toPlanes } from '../../data/image/raster.ts'
import { resizePlanes, toInput } from '../../data/image/resize.ts'
import { nearestPixels } from '../../data/image/segmentation.ts'
import { type Normalization, Normalizer } from '../../data/normalization.ts'
import { fromTypedArray, type Tensor } from '../../index.ts'
import type { Network } from '../../train/types.ts'
import { UsageError } from '../failure.ts'
import { readImageFile } from '../image/decode.ts'
import { findTrained } from '../trained/open.ts'
import { openClassifier } from '../trained/run-predict.ts'
import type { NormalizationName } from './method-names.ts'

/** How bytes become inputs, by name. */
export const normalizations = {
  unit: { scale: 1 / 255 },
  symmetric: { scale: 1 / 127.5, mean: 1 },
  imagenet: { scale: 1 / 255, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
  bytes: { scale: 1 },
} as const satisfies Record<NormalizationName, Normalization>

export interface PictureModelOptions {
  readonly model?: string
  readonly data?: string
  readonly normalize?: NormalizationName
  readonly input?: readonly number[]
  readonly labels?: string
}

/** A network that takes pictures, with what it needs to know of them. */
export interface PictureModel {
  readonly name: string
  readonly model: Network
  readonly inputShape: readonly [channels: 1 | 3, height: number, width: number]
  /** Of bytes, 0 to 255. */
  readonly normalization: Normalization
  readonly classNames: readonly string[] | undefined
}

/**
 * The network that `text` means: a run, a .safetensors file (with --model) or an .onnx file.
 *
 * @throws UsageError, FileError or FormatError that says what is missing or wrong.
 */
export async function openPictureModel(text: string, options: PictureModelOptions): Promise<PictureModel> {
  const opened = await openClassifier(await findTrained(text), options)
  const labels = options.labels === undefined ? undefined : await readLabels(options.labels)
  const named = options.normalize && normalizations[options.normalize]
  const normalization: Normalization = named ?? opened.normalization
  return {
    name: text,
    model: opened.model,
    inputShape: opened.inputShape,
    normalization,
    classNames: labels ?? opened.classNames,
  }
}

/** Names of classes, one a line. */
async function readLabels(path: string): Promise<string[]> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw fileError(error, 'read', path)
  })
  return text.trimEnd().split(/\r?\n/)
}

/**
 * The class that `text` means: its number, its name, or a part of its name that no other has.
 *
 * @throws UsageError when it means none or several.
 */
export function classNamed(text: string, classNames: readonly string[] | undefined): number {
  if (/^\d+$/.test(text)) return Number(text)
  if (!classNames)
    throw new UsageError(`the classes of this network have no names; give the number of a class, or --labels FILE.`)
  const plain = text.toLowerCase()
  const exact = classNames.findIndex((name) => name.toLowerCase() === plain)
  if (exact >= 0) return exact
  const found = classNames.flatMap((name, index) => (name.toLowerCase().includes(plain) ? [index] : []))
  const [only] = found
  if (only !== undefined && found.length === 1) return only
  const some = found.slice(0, 5).map((index) => `${classNames[index]} (${index})`)
  throw new UsageError(
    found.length === 0
      ? `no class is called "${text}"; there are ${classNames.length}, such as ${classNames.slice(0, 5).join(', ')}.`
      : `"${text}" may mean ${some.join(', ')}${found.length > 5 ? ', …' : ''}; give the number of the class.`,
  )
}

/** A picture as the network gets it, and as people see the same part of it. */
export interface PreparedPicture {
  readonly input: Tensor
  /** The same part of the picture, about `SHOWN` pixels a side: larger ones are made smaller, small ones are shown in whole multiples. */
  readonly shown: Raster
}

const SHOWN = 336

/** Reads, cuts and normalises a picture file. */
export async function preparePicture(path: string, target: PictureModel): Promise<PreparedPicture> {
  const [channels, height, width] = target.inputShape
  const raster = await readImageFile(path)
  const bytes = toInput(raster, { channels, height, width }).map((value) => 255 * value)
  const values = new Float32Array(bytes.length)
  new Normalizer(target.normalization, target.inputShape).convert(bytes, 0, values, 0)
  return { input: fromTypedArray(values, target.inputShape, 'float32'), shown: shownPart(raster, width, height) }
}

/** The part that the network sees, as large as screens need. */
function shownPart(raster: Raster, width: number, height: number): Raster {
  const cut = cropToProportions(raster, width, height)
  const share = Math.min(1, SHOWN / Math.max(cut.width, cut.height))
  if (share === 1) {
    const zoom = Math.max(1, Math.floor(SHOWN / Math.max(cut.width, cut.height)))
    return nearestPixels(cut, { width: zoom * cut.width, height: zoom * cut.height })
  }
  const [rows, columns] = [Math.max(1, Math.round(cut.height * share)), Math.max(1, Math.round(cut.width * share))]
  const planes = resizePlanes(toPlanes(cut), [cut.channels, cut.height, cut.width], [rows, columns])
  const size = rows * columns
  const pixels = new Uint8Array(cut.channels * size)
  for (let place = 0; place < size; place++) {
    for (let c = 0; c < cut.channels; c++)
      pixels[place * cut.channels + c] = Math.round(planes[c * size + place] as number)
  }
  return { width: columns, height: rows, channels: cut.channels, pixels }
}
