/** Charts as inline SVG: lines over epochs and points around a diagonal. Colours come from the style sheet of the page. */
import { range } from '../../base/arrays.ts'
import { escapeHtml, figure } from './html.ts'

const WIDTH = 640
const HEIGHT = 300
const LEFT = 58
const RIGHT = 96
const TOP = 16
const BOTTOM = 40

export interface Series {
  readonly name: string
  /** Style of the line: `train` or `validation`. */
  readonly kind: 'train' | 'validation'
  /** One value an epoch. */
  readonly values: readonly (number | undefined)[]
}

export interface LineChartOptions {
  readonly title: string
  readonly series: readonly Series[]
  readonly format?: (value: number) => string
  /** The epoch to mark, from 1. */
  readonly mark?: number | undefined
  /** Bounds that the axis never exceeds, such as 0 and 1 for shares. */
  readonly bounds?: readonly [number, number]
}

interface Scale {
  readonly ticks: readonly number[]
  place(value: number): number
}

/** Lines over epochs, labelled at their ends; each point tells its value when pointed at. */
export function lineChart(options: LineChartOptions): string {
  const { title, series, format = figure, mark } = options
  const drawn = series.filter(({ values }) => values.some(isNumber))
  if (drawn.length === 0) return ''
  const epochs = Math.max(...drawn.map(({ values }) => values.length))
  const x = scale(1, Math.max(epochs, 2), LEFT, WIDTH - RIGHT, 8, true)
  const all = drawn.flatMap(({ values }) => values.filter(isNumber))
  const y = scale(...padded(all, options.bounds), HEIGHT - BOTTOM, TOP, 5, false)
  const marked = mark === undefined ? '' : markLine(x.place(mark), mark)
  const lines = drawn.map((each) => line(each, x, y, format)).join('')
  const labels = endLabels(drawn, x, y)
  const summary = drawn
    .map(({ name, values }) => {
      const known = values.filter(isNumber)
      return `${name}: from ${format(known[0] as number)} to ${format(known.at(-1) as number)}`
    })
    .join('; ')
  return `<figure class="chart"><figcaption>${escapeHtml(title)}</figcaption>
<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escapeHtml(`${title} over ${epochs} epochs. ${summary}.`)}">
${axes(x, y, format, 'epoch')}${marked}${lines}${labels}</svg></figure>`
}

export interface ScatterOptions {
  readonly title: string
  readonly x: readonly number[]
  readonly y: readonly number[]
  readonly xLabel: string
}

/** Points with the diagonal on which prediction equals truth. */
export function scatterChart(options: ScatterOptions): string {
  const { title, x: xs, y: ys, xLabel } = options
  const [low, high] = padded([...xs, ...ys])
  const x = scale(low, high, LEFT, WIDTH - RIGHT, 6, false)
  const y = scale(low, high, HEIGHT - BOTTOM, TOP, 5, false)
  const at = (value: number, other: number): string => `cx="${fixed(x.place(value))}" cy="${fixed(y.place(other))}"`
  const points = xs.map((value, index) => `<circle class="point" ${at(value, ys[index] as number)} r="2.5"/>`).join('')
  const diagonal = `<line class="mark" x1="${fixed(x.place(low))}" y1="${fixed(y.place(low))}" x2="${fixed(x.place(high))}" y2="${fixed(y.place(high))}"/>`
  return `<figure class="chart"><figcaption>${escapeHtml(title)}</figcaption>
<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escapeHtml(`${title}, ${xs.length} points`)}">
${axes(x, y, figure, xLabel)}${diagonal}${points}</svg></figure>`
}

function isNumber(value: number | undefined): value is number {
  return value !== undefined && Number.isFinite(value)
}

/** A little room above and below, but never beyond the bounds. */
function padded(values: readonly number[], bounds?: readonly [number, number]): [number, number] {
  let low = Number.POSITIVE_INFINITY
  let high = Number.NEGATIVE_INFINITY
  for (const value of values) {
    low = Math.min(low, value)
    high = Math.max(high, value)
  }
  const room = (high - low || Math.abs(high) || 1) * 0.06
  const [least, most] = bounds ?? [low >= 0 ? 0 : Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]
  return [Math.max(least, low - room), Math.min(most, high + room)]
}

/** A straight scale with about `count` round ticks. */
function scale(low: number, high: number, from: number, to: number, count: number, whole: boolean): Scale {
  const rough = (high - low) / count
  const power = 10 ** Math.floor(Math.log10(rough))
  const factor = [1, 2, 5, 10].find((each) => each * power >= rough) ?? 10
  const step = whole ? Math.max(1, Math.round(factor * power)) : factor * power
  const first = Math.ceil(low / step - 1e-9)
  const last = Math.floor(high / step + 1e-9)
  const ticks = range(Math.max(0, last - first + 1)).map((index) => Number(((first + index) * step).toPrecision(12)))
  return { ticks, place: (value) => from + ((value - low) / (high - low)) * (to - from) }
}

function axes(x: Scale, y: Scale, format: (value: number) => string, xLabel: string): string {
  const rows = y.ticks.map((tick) => {
    const place = fixed(y.place(tick))
    return `<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${place}" y2="${place}"/><text class="tick" x="${LEFT - 8}" y="${place}" dy="0.32em" text-anchor="end">${escapeHtml(tickText(tick, format))}</text>`
  })
  const columns = x.ticks.map(
    (tick) =>
      `<text class="tick" x="${fixed(x.place(tick))}" y="${HEIGHT - BOTTOM + 18}" text-anchor="middle">${tick}</text>`,
  )
  const name = `<text class="tick" x="${(LEFT + WIDTH - RIGHT) / 2}" y="${HEIGHT - 4}" text-anchor="middle">${escapeHtml(xLabel)}</text>`
  return `<g aria-hidden="true">${rows.join('')}${columns.join('')}${name}</g>`
}

/** Ticks are round numbers, so trailing zeros say nothing. */
function tickText(tick: number, format: (value: number) => string): string {
  return format(tick)
    .replace(/(\.\d*?)0+(?= |$)/, '$1')
    .replace(/\.(?= |$)/, '')
}

function markLine(place: number, epoch: number): string {
  const at = fixed(place)
  return `<line class="mark" x1="${at}" x2="${at}" y1="${TOP}" y2="${HEIGHT - BOTTOM}"/><text class="tick" x="${at}" y="${TOP - 4}" text-anchor="middle">best: ${epoch}</text>`
}

function line({ name, kind, values }: Series, x: Scale, y: Scale, format: (value: number) => string): string {
  const points = values.flatMap((value, index) =>
    isNumber(value) ? [{ value, epoch: index + 1, at: [fixed(x.place(index + 1)), fixed(y.place(value))] }] : [],
  )
  const path = points.map(({ at }, index) => `${index === 0 ? 'M' : 'L'}${at.join(' ')}`).join('')
  const radius = points.length > 60 ? 1.5 : 3
  const dots = points.map(
    ({ value, epoch, at: [cx, cy] }) =>
      `<circle class="dot ${kind}" cx="${cx}" cy="${cy}" r="${radius}"><title>${escapeHtml(`${name}, epoch ${epoch}: ${format(value)}`)}</title></circle>`,
  )
  return `<path class="line ${kind}" d="${path}"/>${dots.join('')}`
}

/** Names at the right ends, pushed apart where they would overlap. */
function endLabels(series: readonly Series[], x: Scale, y: Scale): string {
  const ends = series
    .map(({ name, kind, values }) => {
      const last = values.findLastIndex(isNumber)
      return { name, kind, left: x.place(last + 1) + 8, top: y.place(values[last] as number) }
    })
    .sort((a, b) => a.top - b.top)
  ends.forEach((end, index) => {
    const above = ends[index - 1]
    if (above) end.top = Math.max(end.top, above.top + 15)
  })
  return ends
    .map(
      ({ name, kind, left, top }) =>
        `<text class="label ${kind}" x="${fixed(left)}" y="${fixed(top)}" dy="0.32em">${escapeHtml(name)}</text>`,
    )
    .join('')
}

function fixed(value: number): string {
  return value.toFixed(1)
}
