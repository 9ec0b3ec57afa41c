/** The networks that can be looked into: kept in this browser, or in the folders of runs. */

import { type LayerSpec, layerCodec, withOutput } from '../../base/layer-spec.ts'
import { listModels, loadModel } from '../../base/saved-models.ts'
import type { RunSource, Source } from './protocol.ts'

export interface SourceChoice {
  /** As in the address. */
  readonly value: string
  readonly label: string
}

export const DIGITS = 'digits'
/** A file of weights; it cannot be opened again by an address. */
export const FILE = 'file'

/** What can be chosen now. Where the browser keeps nothing, or no server answers, that part is left out. */
export async function listSources(): Promise<SourceChoice[]> {
  const [saved, runs] = await Promise.all([listModels().catch(() => []), listRuns().catch(() => [])])
  return [
    { value: DIGITS, label: 'Drawn digits, trained on the spot' },
    ...saved.map(({ name }) => ({ value: `saved:${name}`, label: `Saved: ${name}` })),
    ...runs.map(({ name }) => ({ value: `run:${name}`, label: `Run: ${name}` })),
  ]
}

/** The network that an address means. Throws an Error that says why there is none. */
export async function openSource(value: string): Promise<Source> {
  const [kind = '', ...rest] = value.split(':')
  const name = rest.join(':')
  if (kind === DIGITS) return { kind }
  if (kind === 'saved') {
    const model = await loadModel(name)
    if (model) return { kind, model }
    throw new Error(
      `No network called “${name}” is kept in this browser; it may have been deleted, or saved in another.`,
    )
  }
  if (kind === 'run') {
    const run = (await listRuns()).find((each) => each.name === name)
    if (!run) throw new Error(`There is no run “${name}” with a network for pictures and its weights.`)
    const response = await fetch(`/api/runs/${encodeURIComponent(name)}/files/best.safetensors`)
    if (!response.ok) throw new Error(`The weights of ${name} cannot be read: ${(await response.text()).trim()}`)
    return { kind, run: { ...run, weights: new Uint8Array(await response.arrayBuffer()) } }
  }
  if (kind === FILE) throw new Error('The link was made with a file of weights; open the file at the left.')
  throw new Error(`A link to “${value}” means nothing here.`)
}

type Json = Readonly<Record<string, unknown>>

function record(value: unknown): Json {
  return typeof value === 'object' && value !== null ? (value as Json) : {}
}

/** Runs of networks that take pictures, with the weights of their best epoch. */
async function listRuns(): Promise<Omit<RunSource, 'weights'>[]> {
  const response = await fetch('/api/runs', { cache: 'no-store' })
  const { runs } = record(await response.json())
  return Array.isArray(runs) ? runs.flatMap(readRun) : []
}

function readRun(value: unknown): Omit<RunSource, 'weights'>[] {
  const { name, files, run } = record(value)
  const { settings, data } = record(run)
  const { model, layers, seed } = record(settings)
  const { inputShape, classes, classNames, normalization, name: dataName } = record(data)
  const isPicture = Array.isArray(inputShape) && inputShape.length === 3 && [1, 3].includes(Number(inputShape[0]))
  const hasWeights = Array.isArray(files) && files.includes('best.safetensors')
  const network =
    typeof model === 'string' ? model : typeof layers === 'string' ? layersIn(layers, inputShape, classes) : undefined
  if (typeof name !== 'string' || network === undefined || typeof classes !== 'number' || !isPicture || !hasWeights)
    return []
  return [
    {
      name,
      model: network,
      classes,
      inputShape: inputShape.map(Number),
      ...(Array.isArray(classNames) ? { classNames: classNames.map(String) } : {}),
      ...(normalization ? { normalization: record(normalization) } : {}),
      data: String(dataName ?? 'pictures'),
      seed: typeof seed === 'number' ? seed : 0,
    },
  ]
}

/** The layers of a run of the page Train images, with those that give the scores; undefined when one is unknown. */
function layersIn(text: string, inputShape: unknown, classes: unknown): readonly LayerSpec[] | undefined {
  const layers = text.split(', ').filter(Boolean).map(layerCodec.parse)
  if (!layers.every((layer) => layer !== undefined) || !Array.isArray(inputShape) || typeof classes !== 'number')
    return undefined
  return withOutput(layers, inputShape.map(Number), classes)
}
