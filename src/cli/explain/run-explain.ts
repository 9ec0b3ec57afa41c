/** `explain`: which places of a picture speak for a class, as picture files and a summary. */
import { basename, extname } from 'node:path'
import { explain, io, softmax } from '../../index.ts'
import { writeFileAtomic } from '../../io/files.ts'
import { useThreads } from '../backend.ts'
import { UsageError } from '../failure.ts'
import { formatLoss, formatPercent } from '../progress/format.ts'
import { createProgress } from '../progress/index.ts'
import { writeJsonLine } from '../progress/json-progress.ts'
import { styled } from '../style.ts'
import { pairs } from '../table.ts'
import type { Output, Terminal } from '../terminal.ts'
import { type MethodName, methodNames } from './method-names.ts'
import { runMethod } from './methods.ts'
import {
  classNamed,
  openPictureModel,
  type PictureModel,
  type PictureModelOptions,
  type PreparedPicture,
  preparePicture,
} from './picture-model.ts'
import { textMap } from './text-map.ts'

export interface ExplainOptions extends PictureModelOptions {
  readonly method?: MethodName | 'all'
  readonly class?: string
  readonly unit?: string
  readonly layer?: string
  readonly patch?: number
  readonly stride?: number
  readonly steps?: number
  readonly samples?: number
  readonly seed?: number
  readonly out?: string
  readonly check?: boolean
  readonly threads?: number
  readonly json?: boolean
}

interface Explained {
  readonly opened: PictureModel
  readonly picture: PreparedPicture
  readonly maps: readonly explain.Attribution[]
  readonly file: string
  readonly probability: number | undefined
  readonly className: string | undefined
}

/** Explains as asked. Throws UsageError or another CognitronError for whatever cannot work. */
export async function runExplain(
  text: string,
  image: string,
  options: ExplainOptions,
  terminal: Terminal,
): Promise<void> {
  const { output } = terminal
  useThreads(options.threads)
  const file = options.out ?? `${basename(image, extname(image))}.${options.method ?? 'grad-cam'}.png`
  checkEnding(file)
  const progress = createProgress(output, { json: options.json })
  const explained = await explainPicture(text, image, { ...options, out: file }, (message) =>
    progress.status(message),
  ).finally(() => progress.close())
  await writeFileAtomic(file, await drawn(explained))
  const check = options.check ? await trust(explained, options) : undefined
  if (options.json) writeJsonLine(output, 'result', { image, file, ...jsonOf(explained), check })
  else output.write(`${summary(output, image, explained, check)}\n`)
}

function checkEnding(file: string): void {
  if (/\.(?:png|svg)$/i.test(file)) return
  throw new UsageError(`--out ${file}: pictures are written as .png or .svg.`)
}

async function explainPicture(
  text: string,
  image: string,
  options: ExplainOptions & { out: string },
  say: (message: string) => void,
): Promise<Explained> {
  const opened = await openPictureModel(text, options)
  const picture = await preparePicture(image, opened)
  const target = await targetOf(opened, picture, options)
  const names = options.method === 'all' ? methodNames : [options.method ?? 'grad-cam']
  const maps: explain.Attribution[] = []
  for (const name of names) {
    say(explain.methodTitle(name))
    const onProgress = (done: number, total: number): void => say(`${explain.methodTitle(name)} ${done} of ${total}`)
    maps.push(await runMethod(name, opened.model, picture.input, { ...options, target, onProgress }))
  }
  const isClass = options.unit === undefined
  const channel = maps[0]?.unit.channel ?? 0
  return {
    opened,
    picture,
    maps,
    file: options.out,
    className: isClass ? (opened.classNames?.[channel] ?? `class ${channel}`) : undefined,
    probability: isClass ? await probabilityOf(opened, picture, channel) : undefined,
  }
}

/** The unit that is asked about: a class of the scores, or `layer:channel` or `layer:channel:row,column`. */
async function targetOf(
  { model, classNames }: PictureModel,
  { input }: PreparedPicture,
  options: ExplainOptions,
): Promise<explain.LayerUnit> {
  if (options.unit !== undefined) {
    if (options.class !== undefined) throw new UsageError('--class and --unit exclude each other; leave one out.')
    const parts = /^(.+?):(\d+)(?::(\d+),(\d+))?$/.exec(options.unit)
    if (!parts) throw new UsageError(`--unit takes LAYER:CHANNEL or LAYER:CHANNEL:ROW,COLUMN, given ${options.unit}.`)
    const [, layer = '', channel, row, column] = parts
    const place = row === undefined || column === undefined ? {} : { place: [Number(row), Number(column)] }
    return { layer, channel: Number(channel), ...place }
  }
  const layer = explain.scoreLayer(model)
  if (options.class !== undefined) return { layer, channel: classNamed(options.class, classNames) }
  const scores = Float32Array.from(await (await explain.outputOf(model, input)).data())
  return { layer, channel: scores.reduce((best, value, index) => (value > (scores[best] ?? 0) ? index : best), 0) }
}

async function probabilityOf({ model }: PictureModel, { input }: PreparedPicture, channel: number): Promise<number> {
  const scores = await explain.outputOf(model, input)
  const values = await (explain.scoreLayer(model) === '' ? softmax(scores, 1) : scores).data()
  return values[channel] ?? Number.NaN
}

async function drawn({ maps, picture, file }: Explained): Promise<Uint8Array | string> {
  const [only] = maps
  if (/\.svg$/i.test(file)) {
    if (only && maps.length === 1) return explain.attributionFigure(only, picture.shown)
    const panels = maps.map((map) => ({
      title: explain.methodTitle(map.method),
      picture: explain.overlay(map, picture.shown),
      scale: explain.mapScale(map),
    }))
    return explain.figure([{ title: 'Picture', picture: explain.drawRaster(picture.shown) }, ...panels], { columns: 3 })
  }
  const tiles = maps.map((map) => explain.overlay(map, picture.shown))
  return io.encodePng(
    maps.length === 1
      ? (tiles[0] as explain.Drawing)
      : explain.mosaic([explain.drawRaster(picture.shown), ...tiles], { gap: 4 }),
  )
}

/** What the two checks of an explanation found. */
interface Trust {
  /** Rank correlation of magnitudes with the map of the same network with shuffled weights. */
  readonly randomWeights: number
  /** Area below the probability when pixels are covered in the order of the map, and when they are shown. */
  readonly deletion: number
  readonly insertion: number
}

async function trust({ opened, picture, maps }: Explained, options: ExplainOptions): Promise<Trust> {
  const [map] = maps
  if (!map || maps.length > 1) throw new UsageError('--check looks at one method; name it with --method.')
  const { model } = opened
  const name = options.method === undefined || options.method === 'all' ? 'grad-cam' : options.method
  const target = {
    layer: map.unit.layer,
    channel: map.unit.channel,
    ...(map.unit.place ? { place: map.unit.place } : {}),
  }
  const tested = await explain.randomizationTest(
    model,
    picture.input,
    (network, image) => runMethod(name, network, image, { ...options, target }),
    { mode: 'all' },
  )
  const settings = { softmax: explain.scoreLayer(model) === '', target: map.unit.channel }
  return {
    randomWeights: tested.stages.at(-1)?.absoluteCorrelation ?? Number.NaN,
    deletion: (await explain.pixelCurve(model, picture.input, map, settings)).area,
    insertion: (await explain.pixelCurve(model, picture.input, map, { ...settings, mode: 'insertion' })).area,
  }
}

function jsonOf({ maps, className, probability }: Explained): object {
  return {
    class: className,
    probability,
    maps: maps.map((map) => ({
      method: map.method,
      unit: map.unit,
      score: map.score,
      strongest: explain.strongestPlace(map),
      size: [map.width, map.height],
      completeness: map.completeness,
    })),
  }
}

function summary(output: Output, image: string, explained: Explained, check: Trust | undefined): string {
  const { maps, className, probability, file } = explained
  const [first] = maps
  if (!first) return ''
  const { row, column } = explain.strongestPlace(first)
  const at = `${formatPercent((column + 0.5) / first.width, 0)} from the left, ${formatPercent((row + 0.5) / first.height, 0)} from the top`
  const { completeness, unit, score } = first
  const what =
    className ?? `channel ${unit.channel} of ${unit.layer}${unit.place ? ` at ${unit.place.join(', ')}` : ''}`
  const sure = probability === undefined ? '' : `  ${formatPercent(probability)}`
  const lines: [string, string][] = [
    ['picture', image],
    [className === undefined ? 'unit' : 'class', styled(output, 'strong', `${what}${sure}`)],
    ['score', formatLoss(score)],
    ['method', maps.map(({ method }) => explain.methodTitle(method)).join(', ')],
    ['strongest', at],
  ]
  if (completeness) {
    lines.push(['complete', `the map sums to ${formatLoss(completeness.sum)} of ${formatLoss(completeness.expected)}`])
  }
  if (maps.some(({ signed }) => signed)) lines.push(['colours', 'blue speaks for it, orange against it'])
  if (check) lines.push(...checkLines(check))
  lines.push(['file', file])
  const drawing = maps.length === 1 ? ['', ...textMap(output, first).map((line) => `  ${line}`), ''] : ['']
  return [...drawing, pairs(output, lines)].join('\n')
}

function checkLines({ randomWeights, deletion, insertion }: Trust): [string, string][] {
  const verdict =
    Math.abs(randomWeights) < 0.5 ? 'the map depends on what was learned' : 'the map hardly depends on what was learned'
  return [
    ['check', `${verdict}: it correlates ${randomWeights.toFixed(2)} with that of shuffled weights`],
    ['', `probability as pixels go ${deletion.toFixed(2)}, as they come ${insertion.toFixed(2)} (areas)`],
  ]
}
