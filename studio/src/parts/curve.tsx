/** Live curves with uPlot: lines are labelled at their ends, the raw line lies pale under the smoothed one. */
import 'uplot/dist/uPlot.min.css'
import { useEffect, useRef } from 'preact/hooks'
import uPlot from 'uplot'
import { formatValue } from '../base/format.ts'
import { movedApart } from '../base/moved-apart.ts'
import { scheme } from '../shell/theme.ts'

export interface CurveSeries {
  readonly label: string
  readonly dashed?: boolean
  /** A name of the theme, such as `--text`. */
  readonly colour: string
  /** Has values at some places only (NaN elsewhere); they are joined, and each has a dot. */
  readonly sparse?: boolean
}

export interface CurveData {
  readonly x: ArrayLike<number>
  readonly lines: readonly ArrayLike<number>[]
}

interface CurveProps {
  readonly series: readonly CurveSeries[]
  readonly data: CurveData
  readonly logX: boolean
  readonly logY: boolean
  /** 0 to 0.99: how much of the last value is kept. */
  readonly smoothing: number
  readonly height: number
  /** Fixed bounds of the values, where they have some. */
  readonly bounds?: readonly [number, number]
  readonly label: string
}

export function Curve({ series, data, logX, logY, smoothing, height, bounds, label }: CurveProps) {
  const box = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot | undefined>(undefined)
  const theme = scheme.value
  const kind = `${theme} ${logX} ${logY} ${smoothing > 0} ${height} ${bounds} ${series.map((each) => each.label)}`

  useEffect(() => {
    const element = box.current
    if (!element) return
    const made = new uPlot(
      options({ series, logX, logY, smoothed: smoothing > 0, height, width: element.clientWidth, bounds }),
      columnsOf(series, data, smoothing, logY),
      element,
    )
    plot.current = made
    const watch = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height }))
    watch.observe(element)
    return () => {
      watch.disconnect()
      made.destroy()
      plot.current = undefined
    }
  }, [kind])

  useEffect(() => {
    plot.current?.setData(columnsOf(series, data, smoothing, logY))
  }, [data, smoothing, logY])

  return <div class="curve" ref={box} role="img" aria-label={label} style={{ height: `${height}px` }} />
}

const SMALLEST = 1e-7

function columnsOf(
  series: readonly CurveSeries[],
  { x, lines }: CurveData,
  smoothing: number,
  logY: boolean,
): uPlot.AlignedData {
  const floor = (values: ArrayLike<number>): number[] =>
    Array.from(values, (value) => (Number.isFinite(value) ? (logY ? Math.max(SMALLEST, value) : value) : Number.NaN))
  const raw = lines.map(floor)
  const shown = smoothing > 0 ? [...raw, ...raw.map((line) => smooth(line, smoothing))] : raw
  // A null is passed over where a NaN would end the line.
  const columns = shown.map((line, index) =>
    series[index % series.length]?.sparse ? line.map((value) => (Number.isNaN(value) ? null : value)) : line,
  )
  return [Array.from(x), ...columns] as uPlot.AlignedData
}

/** Exponential smoothing without the pull to the start: Σ βᵏ y / Σ βᵏ. */
export function smooth(values: readonly number[], keep: number): number[] {
  let sum = 0
  let weight = 0
  return values.map((value) => {
    if (!Number.isFinite(value)) return value
    sum = keep * sum + value
    weight = keep * weight + 1
    return sum / weight
  })
}

interface Look {
  readonly series: readonly CurveSeries[]
  readonly logX: boolean
  readonly logY: boolean
  readonly smoothed: boolean
  readonly width: number
  readonly height: number
  readonly bounds: readonly [number, number] | undefined
}

function themeColour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim()
}

function options({ series, logX, logY, smoothed, width, height, bounds }: Look): uPlot.Options {
  const muted = themeColour('--muted')
  const line = (each: CurveSeries, pale: boolean): uPlot.Series => ({
    label: each.label,
    stroke: themeColour(each.colour),
    width: pale ? 1 : 1.75,
    alpha: pale ? 0.3 : 1,
    points: each.sparse && !pale ? { show: true, size: 5, fill: themeColour(each.colour), width: 0 } : { show: false },
    ...(each.sparse ? { spanGaps: true } : {}),
    ...(each.dashed && !pale ? { dash: [5, 4] } : {}),
  })
  const gridLines = { stroke: themeColour('--line'), width: 1 }
  const axis = {
    stroke: muted,
    font: '12px Inter',
    ticks: { show: false },
    grid: gridLines,
  }
  return {
    width,
    height,
    padding: [10, 58, 0, 0],
    legend: { show: false },
    cursor: { show: false },
    select: { show: false, left: 0, top: 0, width: 0, height: 0 },
    scales: {
      x: { time: false, ...(logX ? { distr: 3 } : {}) },
      y: logY
        ? { distr: 3 }
        : {
            range: (_, low, high) =>
              bounds ? [bounds[0], bounds[1]] : [Math.min(0, low), Math.max(high, 1e-6) * 1.04],
          },
    },
    axes: [
      {
        ...axis,
        ...(logX ? { ...powers, grid: { ...gridLines, ...powers } } : {}),
        size: 26,
        space: 56,
        values: (_, ticks) => ticks.map(shortNumber),
      },
      {
        ...axis,
        ...(logY ? { ...powers, grid: { ...gridLines, ...powers } } : {}),
        size: 46,
        space: 32,
        values: (_, ticks) => ticks.map(shortNumber),
      },
    ],
    series: [
      {},
      ...series.map((each) => line(each, smoothed)),
      ...(smoothed ? series.map((each) => line(each, false)) : []),
    ],
    hooks: { draw: [(plot) => labelEnds(plot, series)] },
  }
}

/** On a logarithmic axis the powers of ten are enough. */
const powers: Pick<uPlot.Axis, 'filter'> = {
  filter: (_, ticks) =>
    ticks.map((tick) => (Math.abs(Math.log10(tick) - Math.round(Math.log10(tick))) < 1e-9 ? tick : null)),
}

function shortNumber(value: number | null): string {
  if (value === null) return ''
  const size = Math.abs(value)
  if (size >= 1e6) return `${value / 1e6}M`
  if (size >= 1e4) return `${value / 1e3}k`
  return size !== 0 && size < 1e-3 ? value.toExponential(0) : String(Number(value.toPrecision(3)))
}

/** Names and last values beside the ends of the lines, moved apart where they would touch. */
function labelEnds(plot: uPlot, series: readonly CurveSeries[]): void {
  const ratio = devicePixelRatio
  const { ctx, bbox, data } = plot
  const ends = series.flatMap((each, index) => {
    const column = data[data.length - series.length + index]
    const value = each.sparse ? Array.from(column ?? []).findLast((last) => typeof last === 'number') : column?.at(-1)
    if (typeof value !== 'number' || !Number.isFinite(value)) return []
    return [{ ...each, y: plot.valToPos(value, 'y', true) }]
  })
  ends.sort((a, b) => a.y - b.y)
  const places = movedApart(
    ends.map((end) => end.y),
    13 * ratio,
    bbox.top + bbox.height,
  )
  ctx.save()
  ctx.font = `500 ${12 * ratio}px Inter`
  ctx.textBaseline = 'middle'
  ctx.textAlign = 'left'
  ends.forEach(({ label, colour }, index) => {
    ctx.fillStyle = themeColour(colour)
    ctx.fillText(label, bbox.left + bbox.width + 6 * ratio, places[index] as number, 52 * ratio)
  })
  ctx.restore()
}

/** The last values of the lines in words, for those who cannot see them. */
export function describeCurve(what: string, series: readonly CurveSeries[], { x, lines }: CurveData): string {
  if (x.length === 0) return `${what}: nothing recorded yet.`
  const values = series.map(({ label, sparse }, index) => {
    const line = Array.from(lines[index] ?? [])
    return `${label} ${formatValue((sparse ? line.findLast(Number.isFinite) : line[x.length - 1]) ?? Number.NaN)}`
  })
  return `${what} over ${Number((x[x.length - 1] ?? 0).toFixed(2))} epochs; now ${values.join(', ')}.`
}
