/** `filters`: the filters of a network, what its channels show for a picture, or the patches that excite them most. */
import { basename, extname } from 'node:path'
import { range } from '../../base/arrays.ts'
import { classFolderIndex } from '../../data/image/class-folder.ts'
import { toInput } from '../../data/image/resize.ts'
import { listFiles } from '../../data/node/index.ts'
import { type Normalization, Normalizer } from '../../data/normalization.ts'
import { explain, io } from '../../index.ts'
import { writeFileAtomic } from '../../io/files.ts'
import type { AnyDataset } from '../../train/types.ts'
import { useThreads } from '../backend.ts'
import { UsageError } from '../failure.ts'
import { readImageFile } from '../image/decode.ts'
import { createProgress, type Progress } from '../progress/index.ts'
import { writeJsonLine } from '../progress/json-progress.ts'
import { pairs } from '../table.ts'
import type { Terminal } from '../terminal.ts'
import { openPictureModel, type PictureModel, type PictureModelOptions, preparePicture } from './picture-model.ts'

export interface FiltersOptions extends PictureModelOptions {
  readonly layer?: string
  readonly image?: string
  readonly top?: string
  readonly most?: number
  readonly zoom?: number
  readonly out?: string
  readonly threads?: number
  readonly json?: boolean
}

interface Shown {
  readonly what: string
  readonly layer: string
  readonly count: number
  readonly tile: readonly [width: number, height: number]
  readonly drawing: explain.Drawing
  readonly values?: readonly { readonly channel: number; readonly strongest: number }[]
}

/** Draws as asked. Throws UsageError or another CognitronError for whatever cannot work. */
export async function runFilters(text: string, options: FiltersOptions, { output }: Terminal): Promise<void> {
  useThreads(options.threads)
  if (options.image !== undefined && options.top !== undefined) {
    throw new UsageError('--image shows channels for one picture and --top patches of a folder; leave one out.')
  }
  const progress = createProgress(output, { json: options.json })
  const opened = await openPictureModel(text, options)
  const shown = await show(opened, options, progress).finally(() => progress.close())
  const name = basename(text, extname(text)) || 'model'
  const file = options.out ?? `${name}.${shown.what.replaceAll(' ', '-')}.png`
  await write(file, shown)
  const { layer, count, tile, what, drawing } = shown
  if (options.json) {
    writeJsonLine(output, 'result', {
      what,
      layer,
      count,
      tile,
      file,
      size: [drawing.width, drawing.height],
      channels: shown.values,
    })
    return
  }
  output.write(
    `${pairs(output, [
      ['model', text],
      ['layer', layer],
      ['shown', `${count} ${what}, ${tile.join(output.unicode ? ' × ' : ' x ')} pixels each`],
      ['file', file],
    ])}\n`,
  )
}

async function write(file: string, { drawing, what, layer }: Shown): Promise<void> {
  if (/\.svg$/i.test(file)) {
    const svg = await explain.figure([{ title: `${what} of ${layer}`, picture: drawing }], {
      panelWidth: Math.max(320, Math.min(960, drawing.width)),
    })
    await writeFileAtomic(file, svg)
    return
  }
  if (!/\.png$/i.test(file)) throw new UsageError(`--out ${file}: pictures are written as .png or .svg.`)
  await writeFileAtomic(file, await io.encodePng(drawing))
}

function show(opened: PictureModel, options: FiltersOptions, progress: Progress): Promise<Shown> {
  if (options.top !== undefined) return showPatches(opened, options.top, options, progress)
  return options.image === undefined ? showFilters(opened, options) : showMaps(opened, options.image, options)
}

async function showFilters({ model }: PictureModel, options: FiltersOptions): Promise<Shown> {
  const set = await explain.filters(model, options.layer === undefined ? {} : { layer: options.layer })
  return showSet(set, 'filters', options)
}

async function showMaps(opened: PictureModel, image: string, options: FiltersOptions): Promise<Shown> {
  const { input } = await preparePicture(image, opened)
  const layer = options.layer ?? (await explain.firstSpatialLayer(opened.model, input))
  return showSet(await explain.featureMaps(opened.model, input, { layer }), 'feature maps', options)
}

function showSet(set: explain.PictureSet, what: string, options: FiltersOptions): Shown {
  const most = Math.min(options.most ?? 256, set.count)
  const zoom = options.zoom ?? Math.max(1, Math.round(48 / Math.max(set.width, set.height)))
  const drawing = explain.drawPictureSet(set, { most, zoom, gap: 2 })
  return { what, layer: set.layer, count: most, tile: [set.width, set.height], drawing }
}

/** A row of nine patches for each filter. */
async function showPatches(
  opened: PictureModel,
  folder: string,
  options: FiltersOptions,
  progress: Progress,
): Promise<Shown> {
  const { dataset, index } = await picturesBelow(folder, opened)
  const layer =
    options.layer ?? (await explain.lastSpatialLayer(opened.model, (await preparePicture(index, opened)).input))
  const channels = range(options.most ?? 9)
  const found = await explain.topPatches(opened.model, dataset, {
    layer,
    channels,
    batchSize: 8,
    onProgress: (done, total) => progress.status(`pictures ${Math.min(done, total)} of ${total}`),
  })
  const shape = (box: explain.Patch['box']): number[] => [
    opened.inputShape[0],
    box.bottom - box.top,
    box.right - box.left,
  ]
  const tiles = found.flatMap(({ patches }) =>
    patches.map(({ pixels, box }) =>
      explain.drawPlanes(asBytes(pixels, shape(box), opened.normalization), shape(box), { range: [0, 255] }),
    ),
  )
  const perRow = Math.max(1, found[0]?.patches.length ?? 1)
  const drawing = explain.mosaic(tiles, { columns: perRow, gap: 2, zoom: options.zoom ?? 1 })
  const [first] = tiles
  return {
    what: 'top patches',
    layer,
    count: tiles.length,
    tile: [first?.width ?? 0, first?.height ?? 0],
    drawing,
    values: found.map(({ channel, patches }) => ({ channel, strongest: patches[0]?.value ?? Number.NaN })),
  }
}

/** The pictures below a folder as a data set without labels, and the path of the first. */
async function picturesBelow(folder: string, opened: PictureModel): Promise<{ dataset: AnyDataset; index: string }> {
  const [channels, height, width] = opened.inputShape
  // The folder's own name stands in front, so that pictures that lie directly in it count too.
  const { paths } = classFolderIndex((await listFiles(folder)).map((path) => `${folder}/${path}`))
  const normalizer = new Normalizer(opened.normalization, opened.inputShape)
  const dataset: AnyDataset = {
    name: folder,
    length: paths.length,
    inputShape: opened.inputShape,
    targetShape: [],
    inputDType: 'float32',
    targetDType: 'int32',
    async load(index) {
      const raster = await readImageFile(paths[index] ?? '')
      const bytes = toInput(raster, { channels, height, width }).map((value) => 255 * value)
      const input = new Float32Array(bytes.length)
      normalizer.convert(bytes, 0, input, 0)
      return { input, target: new Int32Array(1) }
    },
  }
  return { dataset, index: paths[0] ?? '' }
}

/** Undoes the normalisation. */
function asBytes(values: Float32Array, [channels = 1]: readonly number[], normalization: Normalization): Float32Array {
  const { scale = 1, mean = 0, std = 1 } = normalization
  const of = (value: number | readonly number[], channel: number): number =>
    typeof value === 'number' ? value : (value[channel] ?? value[0] ?? 0)
  const size = values.length / channels
  return values.map((value, i) => {
    const channel = Math.floor(i / size)
    return (value * of(std, channel) + of(mean, channel)) / scale
  })
}
