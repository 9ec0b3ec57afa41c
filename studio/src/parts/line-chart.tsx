/**
 * Lines of several runs over each other, each with places of its own: validation solid, training dashed, raw values pale below smoothed ones.
 * Long runs are outlined by the lows and highs of short stretches, so that none loses a spike.
 */
import 'uplot/dist/uPlot.min.css'
import { useEffect, useRef } from 'preact/hooks'
import uPlot from 'uplot'
import { outlineOf } from '../base/outline.ts'
import { scheme } from '../shell/theme.ts'
import { smooth } from './curve.tsx'
import { type Identity, identityOf } from './identity.tsx'
import { drawMarker } from './markers.ts'

/** One line of a chart. */
export interface ChartLine {
  /** Tells lines apart from one drawing to the next. */
  readonly key: string
  /** The place of its run among the compared ones. */
  readonly place: number
  readonly dashed: boolean
  readonly x: readonly number[]
  readonly y: readonly number[]
}

interface LineChartProps {
  readonly lines: readonly ChartLine[]
  readonly logX: boolean
  readonly logY: boolean
  readonly smoothing: number
  readonly height: number
  /** The place that is looked at. */
  readonly cursor?: number | undefined
  readonly onCursor?: (x: number | undefined) => void
  readonly label: string
}

export function LineChart(props: LineChartProps) {
  const { lines, logX, logY, smoothing, height, cursor, onCursor, label } = props
  const box = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot | undefined>(undefined)
  const shared = useRef({ cursor, onCursor })
  shared.current = { cursor, onCursor }
  const theme = scheme.value
  const kind = `${theme} ${logX} ${logY} ${smoothing > 0} ${height} ${lines.map(({ key, place }) => `${key} ${place}`).join()}`

  useEffect(() => {
    const element = box.current
    if (!element) return
    const look = { lines, logX, logY, smoothed: smoothing > 0, height, width: element.clientWidth, theme }
    const made = new uPlot(optionsOf(look, shared), columnsOf(lines, smoothing, { logX, logY }), element)
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
    plot.current?.setData(columnsOf(lines, smoothing, { logX, logY }))
  }, [lines, smoothing, logX, logY])

  useEffect(() => {
    plot.current?.redraw(false)
  }, [cursor])

  return <div class="curve" ref={box} role="img" aria-label={label} style={{ height: `${height}px` }} />
}

/** Lines side by side over all their places; a place that a line has not is bridged, a value that is no number leaves a gap. */
function columnsOf(
  lines: readonly ChartLine[],
  smoothing: number,
  { logX, logY }: { logX: boolean; logY: boolean },
): uPlot.AlignedData {
  if (lines.length === 0) return [[]]
  const drawable = (value: number, log: boolean): boolean => Number.isFinite(value) && (!log || value > 0)
  const tables = (values: (line: ChartLine) => readonly number[]): uPlot.AlignedData[] =>
    lines.map((line) => {
      const y = values(line)
      const places = outlineOf(y, MOST_PLACES).filter((index) => drawable(line.x[index] as number, logX))
      return [
        places.map((index) => line.x[index] as number),
        places.map((index) => (drawable(y[index] as number, logY) ? (y[index] as number) : null)),
      ]
    })
  const raw = tables((line) => line.y)
  return uPlot.join(smoothing > 0 ? [...raw, ...tables((line) => smooth(line.y, smoothing))] : raw)
}

/** More than twice the pixels of any chart. */
const MOST_PLACES = 4000

interface Look {
  readonly lines: readonly ChartLine[]
  readonly logX: boolean
  readonly logY: boolean
  readonly smoothed: boolean
  readonly width: number
  readonly height: number
  readonly theme: 'light' | 'dark'
}

interface Shared {
  readonly current: { cursor: number | undefined; onCursor: LineChartProps['onCursor'] }
}

function themeColour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim()
}

function optionsOf({ lines, logX, logY, smoothed, width, height, theme }: Look, shared: Shared): uPlot.Options {
  const styled = (line: ChartLine, pale: boolean): uPlot.Series => ({
    label: line.key,
    stroke: identityOf(line.place, theme).colour,
    width: pale ? 1 : line.dashed ? 1.25 : 1.75,
    alpha: pale ? 0.3 : 1,
    points: { show: line.x.length === 1 },
    ...(line.dashed && !pale ? { dash: [5, 4] } : {}),
  })
  return {
    width,
    height,
    padding: [10, 16, 0, 0],
    legend: { show: false },
    cursor: { show: false },
    select: { show: false, left: 0, top: 0, width: 0, height: 0 },
    scales: {
      x: { time: false, ...(logX ? { distr: 3 as const } : {}) },
      y: logY ? { distr: 3 } : {},
    },
    axes: [
      { ...axisLook(logX), size: 26, space: 56, values: (_, ticks) => ticks.map(shortNumber) },
      { ...axisLook(logY), size: 50, space: 32, values: (_, ticks) => ticks.map(shortNumber) },
    ],
    series: [
      {},
      ...lines.map((line) => styled(line, smoothed)),
      ...(smoothed ? lines.map((line) => styled(line, false)) : []),
    ],
    hooks: {
      ready: [(plot) => listen(plot, shared)],
      draw: [
        (plot) => {
          drawCursor(plot, shared.current.cursor)
          drawEnds(plot, lines, theme)
        },
      ],
    },
  }
}

/** On a logarithmic axis over several decades the powers of ten are enough. */
function axisLook(log: boolean): uPlot.Axis {
  const filter: uPlot.Axis.Filter = (_, ticks) => {
    const decades = ticks.map((tick) => isPower(tick))
    return decades.filter(Boolean).length >= 2 ? ticks.map((tick, index) => (decades[index] ? tick : null)) : ticks
  }
  const grid = { stroke: themeColour('--line'), width: 1 }
  return {
    stroke: themeColour('--muted'),
    font: '12px Inter',
    ticks: { show: false },
    grid: log ? { ...grid, filter } : grid,
    ...(log ? { filter } : {}),
  }
}

function isPower(tick: number): boolean {
  const power = Math.log10(tick)
  return Math.abs(power - Math.round(power)) < 1e-9
}

function shortNumber(value: number | null): string {
  if (value === null) return ''
  const size = Math.abs(value)
  if (size >= 1e6) return `${value / 1e6}M`
  if (size >= 1e4) return `${value / 1e3}k`
  return size !== 0 && size < 1e-3 ? value.toExponential(0) : String(Number(value.toPrecision(3)))
}

function listen(plot: uPlot, shared: Shared): void {
  plot.over.addEventListener('pointermove', (event) => {
    const { left, width } = plot.over.getBoundingClientRect()
    const x = plot.posToVal(event.clientX - left, 'x')
    if (width > 0 && Number.isFinite(x)) shared.current.onCursor?.(nearest(plot.data[0], x))
  })
  plot.over.addEventListener('pointerleave', () => shared.current.onCursor?.(undefined))
}

function nearest(places: ArrayLike<number>, x: number): number | undefined {
  let best: number | undefined
  for (let index = 0; index < places.length; index++) {
    const place = places[index] as number
    if (best === undefined || Math.abs(place - x) < Math.abs(best - x)) best = place
  }
  return best
}

function drawCursor(plot: uPlot, cursor: number | undefined): void {
  if (cursor === undefined) return
  const { ctx, bbox } = plot
  const x = plot.valToPos(cursor, 'x', true)
  if (!Number.isFinite(x) || x < bbox.left || x > bbox.left + bbox.width) return
  ctx.save()
  ctx.strokeStyle = themeColour('--line-strong')
  ctx.lineWidth = devicePixelRatio
  ctx.beginPath()
  ctx.moveTo(x, bbox.top)
  ctx.lineTo(x, bbox.top + bbox.height)
  ctx.stroke()
  ctx.restore()
}

/** The marker of each run at the end of its line. */
function drawEnds(plot: uPlot, lines: readonly ChartLine[], theme: 'light' | 'dark'): void {
  const { ctx, data } = plot
  ctx.save()
  lines.forEach((line, index) => {
    const column = data[data.length - lines.length + index]
    const last = column ? lastNumber(column) : -1
    if (!column || last < 0 || line.dashed) return
    const x = plot.valToPos(data[0][last] as number, 'x', true)
    const y = plot.valToPos(column[last] as number, 'y', true)
    const identity: Identity = identityOf(line.place, theme)
    drawMarker(ctx, x, y, {
      shape: identity.shape,
      radius: 4.5 * devicePixelRatio,
      fill: identity.colour,
      edge: themeColour('--surface'),
    })
  })
  ctx.restore()
}

function lastNumber(column: ArrayLike<number | null | undefined>): number {
  for (let index = column.length - 1; index >= 0; index--) if (typeof column[index] === 'number') return index
  return -1
}
