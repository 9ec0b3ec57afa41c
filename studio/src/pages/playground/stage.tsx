/** The middle of the page: the network, its weights and points as tables, and the code. */
import { useState } from 'preact/hooks'
import { formatValue } from '../../base/format.ts'
import { CodeView } from '../../parts/code-view.tsx'
import { Button } from '../../parts/controls.tsx'
import { MathLabel } from '../../parts/math-label.tsx'
import { Tabs } from '../../parts/tabs.tsx'
import { playgroundCode } from './code.ts'
import type { PlaygroundController } from './controller.ts'
import { LayerCount, NetworkView, unitName } from './network-view.tsx'
import type { Diagnosis } from './protocol.ts'
import { learningRates } from './setup.ts'
import { rowsOf, WeightInput } from './weight-card.tsx'

interface Props {
  readonly play: PlaygroundController
}

const tabs = [
  { name: 'network', label: 'Network' },
  { name: 'weights', label: 'Weights' },
  { name: 'points', label: 'Points' },
  { name: 'code', label: 'Show the code' },
] as const

export function Stage({ play }: Props) {
  const [tab, setTab] = useState<(typeof tabs)[number]['name']>('network')
  const setup = play.setup.value
  const diagnosis = play.diagnosis.value
  return (
    <>
      {play.failure.value && <EngineFailure message={play.failure.value} />}
      {diagnosis && <Diverged play={play} diagnosis={diagnosis} />}
      <div class="panel stage">
        <Tabs label="Views of the network" tabs={tabs} selected={tab} onSelect={setTab}>
          {tab === 'network' && (
            <figure>
              {!setup['hide:numHiddenLayers'] && <LayerCount play={play} />}
              <NetworkView play={play} />
              {!setup.hideText && <Caption play={play} />}
            </figure>
          )}
          {tab === 'weights' && <WeightsTable play={play} />}
          {tab === 'points' && <PointsTable play={play} />}
          {tab === 'code' && (
            <div class="stage-pad">
              <p class="stage-note">
                This program trains the same network on the same points and ends with the same numbers.
              </p>
              <CodeView code={playgroundCode(setup)} label="The network as a program" />
            </div>
          )}
        </Tabs>
      </div>
    </>
  )
}

function Caption({ play }: Props) {
  const parameters = play.plan.value?.parameters ?? 0
  return (
    <figcaption class="caption stage-caption">
      <span>
        Each square shows what a neuron answers over the plane. Links are weights: thick is strong,{' '}
        <i class="swatch positive" /> positive, <i class="swatch negative" /> negative. The dot at a corner is the bias.
        Press a link or a neuron to change its numbers.
      </span>
      <span>{parameters} parameters</span>
    </figcaption>
  )
}

function EngineFailure({ message }: { message: string }) {
  return (
    <div class="notice danger" role="alert">
      <p class="notice-title">The engine stopped</p>
      <p>{message}</p>
      <div class="notice-actions">
        <Button label="Load the page again" icon="reset" onClick={() => location.reload()} />
      </div>
    </div>
  )
}

function Diverged({ play, diagnosis }: Props & { diagnosis: Diagnosis }) {
  const { learningRate } = play.setup.value
  const lower = [...learningRates].reverse().find((rate) => rate < learningRate) ?? learningRate
  return (
    <div class="notice danger" role="alert" data-testid="diagnosis">
      <p class="notice-title">The training diverged</p>
      <p>{diagnosis.sentence}</p>
      <div class="notice-actions">
        {diagnosis.advice.includes('goBack') && (
          <Button
            label={`Go back to the last sound weights, rate ${lower}`}
            icon="undo"
            onClick={() => play.recover({ learningRate: lower })}
          />
        )}
        <Button
          label={`Start again with rate ${lower}`}
          icon="reset"
          onClick={() => {
            play.reset()
            play.change({ learningRate: lower })
            play.start()
          }}
        />
      </div>
    </div>
  )
}

function WeightsTable({ play }: Props) {
  const plan = play.plan.value
  const weights = play.frame.value?.weights
  if (!plan || !weights) return null
  return (
    <div class="stage-pad">
      <p class="stage-note">Every weight and bias. Type a number to change it.</p>
      <div class="table-scroll">
        <table class="data-table">
          <caption class="visually-hidden">Weights and biases</caption>
          <thead>
            <tr>
              <th scope="col">Neuron</th>
              <th scope="col">Number</th>
              <th scope="col">Value</th>
            </tr>
          </thead>
          <tbody>
            {plan.layers.flatMap(({ units }, layer) =>
              Array.from({ length: units }, (_, unit) => {
                const name = unitName(layer, unit, plan.layers.length, plan.classes)
                return rowsOf(play, plan, layer, unit).map(({ label, place }) => (
                  <tr key={place}>
                    <td>{name}</td>
                    <td>
                      <MathLabel text={label} />
                    </td>
                    <td class="weight-cell">
                      <WeightInput play={play} place={place} value={weights[place] ?? 0} label={`${label}, ${name}`} />
                    </td>
                  </tr>
                ))
              }),
            )}
          </tbody>
        </table>
      </div>
    </div>
  )
}

const ROWS = 100

function PointsTable({ play }: Props) {
  const plan = play.plan.value
  const [from, setFrom] = useState(0)
  if (!plan) return null
  const all = [
    ...Array.from(plan.train.target, (target, index) => ({
      part: 'training',
      target,
      x: plan.train.x[2 * index],
      y: plan.train.x[2 * index + 1],
    })),
    ...Array.from(plan.test.target, (target, index) => ({
      part: 'test',
      target,
      x: plan.test.x[2 * index],
      y: plan.test.x[2 * index + 1],
    })),
  ]
  const shown = all.slice(from, from + ROWS)
  return (
    <div class="stage-pad">
      <div class="table-bar">
        <p class="stage-note">
          Points {Math.min(all.length, from + 1)} to {Math.min(all.length, from + ROWS)} of {all.length}.
        </p>
        <span class="transport-buttons">
          <Button label="Before" small disabled={from === 0} onClick={() => setFrom(Math.max(0, from - ROWS))} />
          <Button label="Next" small disabled={from + ROWS >= all.length} onClick={() => setFrom(from + ROWS)} />
        </span>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reached with the keyboard */}
      <section class="table-scroll" tabIndex={0} aria-label="Points">
        <table class="data-table">
          <thead>
            <tr>
              <th scope="col">Part</th>
              <th scope="col">
                <MathLabel text="x₁" />
              </th>
              <th scope="col">
                <MathLabel text="x₂" />
              </th>
              <th scope="col">{plan.output === 'linear' ? 'Target' : 'Class'}</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((point, index) => (
              <tr key={from + index}>
                <td>{point.part}</td>
                <td>{formatValue(point.x ?? 0)}</td>
                <td>{formatValue(point.y ?? 0)}</td>
                <td>{plan.output === 'linear' ? formatValue(point.target) : point.target}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </div>
  )
}
