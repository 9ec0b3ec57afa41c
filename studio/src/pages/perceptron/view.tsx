/** The Perceptron page. */
import './perceptron.css'
import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import { downloadDrawing, downloadText, toCsv } from '../../base/download.ts'
import { formatCounter } from '../../base/format.ts'
import { CodeView } from '../../parts/code-view.tsx'
import { Button, NumberBox, Segmented, Select } from '../../parts/controls.tsx'
import { MathLabel } from '../../parts/math-label.tsx'
import { Tabs } from '../../parts/tabs.tsx'
import { TransportBar } from '../../parts/transport-bar.tsx'
import { type Command, useCommands } from '../../shell/commands.ts'
import { PageFrame } from '../../shell/page-frame.tsx'
import type { PageProps } from '../../shell/pages.ts'
import { goTo } from '../../shell/router.ts'
import { perceptronCode } from './code.ts'
import { PerceptronModel } from './model.ts'
import page from './page.ts'
import { equation, Plane, short, signed } from './plane.tsx'
import {
  type Example,
  type GateName,
  gates,
  hiddenLayer,
  hiddenOutput,
  output,
  type Sign,
  type Targets,
  weightedSum,
} from './rule.ts'
import { gateName, rates, speeds } from './setup.ts'

interface Props {
  readonly model: PerceptronModel
}

const gateTitles: Readonly<Record<GateName, string>> = {
  and: 'AND',
  or: 'OR',
  nand: 'NAND',
  nor: 'NOR',
  xor: 'XOR',
  xnor: 'XNOR',
}

export default function Perceptron({ address, setAddress }: PageProps) {
  const model = useMemo(() => new PerceptronModel(address, setAddress), [])
  useEffect(() => () => model.dispose(), [model])
  useCommands(useMemo(() => commandsOf(model), [model]))
  const stage = useRef<HTMLDivElement>(null)
  const drawing = (): void => {
    const svg = stage.current?.querySelector<SVGSVGElement>('.perceptron-plane')
    if (svg) downloadDrawing(svg, 'perceptron.svg')
  }
  return (
    <PageFrame
      title={page.title}
      summary={page.summary}
      exports={[
        { label: 'Plane as a drawing (SVG)', run: drawing },
        { label: 'Updates (CSV)', run: () => downloadText(updatesCsv(model), 'updates.csv', 'text/csv') },
      ]}
      transport={<Transport model={model} />}
      settings={<Settings model={model} />}
      stage={
        <div ref={stage}>
          <Stage model={model} />
        </div>
      }
      results={
        <>
          <TruthTable model={model} />
          <Arithmetic model={model} />
          <Passes model={model} />
        </>
      }
    />
  )
}

function Transport({ model }: Props) {
  const { speed } = model.setup.value
  const perSecond = speeds[speed] ?? 1
  return (
    <TransportBar
      running={model.running.value}
      startLabel="Train"
      onToggle={() => model.toggle()}
      onReset={() => {
        model.reset()
        model.start()
      }}
      resetLabel="Start again with the first weights"
      steps={[{ label: 'Show one example', icon: 'step', run: () => model.stepOnce() }]}
      blocked={model.hidden.value || (model.settled.value && !model.running.value)}
      count={{ value: formatCounter(model.step.value), label: 'examples shown' }}
      speed={{
        name: `${perSecond} a second`,
        at: speed,
        most: speeds.length - 1,
        onChange: (next) => model.change({ speed: next }),
      }}
      status={statusOf(model)}
    />
  )
}

function statusOf(model: PerceptronModel): string {
  if (model.hidden.value) return 'solved by two layers'
  if (model.settled.value) return 'settled: all four are right'
  const wrong = model.wrong.value
  return `${wrong} of 4 wrong`
}

function Settings({ model }: Props) {
  const { targets, coding, rate, seed } = model.setup.value
  const name = gateName(targets)
  return (
    <>
      <section class="settings-section">
        <h3>Truth table</h3>
        <div class="gate-grid" role="radiogroup" aria-label="Truth table">
          {(Object.keys(gates) as GateName[]).map((gate) => (
            <label key={gate} class="gate">
              <input
                type="radio"
                class="visually-hidden"
                name="gate"
                checked={gate === name}
                onChange={() => model.change({ targets: gates[gate] })}
              />
              {gateTitles[gate]}
            </label>
          ))}
        </div>
        <p class="field-hint">Or press a target in the table at the right to make your own.</p>
        <Segmented
          label="Inputs"
          selected={coding}
          options={[
            { value: 'zeroOne', label: 'Inputs 0, 1' },
            { value: 'plusMinus', label: 'Inputs −1, 1' },
          ]}
          onChange={(next) => model.change({ coding: next })}
        />
      </section>
      <section class="settings-section">
        <h3>Training</h3>
        <div class="settings-row">
          <Select
            label="Learning rate η"
            selected={rate}
            options={rates.map((value) => ({ value, label: String(value) }))}
            onChange={(next) => model.change({ rate: next })}
            hint="How far one mistake moves the weights; the line settles for any rate if it can."
          />
          <NumberBox
            label="Seed"
            value={seed}
            min={0}
            max={9999}
            step={1}
            onChange={(next) => model.change({ seed: Math.round(Math.min(9999, Math.max(0, next))) })}
            hint="The same seed gives the same first weights."
          />
        </div>
      </section>
    </>
  )
}

const tabs = [
  { name: 'plane', label: 'Plane' },
  { name: 'code', label: 'Show the code' },
] as const

function Stage({ model }: Props) {
  const [tab, setTab] = useState<(typeof tabs)[number]['name']>('plane')
  return (
    <div class="zone">
      {model.hopeless.value && !model.hidden.value && <Hopeless model={model} />}
      <div class="panel stage">
        <Tabs label="Views" tabs={tabs} selected={tab} onSelect={setTab}>
          {tab === 'plane' ? (
            <figure class="stage-pad">
              <Plane model={model} />
              <figcaption class="caption">
                {model.hidden.value ? (
                  'Each hidden neuron draws a line; the output answers 1 where both agree.'
                ) : (
                  <>
                    Blue squares should answer 1, orange discs −1. The line is{' '}
                    <MathLabel text={equation(model.weights.value)} />.
                  </>
                )}
              </figcaption>
              {model.hidden.value && <HiddenWeights model={model} />}
            </figure>
          ) : (
            <div class="stage-pad">
              <p class="stage-note">The same rule with the library; it starts from the same weights.</p>
              <CodeView code={perceptronCode(model.setup.value)} label="The perceptron as a program" />
            </div>
          )}
        </Tabs>
      </div>
    </div>
  )
}

function Hopeless({ model }: Props) {
  return (
    <div class="notice" role="status" data-testid="hopeless">
      <p class="notice-title">This will never settle</p>
      <p>
        No straight line has both corners of one kind on one side, so every pass makes a mistake and moves the line
        again. Two lines would do: a hidden layer.
      </p>
      <div class="notice-actions">
        <Button
          label="Add a hidden layer"
          icon="plus"
          kind="primary"
          onClick={() => {
            model.stop()
            model.hidden.value = true
          }}
        />
        <Button label="Train one in the Playground" onClick={() => goTo('playground', 'dataset=xor&networkShape=2')} />
      </div>
    </div>
  )
}

function HiddenWeights({ model }: Props) {
  const { coding, targets } = model.setup.value
  const { hidden, out } = hiddenLayer(coding, targets)
  const rows = [
    ['x₁ or x₂', hidden[0]],
    ['not both', hidden[1]],
    ['output', out],
  ] as const
  return (
    <div class="table-scroll">
      <table class="data-table">
        <caption class="visually-hidden">Weights of the two layers</caption>
        <thead>
          <tr>
            <th scope="col">Neuron</th>
            <th scope="col">Bias</th>
            <th scope="col">First weight</th>
            <th scope="col">Second weight</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(([name, weights]) => (
            <tr key={name}>
              <td>
                <MathLabel text={name} />
              </td>
              {weights.map((weight, index) => (
                <td key={`${name}${index}`}>{short(weight)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function TruthTable({ model }: Props) {
  const { targets, coding } = model.setup.value
  const weights = model.weights.value
  const hidden = model.hidden.value
  const answer = (example: Example): Sign =>
    hidden ? hiddenOutput(coding, targets, example) : output(weights, example)
  const current = model.step.value === 0 ? -1 : (model.step.value - 1) % 4
  const flip = (index: number): void => {
    const changed = targets.map((sign, each): Sign => (each === index ? (sign === 1 ? -1 : 1) : sign))
    model.change({ targets: changed as unknown as Targets })
  }
  return (
    <section class="panel results-panel" aria-label="Truth table">
      <h2 class="panel-title">Truth table</h2>
      <table class="data-table truth-table">
        <caption class="visually-hidden">Inputs, target, weighted sum and output</caption>
        <thead>
          <tr>
            <th scope="col">
              <MathLabel text="x₁" />
            </th>
            <th scope="col">
              <MathLabel text="x₂" />
            </th>
            <th scope="col">Target</th>
            <th scope="col">Sum</th>
            <th scope="col">Output</th>
          </tr>
        </thead>
        <tbody>
          {model.examples.value.map((example, index) => {
            const given = answer(example)
            return (
              <tr key={`${example.x1} ${example.x2}`} class={index === current ? 'current' : ''}>
                <td>{short(example.x1)}</td>
                <td>{short(example.x2)}</td>
                <td>
                  <Button label={example.target === 1 ? '+1' : '−1'} small onClick={() => flip(index)} />
                </td>
                <td>{hidden ? '–' : short(weightedSum(weights, example))}</td>
                <td class={given === example.target ? 'right' : 'wrong'}>
                  {given === 1 ? '+1' : '−1'} {given === example.target ? '✓' : '✗'}
                </td>
              </tr>
            )
          })}
        </tbody>
      </table>
    </section>
  )
}

function Arithmetic({ model }: Props) {
  const last = model.updates.value[0]
  const { rate } = model.setup.value
  return (
    <section class="panel results-panel" aria-label="The last step">
      <h2 class="panel-title">The last step</h2>
      {last ? (
        <div class="arithmetic" data-testid="arithmetic">
          <p>
            Sum <MathLabel text="= w₀ + w₁x₁ + w₂x₂" />
          </p>
          <p>
            = {short(last.before[0])} {signed(last.before[1])}·{short(last.example.x1)} {signed(last.before[2])}·
            {short(last.example.x2)} = <b>{short(last.sum)}</b>
          </p>
          <p>
            {last.sum > 0 ? 'above 0' : 'not above 0'}, so the output is <b>{last.output === 1 ? '+1' : '−1'}</b>; the
            target is <b>{last.example.target === 1 ? '+1' : '−1'}</b>.
          </p>
          {last.output === last.example.target ? (
            <p>Right: nothing changes.</p>
          ) : (
            <>
              <p>
                η (t − o) = {rate}·({short(last.example.target)} − {last.output === 1 ? '1' : '(−1)'}) ={' '}
                {short(rate * (last.example.target - last.output))}
              </p>
              {last.after.map((weight, index) => (
                <p key={index}>
                  w<sub>{index}</sub> ← {short(last.before[index] ?? 0)} {signed(weight - (last.before[index] ?? 0))} ={' '}
                  <b>{short(weight)}</b>
                </p>
              ))}
            </>
          )}
        </div>
      ) : (
        <p class="stage-note">Show an example to see its arithmetic.</p>
      )}
    </section>
  )
}

function Passes({ model }: Props) {
  const passes = model.passes.value.slice(-40)
  const first = model.passes.value.length - passes.length
  return (
    <section class="panel results-panel" aria-label="Mistakes">
      <h2 class="panel-title">Mistakes in each pass</h2>
      {passes.length === 0 ? (
        <p class="stage-note">A pass shows all four examples once.</p>
      ) : (
        <>
          <svg
            class="pass-bars"
            viewBox="0 0 280 72"
            role="img"
            aria-label={`Mistakes in the last ${passes.length} passes: ${passes.join(', ')}.`}
          >
            {[1, 2, 3, 4].map((count) => (
              <line key={count} class="grid-line" x1={14} x2={280} y1={66 - count * 15} y2={66 - count * 15} />
            ))}
            {[0, 2, 4].map((count) => (
              <text key={count} class="axis-name" x={0} y={70 - count * 15}>
                {count}
              </text>
            ))}
            {passes.map((count, index) => (
              <rect
                key={first + index}
                x={16 + index * 6.6}
                y={66 - Math.max(0.6, count * 15)}
                width={4.6}
                height={Math.max(0.6, count * 15)}
                rx={1}
              />
            ))}
          </svg>
          <p class="caption">
            Pass {first + 1} to {first + passes.length}.
          </p>
        </>
      )}
    </section>
  )
}

function updatesCsv(model: PerceptronModel): string {
  const rows = [...model.updates.value]
    .reverse()
    .map(({ example, before, sum, output: given, after }) => [
      ...[example.x1, example.x2, example.target, sum, given],
      ...before,
      ...after,
    ])
  return toCsv(['x1', 'x2', 'target', 'sum', 'output', 'w0 before', 'w1 before', 'w2 before', 'w0', 'w1', 'w2'], rows)
}

function commandsOf(model: PerceptronModel): Command[] {
  return [
    { label: 'Train or pause', group: 'Perceptron', run: () => model.toggle() },
    { label: 'Show one example', group: 'Perceptron', run: () => model.stepOnce() },
    ...(Object.keys(gates) as GateName[]).map((gate) => ({
      label: `Learn ${gateTitles[gate]}`,
      group: 'Perceptron',
      run: () => model.change({ targets: gates[gate] }),
    })),
  ]
}
