/** What the network looks for and what it sees: the filters of the first convolution, the maps of any layer, and units that are dead. */
import { useMemo, useState } from 'preact/hooks'
import { formatShare } from '../../base/format.ts'
import { shapeText } from '../../base/layer-spec.ts'
import { Button, PlainSelect } from '../../parts/controls.tsx'
import { mapsOf } from './builder.tsx'
import type { TrainController } from './controller.ts'
import { limitOf, MapGrid, type MapSet, single } from './map-grid.tsx'
import type { Look } from './protocol.ts'
import { layerText, layerTitles } from './words.ts'

interface Props {
  readonly lab: TrainController
}

const MOST_FILTERS = 64
const MOST_MAPS = 64
const PICTURES_SHOWN = 12

export function InsideTab({ lab }: Props) {
  const look = lab.look.value
  if (!look) return <div class="skeleton train-skeleton" role="img" aria-label="The network is being looked into." />
  return (
    <div class="stage-pad">
      <PicturePicker lab={lab} look={look} />
      <LayerView lab={lab} look={look} />
      <FilterView look={look} />
      <DeadTable lab={lab} />
    </div>
  )
}

function PicturePicker({ lab, look }: Props & { look: Look }) {
  const info = lab.info.value
  if (!info) return null
  const count = info.test.labels.length
  const at = lab.picture.value
  const first = Math.min(Math.max(0, count - PICTURES_SHOWN), Math.floor(at / PICTURES_SHOWN) * PICTURES_SHOWN)
  const choose = (picture: number): void => lab.change({ picture: (picture + count) % count })
  const places = Array.from({ length: Math.min(count, PICTURES_SHOWN) }, (_, index) => first + index)
  const ranked = Array.from(look.probabilities, (value, label) => ({ value, label }))
    .sort((a, b) => b.value - a.value)
    .slice(0, 4)
  const label = info.test.labels[at] ?? 0
  return (
    <section class="picture-picker" aria-label="The picture that is looked at">
      <div class="picked">
        <MapGrid
          maps={single(info.inputShape, info.test.values, at)}
          tile={112}
          scale="bytes"
          label={`Test picture ${at}, ${info.classNames[label]}`}
        />
        <dl class="probabilities" aria-label="What the network says">
          {ranked.map(({ value, label: each }) => (
            <div key={each} class={each === label ? 'probability right' : 'probability'}>
              <dt>{info.classNames[each]}</dt>
              <dd>
                <i style={{ '--share': value }} />
                <span>{formatShare(value)}</span>
              </dd>
            </div>
          ))}
        </dl>
      </div>
      <div class="picture-strip">
        <Button label="Earlier pictures" icon="left" small iconOnly onClick={() => choose(first - 1)} />
        {places.map((place) => (
          <button
            key={place}
            type="button"
            class="picture-button"
            aria-label={`Test picture ${place}: ${info.classNames[info.test.labels[place] ?? 0]}`}
            aria-pressed={place === at}
            onClick={() => choose(place)}
          >
            <MapGrid maps={single(info.inputShape, info.test.values, place)} tile={34} scale="bytes" label="" />
          </button>
        ))}
        <Button label="Later pictures" icon="right" small iconOnly onClick={() => choose(first + PICTURES_SHOWN)} />
      </div>
      <p class="caption">
        Test picture {at} is of class <b>{info.classNames[label]}</b>. The network never learns from test pictures.
      </p>
    </section>
  )
}

function LayerView({ lab, look }: Props & { look: Look }) {
  const shaped = lab.shaped.value
  const [wanted, setWanted] = useState(1)
  const spatial = look.layers.flatMap(({ shape }, index) => (shape.length === 3 ? [index] : []))
  const layer = spatial.includes(wanted) ? wanted : (spatial[0] ?? 0)
  const shown = look.layers[layer]
  const maps = useMemo(() => shown && mapsOf(shown), [shown])
  const scale = useMemo(() => ({ limit: limitOf(shown?.values ?? []) }), [shown])
  const dead = lab.judgement.value?.deadUnits.find((each) => each.layer === layer)?.dead
  if (!maps || spatial.length === 0) return <p class="stage-note">This network makes no maps; it has no convolution.</p>
  const tile = maps.width >= 20 ? 72 : 52
  const named = shaped[layer]?.layer
  return (
    <section class="layer-view" aria-label="Feature maps">
      <div class="table-bar">
        <h2 class="panel-title">What the layer makes of it</h2>
        <span class="layer-choice">
          <PlainSelect
            label="Layer"
            small
            selected={layer}
            options={spatial.map((value) => {
              const spec = shaped[value]?.layer
              return { value, label: `${value + 1}  ${spec ? layerText(spec) : ''}` }
            })}
            onChange={setWanted}
          />
        </span>
      </div>
      <MapGrid
        maps={maps}
        tile={tile}
        most={MOST_MAPS}
        scale={scale}
        {...(dead ? { crossed: dead } : {})}
        label={`The maps of layer ${layer + 1}, ${named ? layerText(named) : ''}, for this picture`}
      />
      <p class="caption">
        {Math.min(MOST_MAPS, maps.count)} of {maps.count} maps, {shapeText([maps.height, maps.width])} each. Blue is
        positive, orange negative, on one scale of ±{scale.limit.toPrecision(2)}
        {dead && dead.length > 0 ? '; crossed maps are dead' : ''}.
      </p>
    </section>
  )
}

function FilterView({ look }: { look: Look }) {
  const { filters } = look
  const maps = useMemo((): MapSet | undefined => {
    if (!filters) return undefined
    const [count, channels, height, width] = filters.shape
    return { count: count * channels, channels: 1, height, width, values: filters.values }
  }, [filters])
  const scale = useMemo(() => ({ limit: limitOf(filters?.values ?? []) }), [filters])
  if (!maps || !filters) return null
  const [count, channels, height, width] = filters.shape
  const each = channels > 1 ? `, each over ${channels} channels` : ''
  return (
    <section class="layer-view" aria-label="Filters">
      <h2 class="panel-title">What the first convolution looks for</h2>
      <MapGrid
        maps={maps}
        tile={52}
        most={MOST_FILTERS * channels}
        scale={scale}
        label={`The ${count} filters of the first convolution`}
      />
      <p class="caption">
        {count} filters of {shapeText([height, width])}
        {each}. Where blue meets bright pixels and orange dark ones, the filter answers strongly.
      </p>
    </section>
  )
}

function DeadTable({ lab }: Props) {
  const judged = lab.judgement.value
  const shaped = lab.shaped.value
  if (!judged) return <p class="caption">Dead units are counted after the first epoch.</p>
  return (
    <section class="layer-view" aria-label="Dead units">
      <h2 class="panel-title">Dead units</h2>
      <div class="table-scroll">
        <table class="data-table">
          <caption class="visually-hidden">Units that give the same for every picture, by layer</caption>
          <thead>
            <tr>
              <th scope="col">Layer</th>
              <th scope="col">Units</th>
              <th scope="col">Dead</th>
              <th scope="col">Which</th>
            </tr>
          </thead>
          <tbody>
            {judged.deadUnits.map(({ layer, units, dead }) => (
              <tr key={layer}>
                <td>
                  {layer + 1} {layerTitles[shaped[layer]?.layer.kind ?? 'relu']}
                </td>
                <td>{units}</td>
                <td>{dead.length}</td>
                <td>{dead.length === 0 ? '–' : `${dead.slice(0, 8).join(', ')}${dead.length > 8 ? ' …' : ''}`}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p class="caption">
        A unit is dead when it gives the same for all of {judged.deadOf} test pictures; it neither tells anything nor
        learns. A smaller rate or a leaky activation keeps units alive.
      </p>
    </section>
  )
}
