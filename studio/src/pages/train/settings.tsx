/** What to learn from and how. Those marked “live” take effect at once; the others start the network anew. */
import { Button, NumberBox, Range, Segmented, Select, Switch } from '../../parts/controls.tsx'
import type { TrainController } from './controller.ts'
import { PickFiles } from './files.tsx'
import { FindRate } from './find-rate.tsx'
import { batchSizes, digitCounts, learningRates, pictureSizes, weightDecays } from './setup.ts'
import { augmentationOptions, optimizerOptions } from './words.ts'

interface Props {
  readonly lab: TrainController
}

const named = <T extends number>(values: readonly T[]) => values.map((value) => ({ value, label: String(value) }))

export function Settings({ lab }: Props) {
  return (
    <>
      <DataSection lab={lab} />
      <TrainingSection lab={lab} />
    </>
  )
}

function DataSection({ lab }: Props) {
  const setup = lab.setup.value
  const info = lab.info.value
  const isReady = lab.stage.value.kind === 'ready'
  return (
    <section class="settings-section">
      <h3>Pictures</h3>
      <Segmented
        label="Pictures"
        selected={setup.data}
        options={[
          { value: 'digits', label: 'Drawn digits' },
          { value: 'own', label: 'Your own' },
        ]}
        onChange={(data) => lab.change({ data, picture: 0 })}
      />
      {setup.data === 'digits' ? (
        <Range
          label="Digits to learn from"
          value={setup.count.toLocaleString('en')}
          at={digitCounts.indexOf(setup.count as (typeof digitCounts)[number])}
          min={0}
          max={digitCounts.length - 1}
          onChange={(at) => lab.change({ count: digitCounts[at] ?? 4000 })}
          hint="More pictures make a better network and longer epochs; a quarter as many more test it."
        />
      ) : (
        <>
          <PickFiles lab={lab} />
          <Select
            label="Size in a folder"
            selected={setup.size}
            options={pictureSizes.map((value) => ({ value, label: `${value} × ${value} pixels` }))}
            onChange={(size) => lab.change({ size })}
            hint="Every picture of a folder is brought to this size; larger shows more and takes longer."
          />
          <Switch
            label="In colour"
            on={setup.colour}
            onChange={(colour) => lab.change({ colour })}
            hint="Pictures of a folder keep their three colours; IDX files are grey."
          />
        </>
      )}
      {isReady && info && (
        <p class="caption" data-testid="data-note">
          {info.trainCount.toLocaleString('en')} to learn from, {info.test.labels.length.toLocaleString('en')} to test,{' '}
          {info.classNames.length} classes. {info.note ?? ''}
        </p>
      )}
      <Select
        label="While learning, show them"
        selected={setup.augmentation}
        options={augmentationOptions}
        onChange={(augmentation) => lab.change({ augmentation })}
        hint="Each picture looks a little different every time, so that it cannot be learned by heart; see the tab Pictures."
      />
    </section>
  )
}

function TrainingSection({ lab }: Props) {
  const setup = lab.setup.value
  return (
    <section class="settings-section">
      <h3>Training</h3>
      <Select
        label="Optimizer"
        selected={setup.optimizer}
        options={optimizerOptions}
        onChange={(optimizer) => lab.change({ optimizer })}
        hint="How a gradient becomes a step; Adam needs the least tuning."
      />
      <div class="settings-row">
        <Select
          label="Rate · live"
          selected={setup.learningRate}
          options={named(learningRates)}
          onChange={(learningRate) => lab.change({ learningRate })}
          hint="The size of a step; too small is slow, too large overshoots."
        />
        <Select
          label="Batch"
          selected={setup.batchSize}
          options={named(batchSizes)}
          onChange={(batchSize) => lab.change({ batchSize })}
          hint="How many pictures go into one update."
        />
        <NumberBox
          label="Epochs"
          value={setup.epochs}
          min={1}
          max={200}
          step={1}
          onChange={(value) => lab.change({ epochs: Math.round(Math.min(200, Math.max(1, value))) })}
          hint="How often every picture is seen; Train goes on for as many again."
        />
        <Select
          label="Weight decay"
          selected={setup.weightDecay}
          options={named(weightDecays)}
          onChange={(weightDecay) => lab.change({ weightDecay })}
          hint="Keeps weights small; use it when training is much better than test."
        />
      </div>
      <NumberBox
        label="Seed"
        value={setup.seed}
        min={0}
        max={99_999}
        step={1}
        onChange={(seed) => lab.change({ seed: Math.round(Math.min(99_999, Math.max(0, seed))) })}
        hint="The same seed gives the same digits, weights and order, to the bit."
      />
      <div class="notice-actions">
        <Button label="New weights" icon="reset" small onClick={() => lab.reset()} />
        <FindRate lab={lab} />
      </div>
    </section>
  )
}
