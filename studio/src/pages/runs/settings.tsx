/** The settings of the Runs page: which runs, which charts, which axes. */
import { useId } from 'preact/hooks'
import { Range, Segmented, Select, Switch } from '../../parts/controls.tsx'
import type { RunsController } from './controller.ts'
import { allTags } from './marks.ts'
import { familyTitle } from './records.ts'
import type { StateFilter } from './setup.ts'

interface Props {
  readonly lab: RunsController
}

const states: readonly { value: StateFilter; label: string }[] = [
  { value: 'all', label: 'All' },
  { value: 'learning', label: 'Learning now' },
  { value: 'finished', label: 'Finished' },
  { value: 'stopped', label: 'Stopped early' },
  { value: 'problem', label: 'With something wrong' },
]

export function Settings({ lab }: Props) {
  return (
    <>
      <Find lab={lab} />
      <Charts lab={lab} />
    </>
  )
}

function Find({ lab }: Props) {
  const { query, state, tag, archived, follow } = lab.setup.value
  const id = useId()
  const tags = allTags()
  return (
    <section class="settings-section">
      <h3>Runs</h3>
      <div class="field">
        <label class="field-label" for={id}>
          Find
        </label>
        <input
          id={id}
          class="text-input"
          type="search"
          placeholder="Name, network, data, tag"
          value={query}
          onInput={(event) => lab.change({ query: event.currentTarget.value })}
        />
      </div>
      <Select
        label="State"
        selected={state}
        options={states}
        onChange={(next) => lab.change({ state: next })}
        hint="A run that was written to within the last 45 seconds is taken to be learning."
      />
      {(tags.length > 0 || tag !== '') && (
        <Select
          label="Tag"
          selected={tag}
          options={[
            { value: '', label: 'Any' },
            ...[...new Set([...tags, ...(tag === '' ? [] : [tag])])].map((value) => ({ value, label: value })),
          ]}
          onChange={(next) => lab.change({ tag: next })}
          hint="Tags are given at the right, to the run that is shown."
        />
      )}
      <Switch label="Archived runs too" on={archived} onChange={(on) => lab.change({ archived: on })} />
      <Switch
        label="Follow what is written"
        on={follow}
        onChange={(on) => lab.change({ follow: on })}
        hint="Looks every second for epochs that were added; switch it off to read in peace."
      />
    </section>
  )
}

function Charts({ lab }: Props) {
  const { axis, logX, logY, smoothing, training } = lab.setup.value
  const shown = lab.charts.value
  const families = lab.families.value
  return (
    <section class="settings-section">
      <h3>Charts</h3>
      {families.length > 0 && (
        <fieldset class="run-families">
          <legend class="field-label">Figures</legend>
          {families.map((family) => (
            <label key={family}>
              <input
                type="checkbox"
                checked={shown.includes(family)}
                disabled={shown.length === 1 && shown.includes(family)}
                onChange={() => lab.toggleChart(family)}
              />
              {familyTitle(family)}
            </label>
          ))}
        </fieldset>
      )}
      <Segmented
        label="Horizontal axis"
        selected={axis}
        options={[
          { value: 'epochs', label: 'Epochs' },
          { value: 'elapsed', label: 'Time' },
        ]}
        onChange={(next) => {
          lab.cursor.value = undefined
          lab.change({ axis: next })
        }}
      />
      <Switch
        label="Logarithmic, across"
        on={logX}
        onChange={(on) => lab.change({ logX: on })}
        hint="Gives the first epochs as much room as all later ones."
      />
      <Switch
        label="Logarithmic, upwards"
        on={logY}
        onChange={(on) => lab.change({ logY: on })}
        hint="Shows what happens at small losses; shares such as accuracy stay linear."
      />
      <Switch
        label="Training figures"
        on={training}
        onChange={(on) => lab.change({ training: on })}
        hint="Dashed lines; leave them out when many runs are compared."
      />
      <Range
        label="Smoothing"
        value={smoothing === 0 ? 'none' : smoothing.toFixed(2)}
        at={smoothing}
        min={0}
        max={0.99}
        step={0.01}
        onChange={(next) => lab.change({ smoothing: next })}
        hint="A running mean; what was measured stays visible below it."
      />
    </section>
  )
}
