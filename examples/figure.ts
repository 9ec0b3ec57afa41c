/**
 * Figures of the lessons as SVG, without a library: charts of lines, bars, and maps of the plane, side by side on a light ground.
 * Every series is labelled where it ends; colours are those of Okabe and Ito, which colour-blind readers can tell apart.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { type explain, io } from 'cognitron'

export type Point = readonly [x: number, y: number]
export const colours = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#000000'] as const
const ink = '#24292f'
const faint = '#57606a'
const gridColour = '#d8dee4'
const size = { width: 430, height: 300, left: 56, right: 112, top: 40, bottom: 44 }

export interface Series {
  readonly name: string
  readonly points: readonly Point[]
  readonly colour?: string
  readonly dashed?: boolean
  /** Draw the points instead of a line. */
  readonly dots?: boolean
}

/** One drawing with its axes. Ranges are found from the points unless given. */
export interface Panel {
  readonly title: string
  readonly xLabel?: string
  readonly yLabel?: string
  readonly series: readonly Series[]
  readonly xScale?: 'linear' | 'log'
  readonly yScale?: 'linear' | 'log'
  readonly xRange?: readonly [number, number]
  readonly yRange?: readonly [number, number]
  /** A value for each place, −1 (orange) to 1 (blue), painted behind the series. */
  readonly ground?: (x: number, y: number) => number
  /** Words above and to the left of a place. */
  readonly notes?: readonly { readonly at: Point; readonly text: string }[]
}

/** Horizontal bars with their values written beside them. */
export interface Bars {
  readonly title: string
  readonly bars: readonly { readonly name: string; readonly value: number; readonly colour?: string }[]
  readonly format?: (value: number) => string
  readonly xLabel?: string
  /** Where bars begin. Default 0. */
  readonly from?: number
}

/** Writes `examples/figures/NAME.svg` and returns its path. */
export function saveFigure(name: string, title: string, panels: readonly (Panel | Bars)[], columns = 2): string {
  const across = Math.min(columns, panels.length)
  const width = across * size.width
  const height = 44 + Math.ceil(panels.length / across) * size.height
  const drawn = panels.map((panel, index) => {
    const place = `translate(${(index % across) * size.width} ${44 + Math.floor(index / across) * size.height})`
    return `<g transform="${place}">${'bars' in panel ? drawBars(panel) : drawPanel(panel)}</g>`
  })
  const svg =
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" ` +
    `font-family="system-ui, sans-serif" font-size="12" fill="${ink}">\n<title>${escaped(title)}</title>\n` +
    `<rect width="${width}" height="${height}" fill="#fdfdfc"/>\n${text(16, 28, title, 'font-size="16" font-weight="600"')}\n` +
    `${drawn.join('\n')}\n</svg>\n`
  const folder = new URL('figures/', import.meta.url)
  mkdirSync(folder, { recursive: true })
  writeFileSync(new URL(`${name}.svg`, folder), svg)
  return `examples/figures/${name}.svg`
}

/** Writes `examples/figures/NAME.png` and returns its path. */
export async function savePicture(name: string, drawing: explain.Drawing): Promise<string> {
  const folder = new URL('figures/', import.meta.url)
  mkdirSync(folder, { recursive: true })
  writeFileSync(new URL(`${name}.png`, folder), await io.encodePng(drawing))
  return `examples/figures/${name}.png`
}

/** From values of an axis to pixels, with the places of its grid lines. */
interface Axis {
  place(value: number): number
  readonly ticks: readonly number[]
}

function drawPanel(panel: Panel): string {
  const points = panel.series.flatMap((series) => series.points)
  const xs = points.map(([x]) => x)
  const ys = points.map(([, y]) => y)
  const x = axis(panel.xRange ?? extent(xs), panel.xScale, size.left, size.width - size.right)
  const y = axis(panel.yRange ?? padded(extent(ys), panel.yScale), panel.yScale, size.height - size.bottom, size.top)
  const grid = y.ticks.map((tick) => {
    const row = y.place(tick).toFixed(1)
    const line = `<path d="M${size.left} ${row}H${size.width - size.right}" stroke="${gridColour}"/>`
    return line + text(size.left - 8, Number(row) + 4, label(tick), `text-anchor="end" fill="${faint}"`)
  })
  const marks = x.ticks.map((tick) =>
    text(x.place(tick), size.height - size.bottom + 18, label(tick), `text-anchor="middle" fill="${faint}"`),
  )
  const notes = (panel.notes ?? []).map(({ at, text: words }) =>
    text(x.place(at[0]) - 6, y.place(at[1]) - 8, words, 'text-anchor="end"'),
  )
  return [
    ...titles(panel),
    panel.ground ? painted(panel.ground, panel.xRange ?? extent(xs), panel.yRange ?? extent(ys)) : '',
    ...(panel.ground ? [] : grid),
    ...marks,
    ...panel.series.map((series, index) => drawSeries(series, index, x, y)),
    ...endLabels(panel.series, x, y),
    ...notes,
  ].join('')
}

function titles({ title, xLabel = '', yLabel = '' }: Pick<Panel, 'title' | 'xLabel' | 'yLabel'>): string[] {
  return [
    text(16, 18, title, 'font-weight="600"'),
    text((size.left + size.width - size.right) / 2, size.height - 8, xLabel, `text-anchor="middle" fill="${faint}"`),
    text(16, 34, yLabel, `fill="${faint}"`),
  ]
}

function drawSeries(series: Series, index: number, x: Axis, y: Axis): string {
  const colour = series.colour ?? colours[index % colours.length]
  const visible = series.points.filter(([a, b]) => inside(x.place(a)) && Number.isFinite(y.place(b)))
  const places = visible.map(([a, b]) => [
    x.place(a).toFixed(1),
    clamp(y.place(b), size.top, size.height - size.bottom).toFixed(1),
  ])
  if (series.dots) {
    return places
      .map(([a, b]) => `<circle cx="${a}" cy="${b}" r="2.6" fill="${colour}" stroke="#fff" stroke-width=".6"/>`)
      .join('')
  }
  const dash = series.dashed ? ' stroke-dasharray="5 4"' : ''
  const path = places.map(([a, b]) => `${a} ${b}`).join('L')
  return `<path d="M${path}" fill="none" stroke="${colour}" stroke-width="1.8" stroke-linejoin="round"${dash}/>`
}

/** The names at the right ends of the lines, moved apart where they would touch. */
function endLabels(series: readonly Series[], x: Axis, y: Axis): string[] {
  const ends = series
    .map(({ name, points, colour, dots }, index) => ({
      name,
      dots,
      end: points.at(-1),
      colour: colour ?? colours[index % colours.length],
    }))
    .flatMap(({ name, end, colour, dots }) =>
      end && name !== ''
        ? [{ name, colour, end, dots, row: clamp(y.place(end[1]), size.top, size.height - size.bottom) }]
        : [],
    )
    .sort((a, b) => a.row - b.row)
  const rows: number[] = []
  for (const { row } of ends) rows.push(Math.max(row, (rows.at(-1) ?? Number.NEGATIVE_INFINITY) + 15))
  for (let index = rows.length - 1; index >= 0; index--) {
    const limit = (rows[index + 1] ?? size.height - size.bottom + 15) - 15
    rows[index] = Math.min(rows[index] ?? 0, limit)
  }
  const column = size.width - size.right + 10
  return ends.map(({ name, colour, end, dots }, index) => {
    const row = rows[index] ?? 0
    const from = `${clamp(x.place(end[0]), 0, column).toFixed(1)} ${clamp(y.place(end[1]), size.top, size.height - size.bottom).toFixed(1)}`
    const leader = dots
      ? ''
      : `<path d="M${from}L${column} ${row.toFixed(1)}" stroke="${colour}" stroke-width=".6" fill="none"/>`
    return `${leader}<circle cx="${column}" cy="${row.toFixed(1)}" r="3" fill="${colour}"/>${text(column + 7, row + 4, name)}`
  })
}

function drawBars({ title, bars, format = label, xLabel = '', from = 0 }: Bars): string {
  const left = 150
  const most = Math.max(...bars.map(({ value }) => value))
  const step = Math.min(32, (size.height - size.top - size.bottom) / bars.length)
  const drawn = bars.map(({ name, value, colour = colours[0] }, index) => {
    const row = size.top + index * step
    const length = Math.max(1, ((value - from) / (most - from || 1)) * (size.width - left - 80))
    return (
      text(left - 8, row + step / 2 + 4, name, 'text-anchor="end"') +
      `<rect x="${left}" y="${row + 3}" width="${length.toFixed(1)}" height="${(step - 6).toFixed(1)}" rx="2" fill="${colour}"/>` +
      text(left + length + 6, row + step / 2 + 4, format(value))
    )
  })
  return [...titles({ title, xLabel }), ...drawn].join('')
}

/** A coarse map of a function of the plane. */
function painted(
  ground: (x: number, y: number) => number,
  xs: readonly [number, number],
  ys: readonly [number, number],
): string {
  const cells = 60
  const width = (size.width - size.right - size.left) / cells
  const height = (size.height - size.bottom - size.top) / cells
  const rects: string[] = []
  for (let row = 0; row < cells; row++) {
    for (let column = 0; column < cells; column++) {
      const value = ground(
        xs[0] + ((column + 0.5) / cells) * (xs[1] - xs[0]),
        ys[1] - ((row + 0.5) / cells) * (ys[1] - ys[0]),
      )
      const place = `x="${(size.left + column * width).toFixed(1)}" y="${(size.top + row * height).toFixed(1)}"`
      rects.push(
        `<rect ${place} width="${(width + 0.4).toFixed(1)}" height="${(height + 0.4).toFixed(1)}" fill="${tint(value)}"/>`,
      )
    }
  }
  return rects.join('')
}

/** −1 orange, 0 nearly white, 1 blue, in 16 steps. */
function tint(value: number): string {
  const strength = Math.round(clamp(value, -1, 1) * 8) / 8
  const end = strength < 0 ? [230, 159, 0] : [0, 114, 178]
  const mix = end.map((channel) => Math.round(250 + (channel - 250) * Math.abs(strength) * 0.45))
  return `#${mix.map((channel) => channel.toString(16).padStart(2, '0')).join('')}`
}

function axis([low, high]: readonly [number, number], scale: Panel['xScale'], from: number, to: number): Axis {
  const map = scale === 'log' ? Math.log10 : (value: number): number => value
  const [first, last] = [map(low), map(high)]
  const place = (value: number): number => from + ((map(value) - first) / (last - first || 1)) * (to - from)
  const powers = scale === 'log' ? decades(low, high) : []
  return { place, ticks: powers.length >= 3 ? powers : roundTicks(low, high) }
}

/** Three to five round numbers. */
function roundTicks(low: number, high: number): number[] {
  const raw = (high - low) / 4 || 1
  const power = 10 ** Math.floor(Math.log10(raw))
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= raw) ?? raw
  const ticks: number[] = []
  for (let tick = Math.ceil(low / step - 1e-9) * step; tick <= high + step * 1e-9; tick += step)
    ticks.push(Number(tick.toPrecision(10)))
  return ticks
}

/** Powers of ten, or of two where there are too few. */
function decades(low: number, high: number): number[] {
  const base = Math.log10(high / low) >= 2 ? 10 : 2
  const every = Math.max(1, Math.ceil(Math.log(high / low) / Math.log(base) / 5))
  const ticks: number[] = []
  for (let power = Math.ceil(Math.log(low) / Math.log(base) - 1e-9); base ** power <= high * (1 + 1e-9); power += every)
    ticks.push(base ** power)
  return ticks
}

function extent(values: readonly number[]): [number, number] {
  const finite = values.filter(Number.isFinite)
  const [low, high] = [Math.min(...finite), Math.max(...finite)]
  return low < high ? [low, high] : [low - 0.5, low + 0.5]
}

/** A little air above and below. */
function padded([low, high]: readonly [number, number], scale: Panel['yScale']): [number, number] {
  if (scale === 'log') return [low / (high / low) ** 0.04, high * (high / low) ** 0.04]
  return [low - 0.04 * (high - low), high + 0.04 * (high - low)]
}

function label(value: number): string {
  if (value !== 0 && (Math.abs(value) < 1e-3 || Math.abs(value) >= 1e5))
    return value.toExponential(0).replace('e+', 'e')
  return String(Number(value.toPrecision(4)))
}

function text(x: number, y: number, words: string, attributes = ''): string {
  return words === '' ? '' : `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" ${attributes}>${escaped(words)}</text>`
}

function escaped(words: string): string {
  return words.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;')
}

/** Whether a column of pixels lies between the axes. */
function inside(column: number): boolean {
  return column >= size.left - 1 && column <= size.width - size.right + 1
}

function clamp(value: number, low: number, high: number): number {
  return Math.max(low, Math.min(high, value))
}
