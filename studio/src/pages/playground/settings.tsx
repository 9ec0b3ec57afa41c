/** The Playground's settings. Those marked “live” take effect while the network trains; the others start it anew. */
import { Button, NumberBox, Range, Segmented, Select } from '../../parts/controls.tsx'
import type { PlaygroundController } from './controller.ts'
import { DataChoice } from './data-choice.tsx'
import {
  classCount,
  dropoutRates,
  type HidableControl,
  learningRates,
  manyClassSets,
  penaltyRates,
  type Setup,
} from './setup.ts'
import { activationOptions, initialiserOptions, lossOptions, optimizerOptions, penaltyOptions } from './words.ts'

interface Props {
  readonly play: PlaygroundController
}

const rateOptions = learningRates.map((value) => ({ value, label: String(value) }))
const penaltyRateOptions = penaltyRates.map((value) => ({ value, label: String(value) }))
const dropoutOptions = dropoutRates.map((value) => ({ value, label: value === 0 ? 'None' : `${value * 100} %` }))

export function Settings({ play }: Props) {
  return (
    <>
      <DataSection play={play} />
      <TrainingSection play={play} />
      <NetworkSection play={play} />
      <StopSection play={play} />
    </>
  )
}

function shows(setup: Setup, control: HidableControl): boolean {
  return !setup[`hide:${control}`]
}

function DataSection({ play }: Props) {
  const setup = play.setup.value
  const regression = setup.problem === 'regression'
  const own = (regression ? setup.regDataset : setup.dataset) === 'own'
  const manyClasses = !regression && manyClassSets.includes(setup.dataset)
  return (
    <section class="settings-section">
      <h3>Data</h3>
      {shows(setup, 'problem') && (
        <Segmented
          label="Problem"
          selected={setup.problem}
          options={[
            { value: 'classification', label: 'Classification' },
            { value: 'regression', label: 'Regression' },
          ]}
          onChange={(problem) => play.change({ problem })}
        />
      )}
      {shows(setup, 'dataset') && <DataChoice play={play} />}
      {manyClasses && (
        <Range
          label="Classes"
          value={String(setup.classes)}
          at={setup.classes}
          min={2}
          max={5}
          onChange={(classes) => play.change({ classes })}
          hint="How many kinds of points there are; more than two give the network one output each."
        />
      )}
      {shows(setup, 'noise') && !own && (
        <Range
          label="Noise"
          value={`${setup.noise} %`}
          at={setup.noise}
          min={0}
          max={50}
          step={5}
          onChange={(noise) => play.change({ noise })}
          hint="How far points stray from the rule; raise it to see a network learn what is not there."
        />
      )}
      {shows(setup, 'percTrainData') && (
        <Range
          label="Training share"
          value={`${setup.percTrainData} %`}
          at={setup.percTrainData}
          min={10}
          max={90}
          step={10}
          onChange={(percTrainData) => play.change({ percTrainData })}
          hint="The share of points that the network learns from; the others test it."
        />
      )}
      {shows(setup, 'batchSize') && (
        <Range
          label="Batch size · live"
          value={String(setup.batchSize)}
          at={setup.batchSize}
          min={1}
          max={30}
          onChange={(batchSize) => play.change({ batchSize })}
          hint="How many points go into one update; small batches step more often and less surely."
        />
      )}
      {!own && <Button label="New points and weights" icon="reset" small onClick={() => play.regenerate()} />}
    </section>
  )
}

function TrainingSection({ play }: Props) {
  const setup = play.setup.value
  return (
    <section class="settings-section">
      <h3>Training</h3>
      <Select
        label="Optimizer"
        selected={setup.optimizer}
        options={optimizerOptions}
        onChange={(optimizer) => play.change({ optimizer })}
        hint="How a gradient becomes a step; Adam needs the least tuning, with a rate near 0.01."
      />
      <div class="settings-row">
        {shows(setup, 'learningRate') && (
          <Select
            label="Learning rate · live"
            selected={setup.learningRate}
            options={rateOptions}
            onChange={(learningRate) => play.change({ learningRate })}
            hint="The size of a step; too small is slow, too large overshoots."
          />
        )}
        <Select
          label="Dropout · live"
          selected={setup.dropout}
          options={dropoutOptions}
          onChange={(dropout) => play.change({ dropout })}
          hint="Switches hidden neurons off at random in each step, so that none is relied on alone."
        />
        {shows(setup, 'regularization') && (
          <Select
            label="Penalty · live"
            selected={setup.regularization}
            options={penaltyOptions}
            onChange={(regularization) => play.change({ regularization })}
            hint="Keeps weights small (L2) or sets the useless ones to zero (L1); use it when the test loss rises."
          />
        )}
        {shows(setup, 'regularizationRate') && (
          <Select
            label="Penalty rate · live"
            selected={setup.regularizationRate}
            options={penaltyRateOptions}
            onChange={(regularizationRate) => play.change({ regularizationRate })}
            hint="How strong the penalty is."
          />
        )}
      </div>
      <Select
        label="Loss"
        selected={setup.problem === 'regression' ? 'squared' : classCount(setup) > 2 ? 'crossEntropy' : setup.loss}
        options={lossOptions.map((option) => ({
          ...option,
          disabled:
            setup.problem === 'regression'
              ? option.value !== 'squared'
              : classCount(setup) > 2 && option.value === 'squared',
        }))}
        onChange={(loss) => play.change({ loss })}
        hint="What is made small; cross-entropy punishes confident mistakes harder."
      />
    </section>
  )
}

function NetworkSection({ play }: Props) {
  const setup = play.setup.value
  return (
    <section class="settings-section">
      <h3>Network</h3>
      <div class="settings-row">
        {shows(setup, 'activation') && (
          <Select
            label="Activation"
            selected={setup.activation}
            options={activationOptions}
            onChange={(activation) => play.change({ activation, layerActivations: [] })}
            hint="What a neuron does with its sum; set single layers above the drawing."
          />
        )}
        <Select
          label="First weights"
          selected={setup.initialiser}
          options={initialiserOptions}
          onChange={(initialiser) => play.change({ initialiser })}
          hint="What the weights are before training; zero and very large ones are instructive failures."
        />
      </div>
      <NumberBox
        label="Seed"
        value={setup.seed}
        min={0}
        max={99999}
        step={1}
        onChange={(seed) => play.change({ seed: Math.round(Math.min(99_999, Math.max(0, seed))) })}
        hint="The same seed gives the same points and weights, to the bit."
      />
    </section>
  )
}

function StopSection({ play }: Props) {
  const setup = play.setup.value
  return (
    <section class="settings-section">
      <h3>Stop by itself</h3>
      <div class="settings-row">
        <NumberBox
          label="After epochs"
          value={setup.stopEpochs}
          min={0}
          max={1_000_000}
          step={50}
          onChange={(value) => play.change({ stopEpochs: Math.round(Math.min(1e6, Math.max(0, value))) })}
          hint="0 goes on until you pause."
        />
        <NumberBox
          label="Test loss below"
          value={setup.stopLoss}
          min={0}
          max={1}
          step={0.01}
          onChange={(value) => play.change({ stopLoss: Math.min(1, Math.max(0, value)) })}
          hint="0 goes on until you pause."
        />
      </div>
    </section>
  )
}
