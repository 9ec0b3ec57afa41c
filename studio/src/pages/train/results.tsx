/** The figures at the right: how good, how fast, the curves, where the run is kept, and what to do with the trained network. */
import { useRef, useState } from 'preact/hooks'
import { downloadBlob } from '../../base/download.ts'
import { formatSeconds } from '../../base/duration.ts'
import { formatCount, formatShare, formatValue } from '../../base/format.ts'
import { listModels, type SavedModelEntry } from '../../base/saved-models.ts'
import { Button, Segmented } from '../../parts/controls.tsx'
import { Curve, type CurveData, type CurveSeries, describeCurve } from '../../parts/curve.tsx'
import { Dialog } from '../../parts/dialog.tsx'
import { showToast } from '../../parts/toast.tsx'
import { goTo } from '../../shell/router.ts'
import type { TrainController } from './controller.ts'

interface Props {
  readonly lab: TrainController
}

const series: readonly CurveSeries[] = [
  { label: 'Train', dashed: true, colour: '--muted' },
  { label: 'Test', colour: '--text', sparse: true },
]

const unit: readonly [number, number] = [0, 1]

export function ResultsPanel({ lab }: Props) {
  const frame = lab.frame.value
  const [shows, setShows] = useState<'loss' | 'accuracy'>('loss')
  const [logLoss, setLogLoss] = useState(false)
  const { last, best, curves } = frame ?? {}
  const data: CurveData = curves
    ? {
        x: curves.epochs,
        lines: shows === 'loss' ? [curves.trainLoss, curves.testLoss] : [curves.trainAccuracy, curves.testAccuracy],
      }
    : { x: [], lines: [[], []] }
  const what = shows === 'loss' ? 'Loss' : 'Accuracy'
  const share = (value: number | undefined): string => (value === undefined ? '–' : formatShare(value))
  const loss = (value: number | undefined): string => (value === undefined ? '–' : formatValue(value))
  return (
    <section class="panel results-panel" aria-label="Results">
      <dl class="train-figures">
        <Figure label="Test accuracy" value={share(last?.testAccuracy)} testId="test-accuracy" strong />
        <Figure label="Test loss" value={loss(last?.testLoss)} testId="test-loss" strong />
        <Figure label="Training accuracy" value={share(last?.trainAccuracy)} testId="train-accuracy" />
        <Figure label="Training loss" value={loss(last?.trainLoss)} testId="train-loss" />
        <Figure label="Pictures a second" value={formatCount(frame?.picturesPerSecond || Number.NaN)} testId="pace" />
        <Figure
          label="Time left"
          value={frame?.phase === 'training' ? formatSeconds(frame.secondsLeft) : '–'}
          testId="time-left"
        />
      </dl>
      <div class="train-curve-head">
        <Segmented
          label="Curve"
          selected={shows}
          options={[
            { value: 'loss', label: 'Loss' },
            { value: 'accuracy', label: 'Accuracy' },
          ]}
          onChange={setShows}
        />
        <Button
          label="log loss"
          small
          pressed={logLoss}
          disabled={shows !== 'loss'}
          onClick={() => setLogLoss(!logLoss)}
        />
      </div>
      {data.x.length < 2 ? (
        <p class="train-empty">The curve begins with the first batches.</p>
      ) : (
        <Curve
          series={series}
          data={data}
          logX={false}
          logY={shows === 'loss' && logLoss}
          smoothing={0}
          height={170}
          {...(shows === 'accuracy' ? { bounds: unit } : {})}
          label={describeCurve(what, series, data)}
        />
      )}
      <p class="caption">
        {what} by epoch. Training is dashed; test pictures are judged after each epoch.
        {best && frame?.phase === 'finished' && ` The weights of epoch ${best.epoch}, the best, are in place.`}
      </p>
      <KeptNote lab={lab} />
    </section>
  )
}

interface FigureProps {
  readonly label: string
  readonly value: string
  readonly testId: string
  readonly strong?: boolean
}

function Figure({ label, value, testId, strong }: FigureProps) {
  return (
    <div class={strong ? 'strong' : ''}>
      <dt>{label}</dt>
      <dd data-testid={testId}>{value}</dd>
    </div>
  )
}

function KeptNote({ lab }: Props) {
  const { name, problem } = lab.kept.value
  if (problem) return <p class="caption">The run is not kept: {problem}</p>
  const frame = lab.frame.value
  if (!name && frame && frame.epochs > 0 && frame.phase !== 'training') {
    return (
      <div class="notice-actions">
        <Button label="Keep this run" icon="download" small onClick={() => void lab.keepRun()} />
      </div>
    )
  }
  if (!name) return null
  return (
    <p class="caption" data-testid="kept">
      Kept as run <b>{name}</b>.{' '}
      <button type="button" class="link-button" onClick={() => goTo('runs')}>
        Compare under Runs
      </button>
    </p>
  )
}

export function NetworkPanel({ lab }: Props) {
  const [dialog, setDialog] = useState<'save' | 'load'>()
  const file = useRef<HTMLInputElement>(null)
  const [problem, setProblem] = useState('')
  const ready = lab.stage.value.kind === 'ready' && lab.problem.value === undefined
  const take = async (picked: File | undefined): Promise<void> => {
    if (!picked) return
    setProblem('')
    try {
      await lab.loadWeights(new Uint8Array(await picked.arrayBuffer()), picked.name)
      showToast(`The weights of ${picked.name} are in place.`)
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error))
    }
  }
  const download = async (): Promise<void> => {
    downloadBlob(new Blob([(await lab.weights()) as BlobPart]), 'network.safetensors')
  }
  return (
    <section class="panel results-panel" aria-label="The trained network">
      <h2 class="panel-title">The trained network</h2>
      <div class="notice-actions">
        <Button label="Save for Explain" icon="book" small disabled={!ready} onClick={() => setDialog('save')} />
        <Button label="Open a saved one" small disabled={!ready} onClick={() => setDialog('load')} />
        <Button label="Download weights" icon="download" small disabled={!ready} onClick={() => void download()} />
        <Button label="Load weights" icon="upload" small disabled={!ready} onClick={() => file.current?.click()} />
      </div>
      <input
        ref={file}
        class="visually-hidden"
        type="file"
        accept=".safetensors"
        tabIndex={-1}
        aria-label="A file of weights"
        data-testid="weights-file"
        onChange={(event) => {
          const [picked] = event.currentTarget.files ?? []
          void take(picked)
          event.currentTarget.value = ''
        }}
      />
      {problem && (
        <p class="notice danger" role="alert">
          {problem}
        </p>
      )}
      <p class="caption">
        Weights are safetensors files with PyTorch’s names; they load into the library, the command line and PyTorch.
      </p>
      {dialog === 'save' && <SaveDialog lab={lab} onClose={() => setDialog(undefined)} />}
      {dialog === 'load' && <OpenDialog lab={lab} onClose={() => setDialog(undefined)} />}
    </section>
  )
}

interface DialogProps extends Props {
  readonly onClose: () => void
}

function SaveDialog({ lab, onClose }: DialogProps) {
  const [name, setName] = useState(lab.setup.value.data === 'digits' ? 'Digits' : 'My pictures')
  const [problem, setProblem] = useState('')
  const save = async (): Promise<void> => {
    try {
      await lab.save(name.trim())
      showToast(`“${name.trim()}” is kept in this browser.`)
      onClose()
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error))
    }
  }
  return (
    <Dialog title="Save the network in this browser" onClose={onClose}>
      <form
        class="save-form"
        onSubmit={(event) => {
          event.preventDefault()
          if (name.trim() !== '') void save()
        }}
      >
        <label class="field">
          <span class="field-label">Name</span>
          <input
            class="text-input"
            value={name}
            maxLength={60}
            onInput={(event) => setName(event.currentTarget.value)}
          />
        </label>
        <p class="caption">
          The page Explain finds it by this name, with some test pictures. A network of the same name is replaced.
        </p>
        {problem && (
          <p class="notice danger" role="alert">
            {problem}
          </p>
        )}
        <div class="dialog-actions">
          <Button label="Cancel" onClick={onClose} />
          <Button label="Save" kind="primary" disabled={name.trim() === ''} onClick={() => void save()} />
        </div>
      </form>
    </Dialog>
  )
}

function OpenDialog({ lab, onClose }: DialogProps) {
  const [models, setModels] = useState<readonly SavedModelEntry[]>()
  const [problem, setProblem] = useState('')
  const [asked] = useState(() =>
    listModels().then(setModels, (error) => setProblem(error instanceof Error ? error.message : String(error))),
  )
  void asked
  const open = async (name: string): Promise<void> => {
    try {
      await lab.loadSaved(name)
      showToast(`“${name}” is open.`)
      onClose()
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error))
    }
  }
  return (
    <Dialog title="Open a saved network" onClose={onClose}>
      {models?.length === 0 && <p>Nothing is saved yet. Train a network and press “Save for Explain”.</p>}
      <ul class="saved-list">
        {models?.map(({ name, accuracy, data }) => (
          <li key={name}>
            <button type="button" class="menu-item" onClick={() => void open(name)}>
              <b>{name}</b>
              <span>
                {formatShare(accuracy)} · {data}
              </span>
            </button>
          </li>
        ))}
      </ul>
      {problem && (
        <p class="notice danger" role="alert">
          {problem}
        </p>
      )}
    </Dialog>
  )
}
