/**
 * The network as a drawing: inputs that can be switched, a heat map in every neuron, links whose width and colour are the weights. Links and maps
 * are painted straight from the engine's frames; only changes of structure pass through the component tree.
 */
import { useSignalEffect } from '@preact/signals'
import { useEffect, useRef, useState } from 'preact/hooks'
import { classRamp, signedColour, signedRamp } from '../../base/colour.ts'
import { formatValue } from '../../base/format.ts'
import { Button, PlainSelect } from '../../parts/controls.tsx'
import { paintSigned } from '../../parts/heat-map.ts'
import { MathLabel } from '../../parts/math-label.tsx'
import { calm, scheme } from '../../shell/theme.ts'
import type { PlaygroundController, Unit } from './controller.ts'
import { featureInfo } from './features.ts'
import { type Layout, linkPath, NODE, networkLayout, nodeTop } from './layout.ts'
import { GRID, type LayerPlan, type Plan } from './protocol.ts'
import {
  type Activation,
  chosenFeatures,
  features,
  hiddenActivations,
  MOST_LAYERS,
  MOST_NEURONS,
  outputCount,
} from './setup.ts'
import { type Pick, WeightCard } from './weight-card.tsx'
import { activationOptions } from './words.ts'

interface Props {
  readonly play: PlaygroundController
}

/** A link between two nodes that are drawn, and its place in the flat array of weights. */
interface Link {
  readonly column: number
  readonly from: number
  readonly to: number
  readonly place: number
}

function linksOf(plan: Plan, inputRows: readonly number[]): Link[] {
  return plan.layers.flatMap((layer, column) =>
    Array.from({ length: layer.units * layer.inputs }, (_, index) => {
      const to = Math.floor(index / layer.inputs)
      const input = index % layer.inputs
      const from = column === 0 ? (inputRows[input] ?? 0) : input
      return { column, from, to, place: layer.weightsAt + index }
    }),
  )
}

export function NetworkView({ play }: Props) {
  const box = useRef<HTMLDivElement>(null)
  const [available, setAvailable] = useState(640)
  const [pick, setPick] = useState<Pick>()
  const setup = play.setup.value
  const plan = play.plan.value
  useEffect(() => {
    const element = box.current
    if (!element) return
    const watch = new ResizeObserver(() => setAvailable(element.clientWidth))
    watch.observe(element)
    return () => watch.disconnect()
  }, [])
  useEffect(() => setPick(undefined), [plan])
  const layout = networkLayout(setup, outputCount(setup), available)
  const fits = plan && plan.layers.length === setup.networkShape.length + 1
  return (
    <div class="network-scroll" ref={box}>
      <div class="network" style={{ width: `${layout.width}px`, height: `${layout.height}px` }}>
        {fits && <Links play={play} layout={layout} plan={plan} onPick={setPick} />}
        <ColumnHeads play={play} layout={layout} />
        <InputNodes play={play} layout={layout} />
        {fits &&
          plan.layers.map((layer, index) => (
            <UnitNodes
              key={`${index}-${layer.units}`}
              play={play}
              layout={layout}
              plan={plan}
              layer={index}
              onPick={setPick}
            />
          ))}
        {pick && fits && (
          <WeightCard play={play} plan={plan} pick={pick} onClose={() => setPick(undefined)} width={layout.width} />
        )}
      </div>
    </div>
  )
}

function Links({
  play,
  layout,
  plan,
  onPick,
}: Props & { layout: Layout; plan: Plan; onPick: (pick: Pick | undefined) => void }) {
  const group = useRef<SVGGElement>(null)
  const setup = play.setup.value
  const rows = chosenFeatures(setup).map((name) => features.indexOf(name))
  const links = linksOf(plan, rows)

  useSignalEffect(() => {
    const frame = play.frame.value
    const theme = scheme.value
    const element = group.current
    if (!frame || !element || frame.weights.length !== plan.parameters) return
    element.style.strokeDashoffset = calm ? '0' : String(-(frame.step / 12) % 1000)
    const paths = element.children
    for (let index = 0; index < links.length; index++) {
      const weight = frame.weights[(links[index] as Link).place] as number
      const path = paths[index] as SVGPathElement | undefined
      if (!path) continue
      path.style.strokeWidth = String(
        Math.round(10 * (0.6 + 2.4 * Math.log1p(Math.min(1e3, Math.abs(weight) || 0)))) / 10,
      )
      path.style.stroke = linkColour(theme, weight)
    }
  })

  const pickLink = (link: Link, pinned: boolean, event: MouseEvent): void => {
    const bounds = (event.currentTarget as SVGElement).ownerSVGElement?.getBoundingClientRect()
    if (!bounds) return
    onPick({
      kind: 'link',
      place: link.place,
      label: linkLabel(link),
      pinned,
      x: event.clientX - bounds.left,
      y: event.clientY - bounds.top,
    })
  }
  return (
    <svg class="network-links" width={layout.width} height={layout.height} aria-hidden="true">
      <g ref={group} class={play.running.value ? 'links flowing' : 'links'}>
        {links.map((link) => (
          <path key={`${link.column}-${link.from}-${link.to}`} d={linkPath(layout, link.column, link.from, link.to)} />
        ))}
      </g>
      <g class="link-targets">
        {links.map((link) => (
          // biome-ignore lint/a11y/noStaticElementInteractions: the table of weights offers the same to the keyboard
          <path
            key={`${link.column}-${link.from}-${link.to}`}
            d={linkPath(layout, link.column, link.from, link.to)}
            onMouseEnter={(event) => pickLink(link, false, event)}
            onMouseLeave={() => onPick(undefined)}
            onClick={(event) => pickLink(link, true, event)}
          />
        ))}
      </g>
    </svg>
  )
}

const LEVELS = 40
const linkColours = new Map<string, string>()

/** Colours in steps, mixed once. */
function linkColour(theme: 'light' | 'dark', weight: number): string {
  const level = Math.round(Math.max(-1, Math.min(1, weight || 0)) * LEVELS)
  const key = `${theme}${level}`
  const known = linkColours.get(key)
  if (known) return known
  // The weakest links still stand out from the ground.
  const strength = (Math.sign(level) || 1) * (0.25 + (0.75 * Math.abs(level)) / LEVELS)
  const colour = level === 0 ? 'var(--line)' : signedColour(theme, strength)
  linkColours.set(key, colour)
  return colour
}

export function unitName(layer: number, unit: number, layers: number, classes: number): string {
  if (layer < layers - 1) return `layer ${layer + 1}, neuron ${unit + 1}`
  return classes > 2 ? `output of class ${unit}` : 'output'
}

function linkLabel({ column, from, to }: Link): string {
  const source = column === 0 ? featureInfo[features[from] ?? 'x'].label : `neuron ${column}.${from + 1}`
  return `${source} → neuron ${column + 1}.${to + 1}`
}

function ColumnHeads({ play, layout }: Props & { layout: Layout }) {
  const setup = play.setup.value
  const shape = setup.networkShape
  const own = hiddenActivations(setup)
  const setShape = (networkShape: readonly number[]): void => {
    const layerActivations = setup.layerActivations.slice(0, networkShape.length)
    play.change({ networkShape, layerActivations })
  }
  const setActivation = (index: number, activation: Activation): void => {
    const list = shape.map((_, each) => (each === index ? activation : (setup.layerActivations[each] ?? 'same')))
    play.change({ layerActivations: list.map((each) => (each === setup.activation ? 'same' : each)) })
  }
  return (
    <>
      <div class="column-title" style={{ left: 0 }}>
        Inputs
      </div>
      {shape.map((units, index) => {
        const column = layout.columns[index + 1]
        const left = (column?.x ?? 0) + NODE / 2 - layout.headWidth / 2
        return (
          <div key={index} class="layer-head" style={{ left: `${left}px`, width: `${layout.headWidth}px` }}>
            <div class="layer-count">
              <Button
                label={`Fewer neurons in layer ${index + 1}`}
                icon="minus"
                small
                iconOnly
                kind="quiet"
                disabled={units <= 1}
                onClick={() => setShape(shape.with(index, units - 1))}
              />
              <span>
                {units}
                <span class="visually-hidden"> neurons in layer {index + 1}</span>
              </span>
              <Button
                label={`More neurons in layer ${index + 1}`}
                icon="plus"
                small
                iconOnly
                kind="quiet"
                disabled={units >= MOST_NEURONS}
                onClick={() => setShape(shape.with(index, units + 1))}
              />
            </div>
            {!setup['hide:activation'] && (
              <PlainSelect
                small
                label={`Activation of layer ${index + 1}`}
                selected={own[index] ?? setup.activation}
                options={activationOptions}
                onChange={(value) => setActivation(index, value)}
              />
            )}
          </div>
        )
      })}
      <div class="column-title end">Output</div>
    </>
  )
}

export function LayerCount({ play }: Props) {
  const shape = play.setup.value.networkShape
  const set = (networkShape: readonly number[]): void => play.change({ networkShape })
  return (
    <div class="layer-count-bar">
      <Button
        label="Remove a hidden layer"
        icon="minus"
        small
        iconOnly
        disabled={shape.length === 0}
        onClick={() => set(shape.slice(0, -1))}
      />
      <span>
        <b>{shape.length}</b> hidden {shape.length === 1 ? 'layer' : 'layers'}
      </span>
      <Button
        label="Add a hidden layer"
        icon="plus"
        small
        iconOnly
        disabled={shape.length >= MOST_LAYERS}
        onClick={() => set([...shape, 2])}
      />
    </div>
  )
}

function InputNodes({ play, layout }: Props & { layout: Layout }) {
  const setup = play.setup.value
  const chosen = chosenFeatures(setup)
  return (
    <>
      {features.map((name, row) => {
        const on = chosen.includes(name)
        const { label, description } = featureInfo[name]
        // A network needs an input.
        const last = on && chosen.length === 1
        return (
          <button
            key={name}
            type="button"
            class={on ? 'input-node on' : 'input-node'}
            style={{ top: `${nodeTop(layout, 0, row)}px` }}
            aria-pressed={on}
            aria-disabled={last}
            aria-label={`Input ${label}, ${description}`}
            title={last ? 'The network needs at least one input.' : `${on ? 'Leave out' : 'Use'} ${label}`}
            onClick={() => !last && play.change({ [`feature:${name}`]: !on })}
            onMouseEnter={() => on && show(play, { layer: -1, unit: chosen.indexOf(name) })}
            onMouseLeave={() => show(play, undefined)}
            onFocus={() => on && show(play, { layer: -1, unit: chosen.indexOf(name) })}
            onBlur={() => show(play, undefined)}
          >
            <span>
              <MathLabel text={label} />
            </span>
            <FeatureMap play={play} name={name} />
          </button>
        )
      })}
    </>
  )
}

function show(play: PlaygroundController, unit: Unit | undefined): void {
  play.shown.value = unit
}

function FeatureMap({ play, name }: Props & { name: (typeof features)[number] }) {
  const canvas = useRef<HTMLCanvasElement>(null)
  useSignalEffect(() => {
    const ramp = signedRamp(scheme.value)
    const values = mapOf(name)
    if (canvas.current) paintSigned(canvas.current, values, 0, ramp, play.setup.value.discretize)
  })
  return <canvas ref={canvas} width={GRID} height={GRID} />
}

const featureMapCache = new Map<string, Float32Array>()

/** The map of a feature, chosen or not. */
function mapOf(name: (typeof features)[number]): Float32Array {
  const known = featureMapCache.get(name)
  if (known) return known
  const { formula } = featureInfo[name]
  const place = (pixel: number): number => ((pixel + 0.5) / GRID) * 12 - 6
  const values = Float32Array.from({ length: GRID * GRID }, (_, index) =>
    formula(place(index % GRID), -place(Math.floor(index / GRID))),
  )
  featureMapCache.set(name, values)
  return values
}

interface UnitNodesProps extends Props {
  readonly layout: Layout
  readonly plan: Plan
  readonly layer: number
  readonly onPick: (pick: Pick | undefined) => void
}

function UnitNodes({ play, layout, plan, layer, onPick }: UnitNodesProps) {
  const { units, biasesAt } = plan.layers[layer] as LayerPlan
  const column = layout.columns[layer + 1]
  if (!column) return null
  return (
    <>
      {Array.from({ length: units }, (_, unit) => {
        const top = nodeTop(layout, layer + 1, unit)
        const name = unitName(layer, unit, plan.layers.length, plan.classes)
        return (
          <button
            key={unit}
            type="button"
            class="unit-node"
            style={{ left: `${column.x}px`, top: `${top}px` }}
            aria-label={`${name}: show large; press to edit its bias and weights`}
            onMouseEnter={() => show(play, { layer, unit })}
            onMouseLeave={() => show(play, undefined)}
            onFocus={() => show(play, { layer, unit })}
            onBlur={() => show(play, undefined)}
            onClick={() =>
              onPick({ kind: 'unit', layer, unit, label: name, pinned: true, x: column.x + NODE / 2, y: top + NODE })
            }
          >
            <UnitMap play={play} plan={plan} layer={layer} unit={unit} />
            <Bias play={play} place={biasesAt + unit} />
          </button>
        )
      })}
    </>
  )
}

function UnitMap({ play, plan, layer, unit }: Props & { plan: Plan; layer: number; unit: number }) {
  const canvas = useRef<HTMLCanvasElement>(null)
  useSignalEffect(() => {
    const map = play.frame.value?.maps[layer]
    const { discretize } = play.setup.value
    const isClass = layer === plan.layers.length - 1 && plan.output === 'softmax'
    const ramp = isClass ? cachedClassRamp(scheme.value, unit) : signedRamp(scheme.value)
    if (!canvas.current || !map || map.length < (unit + 1) * GRID * GRID) return
    paintSigned(canvas.current, map, unit * GRID * GRID, ramp, discretize)
  })
  return <canvas ref={canvas} width={GRID} height={GRID} />
}

const rampCache = new Map<string, Uint32Array>()

/** A class's probabilities run from 0 to 1, painted by a ramp for −1 to 1 whose lower half is neutral. */
function cachedClassRamp(theme: 'light' | 'dark', index: number): Uint32Array {
  const key = `${theme}${index}`
  const known = rampCache.get(key)
  if (known) return known
  const upper = classRamp(theme, index)
  const ramp = Uint32Array.from(
    { length: upper.length },
    (_, place) => upper[Math.max(0, 2 * place - upper.length)] as number,
  )
  rampCache.set(key, ramp)
  return ramp
}

/** The bias as a small square at the corner of its neuron, coloured like a weight. */
function Bias({ play, place }: Props & { place: number }) {
  const square = useRef<HTMLSpanElement>(null)
  useSignalEffect(() => {
    const value = play.frame.value?.weights[place]
    const theme = scheme.value
    if (!square.current || value === undefined) return
    square.current.style.background = linkColour(theme, value)
    square.current.title = `Bias ${formatValue(value)}`
  })
  return <span class="bias" ref={square} />
}
