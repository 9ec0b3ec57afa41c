/** Own data: drawn on the plane with pointer or keyboard, or read from a table. */
import { type Signal, useSignal } from '@preact/signals'
import { useState } from 'preact/hooks'
import { toCsv } from '../../base/download.ts'
import { Button, Segmented } from '../../parts/controls.tsx'
import { Dialog } from '../../parts/dialog.tsx'
import { MathLabel } from '../../parts/math-label.tsx'
import { announce, showToast } from '../../parts/toast.tsx'
import { scheme } from '../../shell/theme.ts'
import type { PlaygroundController } from './controller.ts'
import { ClassMarker, placeOf } from './output-panel.tsx'
import {
  emptyPoints,
  MOST_POINTS,
  type Points,
  packPoints,
  pointCount,
  unpackPoints,
  withoutNear,
  withPoint,
} from './points.ts'
import { classCount, MOST_CLASSES } from './setup.ts'

/** What a press on the plane does. */
export interface Brush {
  readonly kind: 'add' | 'erase'
  readonly target: number
}

function ownPoints(play: PlaygroundController): Points {
  const setup = play.setup.value
  return unpackPoints(setup.points, setup.problem === 'regression', classCount(setup))
}

function keep(play: PlaygroundController, points: Points): void {
  play.change({ points: packPoints(points, play.setup.value.problem === 'regression') })
}

const ERASER = 0.6
const APART = 0.35

/** Event handlers that draw on the plane, and the keyboard's cursor. */
export function useDrawing(play: PlaygroundController, active: boolean, brush: Signal<Brush>) {
  const cursor = useSignal<{ x: number; y: number } | undefined>(undefined)
  const last = useSignal<{ x: number; y: number } | undefined>(undefined)
  const apply = (place: { x: number; y: number }): void => {
    const points = ownPoints(play)
    if (brush.value.kind === 'erase') keep(play, withoutNear(points, place.x, place.y, ERASER))
    else if (pointCount(points) >= MOST_POINTS) showToast(`At most ${MOST_POINTS} points.`)
    else keep(play, withPoint(points, place.x, place.y, brush.value.target))
  }
  if (!active) return { cursor, handlers: {} as Handlers }
  const handlers: Handlers = {
    tabIndex: 0,
    role: 'application',
    'aria-label': 'Plane for your points: arrows move the cursor, Enter places a point, Delete removes those nearby',
    onPointerDown(event) {
      const place = placeOf(event)
      if (!place || event.button !== 0) return
      ;(event.currentTarget as HTMLElement).setPointerCapture(event.pointerId)
      last.value = place
      apply(place)
    },
    onPointerMove(event) {
      const place = placeOf(event)
      const before = last.value
      if (!place || !before || event.buttons !== 1) return
      if (Math.hypot(place.x - before.x, place.y - before.y) < APART) return
      last.value = place
      apply(place)
    },
    onPointerUp() {
      last.value = undefined
    },
    onFocus() {
      cursor.value ??= { x: 0, y: 0 }
    },
    onBlur() {
      cursor.value = undefined
    },
    onKeyDown(event) {
      const place = cursor.value ?? { x: 0, y: 0 }
      const moves: Record<string, readonly [number, number]> = {
        ArrowLeft: [-1, 0],
        ArrowRight: [1, 0],
        ArrowUp: [0, 1],
        ArrowDown: [0, -1],
      }
      const move = moves[event.key]
      if (move) {
        event.preventDefault()
        const step = event.shiftKey ? 1 : 0.25
        const clamp = (value: number): number => Math.max(-6, Math.min(6, value))
        cursor.value = { x: clamp(place.x + move[0] * step), y: clamp(place.y + move[1] * step) }
        announce(`${cursor.value.x}, ${cursor.value.y}`)
      } else if (event.key === 'Enter' || event.key === ' ') {
        event.preventDefault()
        apply(place)
      } else if (event.key === 'Delete' || event.key === 'Backspace') {
        event.preventDefault()
        keep(play, withoutNear(ownPoints(play), place.x, place.y, ERASER))
      }
    },
  }
  return { cursor, handlers }
}

interface Handlers {
  tabIndex?: number
  role?: 'application'
  'aria-label'?: string
  onPointerDown?: (event: PointerEvent) => void
  onPointerMove?: (event: PointerEvent) => void
  onPointerUp?: () => void
  onFocus?: () => void
  onBlur?: () => void
  onKeyDown?: (event: KeyboardEvent) => void
}

export function DrawTools({ play, brush }: { play: PlaygroundController; brush: Signal<Brush> }) {
  const [table, setTable] = useState(false)
  const setup = play.setup.value
  const regression = setup.problem === 'regression'
  const count = pointCount(ownPoints(play))
  const targets = regression ? [-1, -0.5, 0, 0.5, 1] : Array.from({ length: classCount(setup) }, (_, index) => index)
  const selected = brush.value.kind === 'erase' ? 'erase' : String(brush.value.target)
  return (
    <div class="draw-tools">
      <Segmented
        label={regression ? 'Height to place' : 'Class to place'}
        selected={selected}
        options={[
          ...targets.map((target) => ({
            value: String(target),
            label: regression ? String(target) : `Class ${target}`,
          })),
          { value: 'erase', label: 'Erase' },
        ]}
        onChange={(value) => {
          brush.value = value === 'erase' ? { kind: 'erase', target: 0 } : { kind: 'add', target: Number(value) }
        }}
      />
      {!regression && (
        <p class="draw-note">
          {targets.map((target) => (
            <ClassMarker key={target} index={target} theme={scheme.value} />
          ))}
          {count} {count === 1 ? 'point' : 'points'}
        </p>
      )}
      <div class="notice-actions">
        <Button label="From a table" icon="upload" small onClick={() => setTable(true)} />
        <Button label="Remove all" icon="close" small disabled={count === 0} onClick={() => removeAll(play)} />
        <UndoRemove play={play} />
      </div>
      {table && <TableDialog play={play} onClose={() => setTable(false)} />}
    </div>
  )
}

let removed = ''

function removeAll(play: PlaygroundController): void {
  removed = play.setup.value.points
  keep(play, emptyPoints())
}

/** Nothing that a person drew is lost by one press. */
function UndoRemove({ play }: { play: PlaygroundController }) {
  if (removed === '' || play.setup.value.points !== '') return null
  return (
    <Button
      label="Bring back"
      icon="undo"
      small
      onClick={() => {
        play.change({ points: removed })
        removed = ''
      }}
    />
  )
}

const EXAMPLE = 'x1,x2,class\n-2.0,1.5,0\n1.2,-0.4,1\n'

function TableDialog({ play, onClose }: { play: PlaygroundController; onClose: () => void }) {
  const [text, setText] = useState('')
  const [problem, setProblem] = useState('')
  const regression = play.setup.value.problem === 'regression'
  const take = async (): Promise<void> => {
    try {
      const { points, note } = await play.remote.readCsv(text, regression)
      const most = regression ? 2 : points.target.reduce((high, each) => Math.max(high, each + 1), 2)
      play.change({ classes: Math.min(MOST_CLASSES, most), points: packPoints(points, regression) })
      showToast(note)
      onClose()
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error))
    }
  }
  return (
    <Dialog title="Points from a table" onClose={onClose}>
      <p>
        Three columns: <MathLabel text="x₁, x₂" /> and the {regression ? 'target from −1 to 1' : 'class'}. Comma,
        semicolon, tab or spaces between them; a first line with names is optional.
      </p>
      <input
        type="file"
        accept=".csv,.tsv,.txt,text/csv,text/plain"
        aria-label="A file with points"
        onChange={async (event) => {
          const file = event.currentTarget.files?.[0]
          if (file) setText(await file.text())
        }}
      />
      <textarea
        class="text-input"
        aria-label="The table as text"
        placeholder={EXAMPLE}
        value={text}
        onInput={(event) => {
          setText(event.currentTarget.value)
          setProblem('')
        }}
      />
      {problem && (
        <p class="notice danger" role="alert">
          {problem}
        </p>
      )}
      <div class="dialog-actions">
        <Button label="Cancel" onClick={onClose} />
        <Button label="Use these points" kind="primary" disabled={text.trim() === ''} onClick={() => void take()} />
      </div>
    </Dialog>
  )
}

/** All points with their part, as a table for other programs. */
export function pointsCsv(play: PlaygroundController): string {
  const plan = play.plan.value
  const rows = (part: string, points: Points | undefined) =>
    Array.from(points?.target ?? [], (target, index) => [
      points?.x[2 * index] as number,
      points?.x[2 * index + 1] as number,
      target,
      part,
    ])
  return toCsv(
    ['x1', 'x2', play.regression.value ? 'target' : 'class', 'part'],
    [...rows('train', plan?.train), ...rows('test', plan?.test)],
  )
}
