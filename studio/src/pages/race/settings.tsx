/** The landscape, the start, and every racer with its rate and what it keeps from step to step. */
import { formatValue } from '../../base/format.ts'
import { Button, NumberBox, PlainSelect, Select } from '../../parts/controls.tsx'
import type { RaceController } from './controller.ts'
import { landscapeNames, landscapes } from './landscapes.ts'
import { RacerMark } from './racer-look.tsx'
import { type RacerName, racerNames, racersOf, rateChoices, ratesOf, stepCounts, usualMemories } from './setup.ts'
import { racerTitles } from './standing.ts'

interface Props {
  readonly lab: RaceController
}

const memoryNames: Readonly<Partial<Record<RacerName, string>>> = {
  momentum: 'μ',
  nesterov: 'μ',
  rmsprop: 'α',
  adadelta: 'ρ',
  adam: 'β₁',
  adamw: 'β₁',
}

export function Settings({ lab }: Props) {
  return (
    <>
      <LandscapeSection lab={lab} />
      <RacerSection lab={lab} />
    </>
  )
}

function LandscapeSection({ lab }: Props) {
  const setup = lab.setup.value
  const [x, y] = lab.startPlace.value
  const { lesson } = lab.landscape.value
  return (
    <section class="settings-section">
      <h3>Landscape</h3>
      <Select
        label="Landscape"
        selected={setup.landscape}
        options={landscapeNames.map((value) => ({ value, label: landscapes[value].title }))}
        onChange={(landscape) => lab.change({ landscape, start: [], rates: [] })}
        hint="The height is the loss; x and y are two weights."
      />
      {setup.landscape === 'own' ? <FormulaBox lab={lab} /> : <p class="caption">{lesson}</p>}
      <div class="settings-row">
        <NumberBox label="Start x" value={x} step={0.1} onChange={(next) => lab.setStart([clamp(next), y])} />
        <NumberBox label="Start y" value={y} step={0.1} onChange={(next) => lab.setStart([x, clamp(next)])} />
      </div>
      <div class="settings-row">
        <Select
          label="Steps"
          selected={setup.steps}
          options={stepCounts.map((value) => ({ value, label: String(value) }))}
          onChange={(steps) => lab.change({ steps })}
          hint="How long the race is."
        />
      </div>
      <p class="caption">A press on the map moves the start.</p>
    </section>
  )
}

function clamp(value: number): number {
  return Math.min(100, Math.max(-100, value))
}

function FormulaBox({ lab }: Props) {
  const { formula } = lab.setup.value
  const problem = lab.problem.value
  return (
    <label class="field">
      <span class="field-label">Loss as a formula in x and y</span>
      <input
        class="text-input formula-input"
        value={formula === '' ? landscapes.own.formula : formula}
        maxLength={160}
        spellcheck={false}
        aria-invalid={problem !== undefined}
        aria-describedby="formula-words"
        onInput={(event) => lab.change({ formula: event.currentTarget.value })}
      />
      <span id="formula-words" class={problem ? 'formula-problem' : 'caption'} role={problem ? 'alert' : undefined}>
        {problem ?? '+ − * / ^, sin, cos, tanh, exp, log, sqrt, abs, pi, e.'}
      </span>
    </label>
  )
}

function RacerSection({ lab }: Props) {
  const setup = lab.setup.value
  const running = racersOf(setup)
  const rates = ratesOf(setup)
  return (
    <section class="settings-section">
      <h3>Racers and their rates</h3>
      <ul class="racer-list">
        {racerNames.map((name, index) => {
          const rate = rates[index] ?? 0.01
          const memory = memoryNames[name]
          return (
            <li key={name}>
              <label class="racer-name">
                <input type="checkbox" checked={running.includes(name)} onChange={() => lab.toggleRacer(name)} />
                <RacerMark name={name} />
                {racerTitles[name]}
              </label>
              <PlainSelect
                label={`Rate of ${racerTitles[name]}`}
                small
                selected={rate}
                options={[...new Set([...rateChoices, rate])]
                  .sort((a, b) => a - b)
                  .map((value) => ({ value, label: String(value) }))}
                onChange={(next) => lab.setRate(name, next)}
              />
              {memory ? (
                <label class="racer-memory">
                  <span>{memory}</span>
                  <input
                    class="text-input"
                    type="number"
                    min={0}
                    max={0.9999}
                    step={0.01}
                    aria-label={`${memory} of ${racerTitles[name]}`}
                    value={setup.memories[index]}
                    onChange={(event) => {
                      const next = Number(event.currentTarget.value)
                      const valid = event.currentTarget.value !== '' && next >= 0 && next < 1
                      event.currentTarget.value = String(valid ? next : setup.memories[index])
                      if (valid) lab.setMemory(name, next)
                    }}
                  />
                </label>
              ) : (
                <span />
              )}
            </li>
          )
        })}
      </ul>
      <div class="notice-actions">
        <Button
          label={lab.searching.value ? 'Looking …' : 'Find the fastest rates'}
          icon="search"
          small
          disabled={lab.searching.value || lab.problem.value !== undefined}
          onClick={() => void lab.findRates()}
        />
        <Button label="Usual" icon="undo" small onClick={() => lab.change({ rates: [], memories: usualMemories })} />
      </div>
      <p class="caption">
        μ, α, ρ and β₁ say how much is kept from one step to the next. Down is a loss of {formatValue(lab.goal.value)}:
        99 % of the way.
      </p>
    </section>
  )
}
