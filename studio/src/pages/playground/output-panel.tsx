/** The output over the plane with the points on it; for own data also the place to draw them. */
import { useSignal, useSignalEffect } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { classColour, classRamp, signedColour, signedRamp } from '../../base/colour.ts'
import { formatValue } from '../../base/format.ts'
import { Switch } from '../../parts/controls.tsx'
import { paintClasses, paintSigned } from '../../parts/heat-map.ts'
import { drawMarker, markerShapes, sharpContext } from '../../parts/markers.ts'
import { MathLabel } from '../../parts/math-label.tsx'
import { scheme } from '../../shell/theme.ts'
import type { PlaygroundController } from './controller.ts'
import { featureInfo } from './features.ts'
import { unitName } from './network-view.tsx'
import { type Brush, DrawTools, useDrawing } from './own-data.tsx'
import { EXTENT, type Points } from './points.ts'
import { GRID, type Plan } from './protocol.ts'
import { chosenFeatures } from './setup.ts'

interface Props {
  readonly play: PlaygroundController
}

/** What the large map shows, in words. */
function shownName(play: PlaygroundController, plan: Plan | undefined): string {
  const unit = play.shown.value
  if (!unit || !plan) return 'Output'
  if (unit.layer < 0) return `Input ${featureInfo[chosenFeatures(play.setup.value)[unit.unit] ?? 'x'].label}`
  const name = unitName(unit.layer, unit.unit, plan.layers.length, plan.classes)
  return name.charAt(0).toUpperCase() + name.slice(1)
}

export function OutputPanel({ play, of }: Props & { of?: string }) {
  const setup = play.setup.value
  const plan = play.plan.value
  const brush = useSignal<Brush>({ kind: 'add', target: 1 })
  const readout = useSignal('')
  const own = (play.regression.value ? setup.regDataset : setup.dataset) === 'own'
  const empty = own && plan !== undefined && plan.train.target.length + plan.test.target.length === 0
  const drawing = useDrawing(play, own, brush)
  const hover = (event: PointerEvent): void => {
    const place = placeOf(event)
    readout.value = place ? describePlace(play, place) : ''
  }
  return (
    <section class="panel output-panel" aria-label={of === undefined ? 'Output' : `Output of ${of}`}>
      <div class="output-head">
        <h2 class="panel-title" data-testid="shown">
          <MathLabel text={shownName(play, plan)} />
        </h2>
        <span class="output-readout" aria-hidden="true">
          {readout}
        </span>
      </div>
      <div class="plane">
        <span class="axis-y" aria-hidden="true">
          <i>6</i>
          <i>0</i>
          <i>−6</i>
        </span>
        <div
          class={own ? 'plane-map drawable' : 'plane-map'}
          {...drawing.handlers}
          onPointerMove={(event) => {
            hover(event)
            drawing.handlers.onPointerMove?.(event)
          }}
          onPointerLeave={() => {
            readout.value = ''
          }}
        >
          <LargeMap play={play} />
          <PointsLayer play={play} cursor={drawing.cursor.value} />
          {empty && (
            <div class="plane-empty">
              <b>Draw your data</b>
              <span>Click or drag to place points. With the keyboard: arrows move, Enter places.</span>
            </div>
          )}
        </div>
        <span class="axis-x" aria-hidden="true">
          <i>−6</i>
          <i>0</i>
          <i>6</i>
        </span>
      </div>
      <Legend plan={plan} />
      {own && <DrawTools play={play} brush={brush} />}
      <div class="output-switches">
        {!setup['hide:showTestData'] && (
          <Switch
            label="Show test data"
            on={setup.showTestData}
            onChange={(showTestData) => play.change({ showTestData })}
          />
        )}
        {!setup['hide:discretize'] && (
          <Switch
            label="Discretise the output"
            on={setup.discretize}
            onChange={(discretize) => play.change({ discretize })}
            hint="Shows only which side of the border a place lies on."
          />
        )}
      </div>
    </section>
  )
}

/** Where in the plane a pointer is. */
export function placeOf(event: PointerEvent): { x: number; y: number } | undefined {
  const box = (event.currentTarget as HTMLElement).getBoundingClientRect()
  const x = ((event.clientX - box.left) / box.width) * 2 * EXTENT - EXTENT
  const y = EXTENT - ((event.clientY - box.top) / box.height) * 2 * EXTENT
  return Math.abs(x) <= EXTENT && Math.abs(y) <= EXTENT ? { x, y } : undefined
}

function describePlace(play: PlaygroundController, { x, y }: { x: number; y: number }): string {
  const column = Math.min(GRID - 1, Math.floor(((x + EXTENT) / (2 * EXTENT)) * GRID))
  const row = Math.min(GRID - 1, Math.floor(((EXTENT - y) / (2 * EXTENT)) * GRID))
  const unit = play.shown.value
  const maps = play.frame.value?.maps
  const map = unit && unit.layer < 0 ? play.plan.value?.inputMaps : unit ? maps?.[unit.layer] : maps?.at(-1)
  const value = map?.[(unit?.unit ?? 0) * GRID * GRID + row * GRID + column]
  const place = `(${x.toFixed(1)}, ${y.toFixed(1)})`.replaceAll('-', '−')
  return value === undefined ? place : `${place} → ${formatValue(value)}`
}

function LargeMap({ play }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null)
  useSignalEffect(() => {
    const frame = play.frame.value
    const plan = play.plan.value
    const unit = play.shown.value
    const theme = scheme.value
    const { discretize } = play.setup.value
    const last = frame?.maps.at(-1)
    if (!canvas.current || !frame || !plan || !last || frame.maps.length !== plan.layers.length) return
    const size = GRID * GRID
    const isOutput = !unit || unit.layer === plan.layers.length - 1
    if (plan.output === 'softmax' && !unit && last.length === plan.classes * size) {
      const ramps = Array.from({ length: plan.classes }, (_, index) => classRamp(theme, index))
      return paintClasses(canvas.current, last, ramps, discretize)
    }
    const source = unit && unit.layer < 0 ? plan.inputMaps : unit ? frame.maps[unit.layer] : last
    if (!source) return
    if (plan.output === 'softmax' && isOutput && unit) {
      return paintClasses(
        canvas.current,
        source.subarray(unit.unit * size, (unit.unit + 1) * size),
        [classRamp(theme, unit.unit)],
        discretize,
      )
    }
    paintSigned(canvas.current, source, (unit?.unit ?? 0) * size, signedRamp(theme), discretize)
  })
  const name = shownName(play, play.plan.value)
  return (
    <canvas
      ref={canvas}
      class="plane-values"
      width={GRID}
      height={GRID}
      role="img"
      aria-label={`${name} over the plane from −6 to 6. Its values at the data are in the table of points.`}
    />
  )
}

function PointsLayer({ play, cursor }: Props & { cursor: { x: number; y: number } | undefined }) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const plan = play.plan.value
  const theme = scheme.value
  const { showTestData } = play.setup.value
  useEffect(() => {
    const draw = (): void => {
      const sharp = canvas.current && sharpContext(canvas.current)
      if (!sharp || !plan) return
      const { context, width } = sharp
      context.lineWidth = 1
      drawPoints(context, width, plan, plan.train, theme, theme === 'light' ? '#ffffff' : '#0f1419')
      if (showTestData) drawPoints(context, width, plan, plan.test, theme, theme === 'light' ? '#12181f' : '#ffffff')
      if (cursor) drawCursor(context, width, cursor)
    }
    draw()
    const watch = new ResizeObserver(draw)
    if (canvas.current) watch.observe(canvas.current)
    return () => watch.disconnect()
  }, [plan, theme, showTestData, cursor])
  return <canvas ref={canvas} class="plane-points" />
}

function drawPoints(
  context: CanvasRenderingContext2D,
  width: number,
  plan: Plan,
  points: Points,
  theme: 'light' | 'dark',
  edge: string,
): void {
  const scale = width / (2 * EXTENT)
  points.target.forEach((target, index) => {
    const x = ((points.x[2 * index] as number) + EXTENT) * scale
    const y = (EXTENT - (points.x[2 * index + 1] as number)) * scale
    const regression = plan.output === 'linear'
    drawMarker(context, x, y, {
      shape: regression ? 'disc' : (markerShapes[target] ?? 'disc'),
      radius: 3.2,
      fill: regression ? signedColour(theme, target) : classColour(theme, target),
      edge,
    })
  })
}

function drawCursor(context: CanvasRenderingContext2D, width: number, { x, y }: { x: number; y: number }): void {
  const scale = width / (2 * EXTENT)
  const [a, b] = [(x + EXTENT) * scale, (EXTENT - y) * scale]
  context.strokeStyle = getComputedStyle(document.documentElement).getPropertyValue('--text').trim()
  context.lineWidth = 1.5
  context.beginPath()
  context.arc(a, b, 7, 0, 2 * Math.PI)
  context.moveTo(a - 11, b)
  context.lineTo(a + 11, b)
  context.moveTo(a, b - 11)
  context.lineTo(a, b + 11)
  context.stroke()
}

function Legend({ plan }: { plan: Plan | undefined }) {
  const theme = scheme.value
  if (plan?.output === 'softmax') {
    return (
      <ul class="class-legend" aria-label="Classes">
        {Array.from({ length: plan.classes }, (_, index) => (
          <li key={index}>
            <ClassMarker index={index} theme={theme} /> {index}
          </li>
        ))}
      </ul>
    )
  }
  return (
    <div class="ramp-legend">
      <div aria-hidden="true" />
      <span>−1</span>
      <span>0</span>
      <span>1</span>
    </div>
  )
}

export function ClassMarker({ index, theme }: { index: number; theme: 'light' | 'dark' }) {
  const canvas = useRef<HTMLCanvasElement>(null)
  useEffect(() => {
    const sharp = canvas.current && sharpContext(canvas.current)
    if (sharp)
      drawMarker(sharp.context, 7, 7, {
        shape: markerShapes[index] ?? 'disc',
        radius: 5,
        fill: classColour(theme, index),
        edge: 'transparent',
      })
  }, [index, theme])
  return <canvas ref={canvas} class="class-marker" />
}
