/** The Convolution page. */
import './convolution.css'
import type { ComponentChildren } from 'preact'
import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import { downloadCanvas, downloadText, toCsv } from '../../base/download.ts'
import { formatValue } from '../../base/format.ts'
import { CodeView } from '../../parts/code-view.tsx'
import { Button, PlainSelect, Range, Segmented, Select } from '../../parts/controls.tsx'
import { Tabs } from '../../parts/tabs.tsx'
import { showToast } from '../../parts/toast.tsx'
import { TransportBar } from '../../parts/transport-bar.tsx'
import { type Command, useCommands } from '../../shell/commands.ts'
import { PageFrame } from '../../shell/page-frame.tsx'
import type { PageProps } from '../../shell/pages.ts'
import { convolutionCode } from './code.ts'
import { ConvolutionController } from './controller.ts'
import { isPicture, OutputMap, PictureMap } from './maps.tsx'
import { readPicture } from './own-picture.ts'
import page from './page.ts'
import { type KernelName, kernelNames, outputSize, type PictureName, speeds } from './setup.ts'

interface Props {
  readonly lab: ConvolutionController
}

const kernelTitles: Readonly<Record<KernelName, string>> = {
  identity: 'Identity',
  edgeDiagonal: 'Edges, diagonal',
  edgeLaplace: 'Edges, Laplace',
  edgeAll: 'Edges, all directions',
  sharpen: 'Sharpen',
  boxBlur: 'Box blur',
  gaussianBlur: 'Gaussian blur',
  sobelX: 'Sobel, across',
  sobelY: 'Sobel, upwards',
}

const pictureTitles: Readonly<Record<PictureName, string>> = {
  digit: 'A drawn digit',
  shapes: 'Disc, frame, slope',
  stripes: 'Stripes',
  colours: 'Three colours',
  own: 'Your own picture',
}

export default function Convolution({ address, setAddress }: PageProps) {
  const lab = useMemo(() => new ConvolutionController(address, setAddress), [])
  useEffect(() => () => lab.dispose(), [lab])
  useCommands(useMemo(() => commandsOf(lab), [lab]))
  const picture = async (): Promise<void> => {
    const canvas = document.querySelectorAll<HTMLCanvasElement>('.conv-canvas')[1]
    if (canvas) await downloadCanvas(canvas, 'output.png')
  }
  return (
    <PageFrame
      title={page.title}
      summary={page.summary}
      exports={[
        { label: 'Output as a picture (PNG)', run: picture },
        { label: 'Output (CSV)', run: () => downloadText(outputCsv(lab), 'output.csv', 'text/csv') },
      ]}
      transport={<Transport lab={lab} />}
      settings={<Settings lab={lab} />}
      stage={<Stage lab={lab} />}
      results={
        <>
          <WindowPanel lab={lab} />
          <SizePanel lab={lab} />
        </>
      }
    />
  )
}

function Transport({ lab }: Props) {
  const { speed } = lab.setup.value
  const { row, column } = lab.place.value
  return (
    <TransportBar
      running={lab.running.value}
      startLabel="Slide"
      onToggle={() => lab.toggle()}
      onReset={() => lab.moveTo(0, 0)}
      resetLabel="Back to the first place"
      steps={[
        {
          label: 'One place on',
          icon: 'step',
          run: () => {
            lab.stop()
            lab.step()
          },
        },
      ]}
      blocked={lab.result.value?.problem !== undefined}
      count={{ value: `${row}, ${column}`, label: 'row, column' }}
      speed={{
        name: `${speeds[speed]} a second`,
        at: speed,
        most: speeds.length - 1,
        onChange: (next) => lab.change({ speed: next }),
      }}
      status={lab.running.value ? 'sliding' : 'resting'}
    />
  )
}

function Settings({ lab }: Props) {
  const setup = lab.setup.value
  return (
    <>
      <section class="settings-section">
        <h3>Picture</h3>
        <Select
          label="Picture"
          selected={setup.picture}
          options={(Object.keys(pictureTitles) as PictureName[]).map((value) => ({
            value,
            label: pictureTitles[value],
          }))}
          onChange={(picture) => lab.change({ picture })}
          hint="With three colours the kernel runs over each channel and the results add up, as in a layer."
        />
        {setup.picture === 'digit' && (
          <Button
            label="Another digit"
            icon="reset"
            small
            onClick={() => lab.change({ seed: (setup.seed + 1) % 10_000 })}
          />
        )}
        {setup.picture === 'own' && <OwnPicture lab={lab} />}
      </section>
      <section class="settings-section">
        <h3>Kernel</h3>
        <Select
          label="Known kernels"
          selected={setup.weights.length > 0 ? 'own' : setup.kernel}
          options={[
            ...kernelNames.map((value) => ({ value, label: kernelTitles[value] })),
            ...(setup.weights.length > 0 ? [{ value: 'own' as const, label: 'Your own numbers' }] : []),
          ]}
          onChange={(kernel) => kernel !== 'own' && lab.change({ kernel, weights: [] })}
          hint="Those of the lectures; type into the grid to change one."
        />
        <KernelGrid lab={lab} />
        <Segmented
          label="Size of the kernel"
          selected={lab.result.value?.side ?? 3}
          options={[
            { value: 3, label: '3 × 3' },
            { value: 5, label: '5 × 5' },
          ]}
          onChange={(side) => lab.change({ weights: resized(lab.result.value?.kernel ?? [], side) })}
        />
      </section>
      <section class="settings-section">
        <h3>Window</h3>
        <Range
          label="Stride"
          value={String(setup.stride)}
          at={setup.stride}
          min={1}
          max={4}
          onChange={(stride) => lab.change({ stride })}
          hint="How far the window moves; 2 halves the picture."
        />
        <Range
          label="Padding"
          value={String(setup.padding)}
          at={setup.padding}
          min={0}
          max={4}
          onChange={(padding) => lab.change({ padding })}
          hint="A border of zeros, so that the window reaches the edge."
        />
        <Range
          label="Dilation"
          value={String(setup.dilation)}
          at={setup.dilation}
          min={1}
          max={4}
          onChange={(dilation) => lab.change({ dilation })}
          hint="The distance between the numbers of the kernel; larger sees further."
        />
      </section>
      <section class="settings-section">
        <h3>Pooling</h3>
        <div class="settings-row">
          <PlainSelect
            label="Pooling"
            selected={setup.pooling}
            options={[
              { value: 'none', label: 'None' },
              { value: 'max', label: 'Largest' },
              { value: 'average', label: 'Average' },
            ]}
            onChange={(pooling) => lab.change({ pooling })}
          />
          {setup.pooling !== 'none' && (
            <PlainSelect
              label="Size of a block"
              selected={setup.poolSize}
              options={[2, 3, 4].map((value) => ({ value, label: `${value} × ${value}` }))}
              onChange={(poolSize) => lab.change({ poolSize })}
            />
          )}
        </div>
      </section>
    </>
  )
}

/** The numbers in a kernel of another size: kept in the middle, zeros around. */
function resized(kernel: readonly number[], side: number): number[] {
  const before = Math.sqrt(kernel.length)
  const shift = (side - before) / 2
  return Array.from({ length: side * side }, (_, index) => {
    const [row, column] = [Math.floor(index / side) - shift, (index % side) - shift]
    const inside = row >= 0 && column >= 0 && row < before && column < before
    return inside ? (kernel[row * before + column] ?? 0) : 0
  })
}

function KernelGrid({ lab }: Props) {
  const result = lab.result.value
  if (!result) return null
  const { kernel, side } = result
  return (
    <fieldset class="kernel-grid" style={{ gridTemplateColumns: `repeat(${side}, minmax(0, 1fr))` }}>
      <legend class="visually-hidden">Numbers of the kernel</legend>
      {kernel.map((value, index) => (
        <input
          key={`${side}-${index}`}
          class="text-input"
          type="number"
          step="0.1"
          min={-99}
          max={99}
          aria-label={`Row ${Math.floor(index / side) + 1}, column ${(index % side) + 1}`}
          value={Number(value.toFixed(3))}
          onChange={(event) => {
            const next = Number(event.currentTarget.value)
            if (event.currentTarget.value === '' || !Number.isFinite(next)) return
            lab.change({
              weights: kernel.map((old, each) =>
                each === index ? Math.min(99, Math.max(-99, next)) : Number(old.toFixed(6)),
              ),
            })
          }}
        />
      ))}
    </fieldset>
  )
}

function OwnPicture({ lab }: Props) {
  const input = useRef<HTMLInputElement>(null)
  return (
    <>
      <p class="field-hint">It is made small and stays in this browser.</p>
      <Button label="Choose a picture" icon="upload" small onClick={() => input.current?.click()} />
      <input
        ref={input}
        type="file"
        accept="image/*"
        class="visually-hidden"
        tabIndex={-1}
        aria-label="A picture"
        onChange={async (event) => {
          const file = event.currentTarget.files?.[0]
          if (!file) return
          try {
            await lab.setOwn(await readPicture(file))
          } catch {
            showToast(`${file.name} is no picture that this browser can read.`)
          }
        }}
      />
    </>
  )
}

const tabs = [
  { name: 'maps', label: 'Picture and output' },
  { name: 'code', label: 'Show the code' },
] as const

function Stage({ lab }: Props) {
  const [tab, setTab] = useState<(typeof tabs)[number]['name']>('maps')
  const result = lab.result.value
  return (
    <div class="zone">
      {(lab.failure.value ?? result?.problem) && (
        <div class="notice danger" role="alert">
          <p class="notice-title">There is no output</p>
          <p>{lab.failure.value ?? result?.problem}</p>
        </div>
      )}
      <div class="panel stage">
        <Tabs label="Views" tabs={tabs} selected={tab} onSelect={setTab}>
          {tab === 'maps' ? (
            <Maps lab={lab} />
          ) : (
            <div class="stage-pad">
              <p class="stage-note">The same convolution with the library.</p>
              <CodeView code={convolutionCode(lab.setup.value, result)} label="The convolution as a program" />
            </div>
          )}
        </Tabs>
      </div>
    </div>
  )
}

function Maps({ lab }: Props) {
  const result = lab.result.value
  if (!result) return <div class="skeleton conv-skeleton" />
  const { output, pooled, picture } = result
  const padding = lab.setup.value.padding
  return (
    <div class="stage-pad">
      <div class={pooled ? 'conv-maps three' : 'conv-maps'}>
        <figure>
          <PictureMap lab={lab} />
          <figcaption class="caption">
            Picture, {picture.height} × {picture.width}
            {picture.channels > 1 ? ` × ${picture.channels}` : ''}
            {padding > 0 ? `, with a border of ${padding}` : ''}
          </figcaption>
        </figure>
        {output.width > 0 && (
          <figure>
            <Pointable lab={lab}>
              <OutputMap
                lab={lab}
                map={output}
                marked
                label={`Output of ${output.height} by ${output.width} numbers.`}
              />
            </Pointable>
            <figcaption class="caption">
              Output, {output.height} × {output.width}.{' '}
              {isPicture(result.kernel) ? 'Shown as a picture.' : 'Blue is positive, orange negative.'} Point at a place
              to see its sum.
            </figcaption>
          </figure>
        )}
        {pooled && (
          <figure>
            <OutputMap
              lab={lab}
              map={pooled}
              marked={false}
              label={`Pooled to ${pooled.height} by ${pooled.width} numbers.`}
            />
            <figcaption class="caption">
              Pooled, {pooled.height} × {pooled.width}
            </figcaption>
          </figure>
        )}
      </div>
    </div>
  )
}

/** Chooses the window's place with the pointer or the arrow keys. */
function Pointable({ lab, children }: Props & { children: ComponentChildren }) {
  const choose = (event: PointerEvent): void => {
    const output = lab.result.value?.output
    if (!output) return
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect()
    const row = Math.floor(((event.clientY - box.top) / box.height) * output.height)
    const column = Math.floor(((event.clientX - box.left) / box.width) * output.width)
    lab.stop()
    lab.moveTo(row, column)
  }
  const move = (event: KeyboardEvent): void => {
    const moves: Record<string, readonly [number, number]> = {
      ArrowLeft: [0, -1],
      ArrowRight: [0, 1],
      ArrowUp: [-1, 0],
      ArrowDown: [1, 0],
    }
    const step = moves[event.key]
    if (!step) return
    event.preventDefault()
    lab.stop()
    const { row, column } = lab.place.value
    lab.moveTo(Math.max(0, row + step[0]), Math.max(0, column + step[1]))
  }
  return (
    <div
      class="conv-point"
      role="application"
      aria-label="Output: arrow keys move the window"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: the arrow keys move over it, and no element of its own exists for that
      tabIndex={0}
      onPointerMove={choose}
      onPointerDown={choose}
      onKeyDown={move}
    >
      {children}
    </div>
  )
}

function WindowPanel({ lab }: Props) {
  const taps = lab.taps.value
  const result = lab.result.value
  if (!result || taps.length === 0) return null
  const { row, column } = lab.place.value
  const channels = result.picture.channels
  const value = result.output.values[row * result.output.width + column]
  return (
    <section class="panel results-panel" aria-label="The window">
      <h2 class="panel-title">
        The window at row {row}, column {column}
      </h2>
      <div class="tap-grid" style={{ gridTemplateColumns: `repeat(${result.side}, minmax(0, 1fr))` }}>
        {taps.map((tap) => (
          <div key={`${tap.row}-${tap.column}`} class="tap">
            <span>
              {tap.pixels.length > 1
                ? `Σ ${plain(tap.pixels.reduce((sum, pixel) => sum + pixel, 0))}`
                : plain(tap.pixels[0] ?? 0)}
            </span>
            <span>× {plain(tap.weight)}</span>
            <b>{plain(tap.product)}</b>
          </div>
        ))}
      </div>
      <p>
        {channels > 1
          ? `All ${taps.length} products, over ${channels} channels, add up to `
          : `All ${taps.length} products add up to `}
        <b data-testid="sum">{result4(lab.sum.value)}</b>.
      </p>
      <p class="caption">
        The library says <span data-testid="value">{result4(value ?? Number.NaN)}</span>.
      </p>
    </section>
  )
}

/** A sum without the noise of single precision. */
function result4(value: number): string {
  return formatValue(Math.round(value * 1e4) / 1e4 + 0)
}

function plain(value: number): string {
  return String(Math.round(value * 100) / 100).replace('-', '−')
}

function SizePanel({ lab }: Props) {
  const result = lab.result.value
  if (!result) return null
  const { stride, padding, dilation, pooling, poolSize } = lab.setup.value
  const { side, picture, output, pooled } = result
  const size = outputSize(picture.width, side, { stride, padding, dilation })
  return (
    <section class="panel results-panel" aria-label="Size of the output">
      <h2 class="panel-title">Size of the output</h2>
      <p class="formula">⌊(W + 2P − D·(F − 1) − 1) / S⌋ + 1</p>
      <p class="formula">
        = ⌊({picture.width} + 2·{padding} − {dilation}·{side - 1} − 1) / {stride}⌋ + 1 ={' '}
        <b data-testid="size">{size}</b>
      </p>
      {pooling !== 'none' && pooled && (
        <p class="formula">
          Pooled: ⌊({output.width} − {poolSize}) / {poolSize}⌋ + 1 = <b>{pooled.width}</b>
        </p>
      )}
      <p class="caption">
        {side * side * picture.channels} weights make {output.height * output.width} numbers; a fully connected layer
        would need {(picture.values.length * output.height * output.width).toLocaleString('en')}.
      </p>
    </section>
  )
}

function outputCsv(lab: ConvolutionController): string {
  const output = lab.result.value?.output
  if (!output) return ''
  const header = Array.from({ length: output.width }, (_, column) => String(column))
  const rows = Array.from({ length: output.height }, (_, row) =>
    Array.from(output.values.subarray(row * output.width, (row + 1) * output.width)),
  )
  return toCsv(header, rows)
}

function commandsOf(lab: ConvolutionController): Command[] {
  return [
    { label: 'Slide or rest', group: 'Convolution', run: () => lab.toggle() },
    ...kernelNames.map((kernel) => ({
      label: `Kernel: ${kernelTitles[kernel]}`,
      group: 'Convolution',
      run: () => lab.change({ kernel, weights: [] }),
    })),
  ]
}
