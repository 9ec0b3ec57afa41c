/** The landscape from above with its contour lines, and the ways on it. A press or the arrow keys set the start. */
import { useEffect, useRef } from 'preact/hooks'
import { mix, parseHex, type Scheme } from '../../base/colour.ts'
import { drawMarker, sharpContext } from '../../parts/markers.ts'
import { scheme } from '../../shell/theme.ts'
import type { RaceController } from './controller.ts'
import type { Formula } from './formula.ts'
import { type Landscape, type Place, type Relief, reliefOf, type View } from './landscapes.ts'
import type { Way } from './protocol.ts'
import { lookOf } from './racer-look.tsx'
import { racerTitles } from './standing.ts'

/** From the lowest to the highest. The ways are the only strong colours. */
const ground: Readonly<Record<Scheme, readonly [string, string]>> = {
  light: ['#ffffff', '#b9c3d1'],
  dark: ['#323e50', '#10151c'],
}
const lines: Readonly<Record<Scheme, string>> = { light: 'rgb(91 102 117 / 0.28)', dark: 'rgb(154 167 184 / 0.22)' }
const LEVELS = 14
const COLUMNS = 150
const ROWS = 120

/** From 0 at the lowest to 1 at the highest, spread out near the lowest. */
function heightShare(value: number, { lowest, highest }: Relief): number {
  const unit = Math.max(1e-12, (highest - lowest) / 2000)
  return Math.log1p((value - lowest) / unit) / Math.log1p((highest - lowest) / unit)
}

/** The ground as a picture, a pixel a place. */
function paintGround(relief: Relief, theme: Scheme): OffscreenCanvas {
  const canvas = new OffscreenCanvas(relief.columns, relief.rows)
  const context = canvas.getContext('2d') as OffscreenCanvasRenderingContext2D
  const image = context.createImageData(relief.columns, relief.rows)
  const [low, high] = ground[theme].map(parseHex) as [ReturnType<typeof parseHex>, ReturnType<typeof parseHex>]
  const shades = Array.from({ length: 64 }, (_, index) => mix(low, high, index / 63))
  relief.values.forEach((value, place) => {
    const share = Number.isFinite(value) ? heightShare(value, relief) : 1
    const shade = shades[Math.min(63, Math.max(0, Math.round(share * 63)))] ?? low
    image.data.set([...shade, 255], 4 * place)
  })
  context.putImageData(image, 0, 0)
  return canvas
}

/** Contour lines by marching squares: short pieces between the sides of each cell. */
function contours(relief: Relief): number[] {
  const { columns, rows, values } = relief
  const pieces: number[] = []
  const shares = Float64Array.from(values, (value) =>
    Number.isFinite(value) ? heightShare(value, relief) * LEVELS : LEVELS,
  )
  const at = (column: number, row: number): number => shares[row * columns + column] as number
  for (let row = 0; row + 1 < rows; row++) {
    for (let column = 0; column + 1 < columns; column++) {
      const corners = [at(column, row), at(column + 1, row), at(column + 1, row + 1), at(column, row + 1)]
      const [low, high] = [Math.ceil(Math.min(...corners)), Math.floor(Math.max(...corners))]
      for (let level = Math.max(1, low); level <= high; level++) addPieces(pieces, corners, level, column, row)
    }
  }
  return pieces
}

const sides = [
  [0, 0, 1, 0],
  [1, 0, 1, 1],
  [1, 1, 0, 1],
  [0, 1, 0, 0],
] as const

function addPieces(pieces: number[], corners: readonly number[], level: number, column: number, row: number): void {
  const points: number[] = []
  sides.forEach(([x0, y0, x1, y1], side) => {
    const [from, to] = [corners[side] as number, corners[(side + 1) % 4] as number]
    if (from < level === to < level) return
    const t = (level - from) / (to - from)
    points.push(column + x0 + t * (x1 - x0) + 0.5, row + y0 + t * (y1 - y0) + 0.5)
  })
  // A saddle has four points and two pieces.
  for (let index = 0; index + 3 < points.length; index += 4) pieces.push(...points.slice(index, index + 4))
}

/** The ground with its lines as it lies under every picture, at the size of the canvas. */
interface Backdrop {
  readonly formula: Formula
  readonly theme: Scheme
  readonly picture: OffscreenCanvas
}

export function RaceMap({ lab }: { lab: RaceController }) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const backdrop = useRef<Backdrop | undefined>(undefined)
  const theme = scheme.value
  const formula = lab.formula.value
  const landscape = lab.landscape.value
  const ways = lab.ways.value
  const step = lab.step.value
  const start = lab.startPlace.value
  useEffect(() => {
    const draw = (): void => {
      const sharp = canvas.current && sharpContext(canvas.current)
      if (!sharp || !formula) return
      const { context, width, height } = sharp
      const size = [context.canvas.width, context.canvas.height] as const
      backdrop.current = backdropFor(backdrop.current, { formula, view: landscape.view, theme, size })
      context.drawImage(backdrop.current.picture, 0, 0, width, height)
      const toScreen = screenOf(landscape.view, width, height)
      drawMinima(context, landscape, toScreen)
      drawStart(context, toScreen(start))
      drawWays(context, ways ?? [], step, toScreen, theme, width, height)
    }
    draw()
    const watch = new ResizeObserver(draw)
    if (canvas.current) watch.observe(canvas.current)
    return () => watch.disconnect()
  }, [formula, landscape, ways, step, start, theme])
  const { x, y } = landscape.view
  const set = (event: PointerEvent): void => {
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect()
    const [across, down] = [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height]
    lab.setStart([x[0] + across * (x[1] - x[0]), y[1] - down * (y[1] - y[0])])
  }
  const move = (event: KeyboardEvent): void => {
    const moves: Readonly<Record<string, Place>> = {
      ArrowLeft: [-1, 0],
      ArrowRight: [1, 0],
      ArrowUp: [0, 1],
      ArrowDown: [0, -1],
    }
    const by = moves[event.key]
    if (!by) return
    event.preventDefault()
    const size = (axis: readonly [number, number]): number => ((axis[1] - axis[0]) / 100) * (event.shiftKey ? 5 : 1)
    const clamp = (value: number, [low, high]: readonly [number, number]): number =>
      Math.min(high, Math.max(low, value))
    // Read now: two keys may come between two pictures.
    const [from, height] = lab.startPlace.value
    lab.setStart([clamp(from + by[0] * size(x), x), clamp(height + by[1] * size(y), y)])
  }
  return (
    <div
      class="race-map"
      role="application"
      aria-label="Map of the landscape: arrow keys move the start, with Shift further"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: the arrow keys move the start on it, and no element of its own exists for that
      tabIndex={0}
      onPointerDown={set}
      onKeyDown={move}
    >
      <canvas
        ref={canvas}
        role="img"
        aria-label={`${landscape.title} from above, x from ${x[0]} to ${x[1]}, y from ${y[0]} to ${y[1]}. ${lab.words.value}`}
      />
      <span class="map-corner low">{`x ${x[0]}, y ${y[0]}`}</span>
      <span class="map-corner high">{`x ${x[1]}, y ${y[1]}`}</span>
    </div>
  )
}

interface BackdropWishes {
  readonly formula: Formula
  readonly view: View
  readonly theme: Scheme
  readonly size: readonly [number, number]
}

/** Drawn anew only when something about it changed; thousands of pieces of lines are too many for every picture. */
function backdropFor(known: Backdrop | undefined, { formula, view, theme, size }: BackdropWishes): Backdrop {
  const isSame = known?.picture.width === size[0] && known.picture.height === size[1]
  if (known && isSame && known.formula === formula && known.theme === theme) return known
  const relief = reliefOf(formula, view, COLUMNS, ROWS)
  const picture = new OffscreenCanvas(...size)
  const context = picture.getContext('2d') as OffscreenCanvasRenderingContext2D
  context.imageSmoothingQuality = 'high'
  context.drawImage(paintGround(relief, theme), 0, 0, ...size)
  context.strokeStyle = lines[theme]
  context.lineWidth = devicePixelRatio
  context.beginPath()
  const [sx, sy] = [size[0] / COLUMNS, size[1] / ROWS]
  const pieces = contours(relief)
  for (let index = 0; index < pieces.length; index += 4) {
    context.moveTo((pieces[index] as number) * sx, (pieces[index + 1] as number) * sy)
    context.lineTo((pieces[index + 2] as number) * sx, (pieces[index + 3] as number) * sy)
  }
  context.stroke()
  return { formula, theme, picture }
}

type ToScreen = (place: Place) => readonly [number, number]

function screenOf({ x, y }: View, width: number, height: number): ToScreen {
  return ([px, py]) => [((px - x[0]) / (x[1] - x[0])) * width, ((y[1] - py) / (y[1] - y[0])) * height]
}

function themeColour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim()
}

function drawMinima(context: CanvasRenderingContext2D, { minima }: Landscape, toScreen: ToScreen): void {
  context.strokeStyle = themeColour('--muted')
  context.lineWidth = 1.5
  for (const place of minima) {
    const [x, y] = toScreen(place)
    context.beginPath()
    context.arc(x, y, 7, 0, 2 * Math.PI)
    context.moveTo(x - 11, y)
    context.lineTo(x - 3, y)
    context.moveTo(x + 3, y)
    context.lineTo(x + 11, y)
    context.moveTo(x, y - 11)
    context.lineTo(x, y - 3)
    context.moveTo(x, y + 3)
    context.lineTo(x, y + 11)
    context.stroke()
  }
}

function drawStart(context: CanvasRenderingContext2D, [x, y]: readonly [number, number]): void {
  context.strokeStyle = themeColour('--text')
  context.lineWidth = 2
  context.beginPath()
  context.arc(x, y, 5, 0, 2 * Math.PI)
  context.stroke()
}

function drawWays(
  context: CanvasRenderingContext2D,
  ways: readonly Way[],
  step: number,
  toScreen: ToScreen,
  theme: Scheme,
  width: number,
  height: number,
): void {
  const edge = theme === 'light' ? '#ffffff' : '#0f1419'
  const ends: Label[] = []
  context.lineJoin = 'round'
  for (const way of ways) {
    const { colour, shape, dash } = lookOf(way.name, theme)
    const path = new Path2D()
    let last: readonly [number, number] | undefined
    for (let at = 0; at <= Math.min(step, way.x.length - 1); at++) {
      const place = toScreen([way.x[at] as number, way.y[at] as number])
      // Far outside the picture lines would cross it for no reason that can be seen.
      if (!Number.isFinite(place[0] + place[1]) || Math.abs(place[0]) > 1e5 || Math.abs(place[1]) > 1e5) break
      if (last) path.lineTo(...place)
      else path.moveTo(...place)
      last = place
    }
    if (!last) continue
    context.setLineDash([...dash])
    context.strokeStyle = colour
    context.lineWidth = 2
    context.stroke(path)
    context.setLineDash([])
    context.lineWidth = 1.25
    drawMarker(context, last[0], last[1], { shape, radius: 5.5, fill: colour, edge })
    const inside = last[0] >= 0 && last[1] >= 0 && last[0] <= width && last[1] <= height
    if (inside) ends.push({ text: racerTitles[way.name], colour, x: last[0], y: last[1] })
  }
  if (step > 0) drawLabels(context, ends, edge, width, height)
}

interface Label {
  readonly text: string
  readonly colour: string
  readonly x: number
  y: number
}

const LINE = 15
const WIDE = 84

/** Moves names apart where they would touch, and back into the picture. */
function spread(labels: Label[], height: number): readonly Label[] {
  const placed: Label[] = []
  for (const label of labels.sort((a, b) => a.y - b.y)) {
    label.y = Math.max(10, label.y)
    const near = placed.filter((other) => Math.abs(other.x - label.x) < WIDE)
    for (const other of near) label.y = Math.max(label.y, other.y + LINE)
    const over = label.y - (height - 10)
    if (over > 0) for (const each of [...near, label]) each.y -= over
    placed.push(label)
  }
  return placed
}

/** Names beside the markers, moved apart where they would touch. */
function drawLabels(
  context: CanvasRenderingContext2D,
  labels: Label[],
  halo: string,
  width: number,
  height: number,
): void {
  context.font = '600 12px Inter'
  context.textBaseline = 'middle'
  context.lineWidth = 3.5
  context.strokeStyle = halo
  for (const label of spread(labels, height)) {
    const isRight = label.x < width - WIDE
    context.textAlign = isRight ? 'left' : 'right'
    const x = label.x + (isRight ? 10 : -10)
    context.strokeText(label.text, x, label.y)
    context.fillStyle = label.colour
    context.fillText(label.text, x, label.y)
  }
}
