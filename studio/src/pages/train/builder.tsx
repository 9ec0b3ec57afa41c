/** The network, layer by layer: what each makes of its input, what it gives for one picture just now, and where it cannot be. */
import { useMemo, useRef, useState } from 'preact/hooks'
import {
  type LayerKind,
  type LayerSpec,
  limits,
  MOST_LAYERS,
  newLayers,
  type ShapedLayer,
  shapeText,
} from '../../base/layer-spec.ts'
import { Button } from '../../parts/controls.tsx'
import { announce } from '../../parts/toast.tsx'
import type { TrainController } from './controller.ts'
import { limitOf, MapGrid, type MapSet, single } from './map-grid.tsx'
import type { LayerLook } from './protocol.ts'
import { layerGroups, layerText, layerTitles } from './words.ts'

interface Props {
  readonly lab: TrainController
}

const MOST_MAPS = 8
/** Dense layers show so many units, side by side. */
const MOST_UNITS = 64

export function NetworkTab({ lab }: Props) {
  const shaped = lab.shaped.value
  const { layers } = lab.setup.value
  const info = lab.info.value
  const list = useRef<HTMLOListElement>(null)
  const change = (next: readonly LayerSpec[]): void => lab.change({ layers: next })
  const replace = (index: number, layer: LayerSpec): void =>
    change(layers.map((each, at) => (at === index ? layer : each)))
  const remove = (index: number): void => {
    change(layers.filter((_, at) => at !== index))
    announce(`${layerText(layers[index] as LayerSpec)} was removed.`)
    // The button that was pressed is gone; its neighbour takes the focus.
    requestAnimationFrame(() => focusRow(list.current, Math.max(0, Math.min(index, layers.length - 2))))
  }
  const move = (index: number, by: number): void => {
    const next = [...layers]
    const [moved] = next.splice(index, 1)
    if (!moved) return
    next.splice(index + by, 0, moved)
    change(next)
    announce(`${layerText(moved)} is layer ${index + by + 1} now.`)
    requestAnimationFrame(() => focusRow(list.current, index + by, by < 0 ? 'up' : 'down'))
  }
  return (
    <div class="stage-pad">
      <p class="stage-note">
        A picture of {info ? shapeText(info.inputShape) : '1 × 28 × 28'} goes in at the top. Beside each layer is what
        it makes of it, now: blue is positive, orange negative.
      </p>
      <div class="layer-frame">
        <ol class="layers" ref={list} aria-label="Layers of the network">
          <InputRow lab={lab} />
          {shaped.map((each, index) =>
            index < layers.length ? (
              <LayerRow
                key={index}
                {...{ lab, shaped: each, index }}
                onChange={(layer) => replace(index, layer)}
                onRemove={() => remove(index)}
                onMove={(by) => move(index, by)}
                count={layers.length}
              />
            ) : (
              <OutputRow key={index} {...{ lab, shaped: each, index }} last={index === shaped.length - 1} />
            ),
          )}
        </ol>
      </div>
      <AddLayer count={layers.length} onAdd={(kind) => change([...layers, newLayers[kind]])} />
    </div>
  )
}

function focusRow(list: HTMLOListElement | null, index: number, part = 'kind'): void {
  const row = list?.querySelectorAll<HTMLElement>('.layer')[index]
  const wanted = row?.querySelector<HTMLElement>(`[data-part=${part}] button:not(:disabled), [data-part=${part}]`)
  ;(wanted ?? row?.querySelector<HTMLElement>('select'))?.focus()
}

function InputRow({ lab }: Props) {
  const info = lab.info.value
  const place = lab.picture.value
  const maps = useMemo(() => info && single(info.inputShape, info.test.values, place), [info, place])
  return (
    <li class="layer-fixed">
      <span class="layer-name">Picture</span>
      <div class="layer-maps">
        {maps && <MapGrid maps={maps} tile={30} scale="bytes" label="The picture that goes in" />}
      </div>
      <span class="layer-shape">{info ? shapeText(info.inputShape) : ''}</span>
    </li>
  )
}

interface RowProps extends Props {
  readonly shaped: ShapedLayer
  readonly index: number
}

interface LayerRowProps extends RowProps {
  readonly count: number
  readonly onChange: (layer: LayerSpec) => void
  readonly onRemove: () => void
  readonly onMove: (by: number) => void
}

function LayerRow({ lab, shaped, index, count, onChange, onRemove, onMove }: LayerRowProps) {
  const { layer, problem } = shaped
  const name = `layer ${index + 1}`
  return (
    <li class={problem ? 'layer broken' : 'layer'}>
      <div class="layer-settings">
        <select
          class="select small layer-kind"
          data-part="kind"
          aria-label={`Kind of ${name}`}
          value={layer.kind}
          onChange={(event) => onChange(newLayers[event.currentTarget.value as LayerKind])}
        >
          <KindOptions />
        </select>
        <LayerNumbers layer={layer} name={name} onChange={onChange} />
      </div>
      <LayerMaps lab={lab} index={index} />
      <Shape shaped={shaped} />
      <div class="layer-buttons">
        <span data-part="up">
          <Button
            label={`Move ${name} up`}
            icon="up"
            kind="quiet"
            small
            iconOnly
            disabled={index === 0}
            onClick={() => onMove(-1)}
          />
        </span>
        <span data-part="down">
          <Button
            label={`Move ${name} down`}
            icon="down"
            kind="quiet"
            small
            iconOnly
            disabled={index === count - 1}
            onClick={() => onMove(1)}
          />
        </span>
        <Button label={`Remove ${name}`} icon="close" kind="quiet" small iconOnly onClick={onRemove} />
      </div>
      {problem && (
        <p class="layer-problem" role="alert">
          {problem}
        </p>
      )}
    </li>
  )
}

function KindOptions() {
  return (
    <>
      {layerGroups.map(({ title, kinds }) => (
        <optgroup key={title} label={title}>
          {kinds.map((kind) => (
            <option key={kind} value={kind}>
              {layerTitles[kind]}
            </option>
          ))}
        </optgroup>
      ))}
    </>
  )
}

interface NumbersProps {
  readonly layer: LayerSpec
  readonly name: string
  readonly onChange: (layer: LayerSpec) => void
}

function LayerNumbers({ layer, name, onChange }: NumbersProps) {
  if (layer.kind === 'conv') {
    const odd = (size: number): void => onChange({ ...layer, size, padding: Math.floor(size / 2) })
    return (
      <>
        <NumberCell
          label="maps"
          name={name}
          value={layer.channels}
          limits={limits.channels}
          onChange={(channels) => onChange({ ...layer, channels })}
        />
        <NumberCell label="window" name={name} value={layer.size} limits={limits.size} onChange={odd} />
        <NumberCell
          label="stride"
          name={name}
          value={layer.stride}
          limits={limits.stride}
          onChange={(stride) => onChange({ ...layer, stride })}
        />
        <NumberCell
          label="border"
          name={name}
          value={layer.padding}
          limits={limits.padding}
          onChange={(padding) => onChange({ ...layer, padding })}
        />
      </>
    )
  }
  if (layer.kind === 'maxPool' || layer.kind === 'avgPool') {
    return (
      <NumberCell
        label="block"
        name={name}
        value={layer.size}
        limits={limits.poolSize}
        onChange={(size) => onChange({ ...layer, size })}
      />
    )
  }
  if (layer.kind === 'linear') {
    return (
      <NumberCell
        label="units"
        name={name}
        value={layer.units}
        limits={limits.units}
        onChange={(units) => onChange({ ...layer, units })}
      />
    )
  }
  if (layer.kind === 'dropout') {
    return (
      <NumberCell
        label="% off"
        name={name}
        value={Math.round(100 * layer.rate)}
        limits={{ min: 100 * limits.rate.min, max: 100 * limits.rate.max }}
        onChange={(percent) => onChange({ ...layer, rate: percent / 100 })}
      />
    )
  }
  return null
}

interface NumberCellProps {
  readonly label: string
  readonly name: string
  readonly value: number
  readonly limits: { readonly min: number; readonly max: number }
  readonly onChange: (value: number) => void
}

function NumberCell({ label, name, value, limits: { min, max }, onChange }: NumberCellProps) {
  return (
    <label class="number-cell">
      <input
        class="text-input"
        type="number"
        aria-label={`${label} of ${name}`}
        {...{ min, max, value }}
        step={1}
        onChange={(event) => {
          const next = Math.round(Number(event.currentTarget.value))
          const valid = event.currentTarget.value !== '' && Number.isFinite(next)
          const wanted = valid ? Math.min(max, Math.max(min, next)) : value
          event.currentTarget.value = String(wanted)
          if (wanted !== value) onChange(wanted)
        }}
      />
      <span aria-hidden="true">{label}</span>
    </label>
  )
}

function Shape({ shaped: { layer, output, parameters, sees } }: { shaped: ShapedLayer }) {
  const looks = layer.kind === 'conv' || layer.kind === 'maxPool' || layer.kind === 'avgPool'
  return (
    <span class="layer-shape">
      {output ? shapeText(output) : '–'}
      {parameters > 0 && <small>{parameters.toLocaleString('en')} weights</small>}
      {looks && sees !== undefined && (
        <small title="How much of the picture one number depends on">
          sees {sees} × {sees}
        </small>
      )}
    </span>
  )
}

function OutputRow({ lab, shaped, index, last }: RowProps & { last: boolean }) {
  const info = lab.info.value
  return (
    <li class="layer-fixed">
      <span class="layer-name">
        {last ? `Dense, one score for each of ${info?.classNames.length ?? 10} classes` : 'Flatten'}
      </span>
      <LayerMaps lab={lab} index={index} />
      <Shape shaped={shaped} />
      {shaped.problem && (
        <p class="layer-problem" role="alert">
          {shaped.problem}
        </p>
      )}
    </li>
  )
}

function LayerMaps({ lab, index }: Props & { index: number }) {
  const look = lab.look.value?.layers[index]
  const dead = lab.judgement.value?.deadUnits.find(({ layer }) => layer === index)
  return (
    <div class="layer-maps">
      {look && <LookStrip look={look} index={index} />}
      {dead && dead.dead.length > 0 && (
        <span class="dead-note">
          {dead.dead.length} of {dead.units} dead
        </span>
      )}
    </div>
  )
}

function LookStrip({ look, index }: { look: LayerLook; index: number }) {
  const maps = useMemo(() => mapsOf(look), [look])
  const scale = useMemo(() => ({ limit: limitOf(look.values) }), [look])
  const isMap = look.shape.length === 3
  const label = isMap
    ? `${Math.min(MOST_MAPS, maps.count)} of the ${maps.count} maps of layer ${index + 1}`
    : `${Math.min(MOST_UNITS, maps.count)} of the ${maps.count} numbers of layer ${index + 1}`
  return (
    <MapGrid
      maps={maps}
      tile={isMap ? 30 : 8}
      rows={isMap ? 1 : 2}
      most={isMap ? MOST_MAPS : MOST_UNITS}
      scale={scale}
      label={label}
    />
  )
}

/** Maps as they are; a list of numbers as little squares. */
export function mapsOf({ shape, values }: LayerLook): MapSet {
  const [count = 1, height = 1, width = 1] = shape
  return shape.length === 3
    ? { count, channels: 1, height, width, values }
    : { count: values.length, channels: 1, height: 1, width: 1, values }
}

function AddLayer({ count, onAdd }: { count: number; onAdd: (kind: LayerKind) => void }) {
  const [kind, setKind] = useState<LayerKind>('conv')
  if (count >= MOST_LAYERS) return <p class="caption">A network has at most {MOST_LAYERS} layers here.</p>
  return (
    <div class="add-layer">
      <select
        class="select"
        aria-label="Kind of a new layer"
        value={kind}
        onChange={(event) => setKind(event.currentTarget.value as LayerKind)}
      >
        <KindOptions />
      </select>
      <Button label="Add before the output" icon="plus" onClick={() => onAdd(kind)} />
    </div>
  )
}
