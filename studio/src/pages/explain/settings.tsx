/** The settings of the Explain page: the network, the class that is asked about, and the method with what it needs. */
import { useRef } from 'preact/hooks'
import { Button, Range, Select } from '../../parts/controls.tsx'
import { showToast } from '../../parts/toast.tsx'
import type { ExplainController } from './controller.ts'
import { readOwnPicture } from './own-file.ts'
import { LIKELIEST, methods } from './setup.ts'
import { FILE } from './sources.ts'
import { methodWords } from './words.ts'

interface Props {
  readonly lab: ExplainController
}

export function Settings({ lab }: Props) {
  return (
    <>
      <NetworkSection lab={lab} />
      <QuestionSection lab={lab} />
      <MethodSection lab={lab} />
    </>
  )
}

function NetworkSection({ lab }: Props) {
  const { network } = lab.setup.value
  const info = lab.info.value
  const known = lab.sources.value
  const listed = known.some(({ value }) => value === network)
  const options = [
    ...known,
    ...(listed
      ? []
      : [{ value: network, label: network === FILE ? (info?.title ?? 'A file') : network.replace(':', ': ') }]),
  ]
  return (
    <section class="settings-section">
      <h3>Network</h3>
      <Select
        label="Network"
        selected={network}
        options={options}
        onChange={(next) => lab.choose(next)}
        hint="Those saved on the page Train images and those of runs are listed; a small one learns on the spot."
      />
      {info && <p class="caption">{info.note}</p>}
      <FileButton
        label="Open weights"
        accept=".safetensors"
        name="A safetensors file"
        onFile={(file) => lab.openFile(file)}
      />
    </section>
  )
}

function QuestionSection({ lab }: Props) {
  const { target } = lab.setup.value
  const names = lab.classNames.value
  return (
    <section class="settings-section">
      <h3>Question</h3>
      <Select
        label="What speaks for"
        selected={target}
        options={[
          { value: LIKELIEST, label: 'What the network says' },
          ...names.map((name, index) => ({ value: index, label: name })),
        ]}
        onChange={(next) => lab.change({ target: next })}
        hint="Ask about a class that the network did not say, and see what would speak for it."
      />
      <FileButton
        label="A picture of your own"
        accept="image/*"
        name="A picture"
        onFile={async (file) => {
          const picture = await readOwnPicture(file).catch(() => undefined)
          if (picture) await lab.setOwn(picture)
          else showToast(`${file.name} is no picture that this browser can read.`)
        }}
      />
      <p class="caption">It is cut and made as small as the network needs it, and stays in this browser.</p>
    </section>
  )
}

function MethodSection({ lab }: Props) {
  const setup = lab.setup.value
  const { method } = setup
  const { height = 28, width = 28 } = lab.look.value?.picture ?? {}
  const side = Math.min(64, height, width)
  return (
    <section class="settings-section">
      <h3>Method</h3>
      <Select
        label="Method"
        selected={method}
        options={methods.map((value) => ({ value, label: methodWords[value].title }))}
        onChange={(next) => lab.change({ method: next })}
        hint="Each answers another question; compare them in the tab All methods."
      />
      {method === 'occlusion' && (
        <>
          <Range
            label="Patch"
            value={`${setup.patch} × ${setup.patch}`}
            at={setup.patch}
            min={1}
            max={side}
            onChange={(patch) => lab.change({ patch })}
            hint="How much is covered at once; about a seventh of the picture is a good start."
          />
          <Range
            label="Step"
            value={String(setup.stride)}
            at={setup.stride}
            min={1}
            max={side}
            onChange={(stride) => lab.change({ stride })}
            hint="How far the patch moves; small steps are finer and slower."
          />
        </>
      )}
      {method === 'smooth-grad' && (
        <>
          <Range
            label="Copies"
            value={String(setup.samples)}
            at={setup.samples}
            min={1}
            max={200}
            onChange={(samples) => lab.change({ samples })}
            hint="How many noisy copies are averaged; more are smoother and slower."
          />
          <Range
            label="Noise"
            value={`${setup.noise} %`}
            at={setup.noise}
            min={0}
            max={100}
            onChange={(noise) => lab.change({ noise })}
            hint="Of the range of the pixels; 10 to 20 % is usual."
          />
        </>
      )}
      {method === 'integrated-gradients' && (
        <Range
          label="Steps"
          value={String(setup.steps)}
          at={setup.steps}
          min={2}
          max={400}
          onChange={(steps) => lab.change({ steps })}
          hint="Points on the way from black; more bring the sum closer to the difference of scores."
        />
      )}
      {method === 'grad-cam' && <LayerChoice lab={lab} />}
    </section>
  )
}

function LayerChoice({ lab }: Props) {
  const layers = (lab.info.value?.layers ?? []).filter(({ height, width }) => height * width > 1)
  return (
    <Select
      label="Layer"
      selected={lab.setup.value.layer}
      options={[
        { value: '', label: 'The last with places' },
        ...layers.map(({ path, label, height, width }) => ({ value: path, label: `${label}, ${height} × ${width}` })),
      ]}
      onChange={(layer) => lab.change({ layer })}
      hint="Late layers are coarse and about the class, early ones fine and about edges."
    />
  )
}

interface FileButtonProps {
  readonly label: string
  readonly name: string
  readonly accept: string
  readonly onFile: (file: File) => void | Promise<void>
}

function FileButton({ label, name, accept, onFile }: FileButtonProps) {
  const input = useRef<HTMLInputElement>(null)
  return (
    <>
      <Button label={label} icon="upload" small onClick={() => input.current?.click()} />
      <input
        ref={input}
        type="file"
        accept={accept}
        class="visually-hidden"
        tabIndex={-1}
        aria-label={name}
        onChange={(event) => {
          const [file] = event.currentTarget.files ?? []
          if (file) void onFile(file)
          // The same file can be chosen again.
          event.currentTarget.value = ''
        }}
      />
    </>
  )
}
