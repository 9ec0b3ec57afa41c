/** `transfer`: puts a new head on a trained network for a folder of pictures, trains it, and keeps the result in a run folder. */
import { basename, join, resolve } from 'node:path'
import { ShapeError } from '../../base/errors.ts'
import { cacheFolder } from '../../data/node/index.ts'
import type { Normalization } from '../../data/normalization.ts'
import { data as dataSets, explain, io, loss, manualSeed, nn, optim, train, zeros } from '../../index.ts'
import { featureFolder, runFiles, runFolder, runReport } from '../../train/node/index.ts'
import type { AnyDataset, Callback, FitResult, LossFunction, Network } from '../../train/types.ts'
import { useThreads } from '../backend.ts'
import { openPictureModel, type PictureModel, type PictureModelOptions } from '../explain/picture-model.ts'
import { Interruption, UsageError } from '../failure.ts'
import { formatCount, formatPercent } from '../progress/format.ts'
import { createProgress, type Progress } from '../progress/index.ts'
import { writeJsonLine } from '../progress/json-progress.ts'
import { ownCommand } from '../shell.ts'
import { styled } from '../style.ts'
import { pairs, showShape } from '../table.ts'
import type { Output, Terminal } from '../terminal.ts'
import { saveOnnxClassifier } from '../trained/onnx-classifier.ts'
import { wholeModel } from '../trained/open.ts'
import { watchInterruption } from '../training/interruption.ts'
import { checkFree, newRunFolder } from '../training/locate-run.ts'
import { classesOf, describeBroken, firstPictureSize, openPictureFolder, type PictureFolder } from './picture-folder.ts'

export interface TransferOptions extends PictureModelOptions {
  readonly from: string
  readonly size?: number
  readonly levels?: string
  readonly epochs?: number
  readonly batchSize?: number
  readonly lr?: number
  readonly validation?: number
  readonly test?: number
  readonly seed?: number
  readonly fineTune?: number
  readonly unfreeze?: string
  readonly features?: string
  readonly name?: string
  readonly runDir?: string
  readonly overwrite?: boolean
  readonly skipBroken?: boolean
  readonly threads?: number
  readonly json?: boolean
}

/** Everything that is settled before anything is computed. */
interface Plan {
  readonly folder: string
  readonly run: string
  readonly opened: PictureModel
  readonly inputShape: readonly [channels: 1 | 3, height: number, width: number]
  readonly pictures: PictureFolder
  readonly transfer: train.Transfer
  readonly levels: readonly string[]
  readonly options: TransferOptions
}

/** Where a run keeps what came of training more layers than the head. */
const furtherFolder = 'fine-tuned'

interface Parts<Set> {
  readonly train: Set
  readonly validation: Set
  readonly test: Set
}

/** Transfers as asked. Throws UsageError or another CognitronError for whatever cannot work, Interruption when stopped. */
export async function runTransfer(folder: string, options: TransferOptions, terminal: Terminal): Promise<void> {
  const { output } = terminal
  useThreads(options.threads)
  const progress = createProgress(output, { json: options.json })
  const watch = watchInterruption(
    () => progress.message('finishing the step; press Ctrl-C again to quit at once'),
    () => progress.close(),
  )
  try {
    progress.status('opening the network and the pictures')
    const plan = await makePlan(folder, options)
    if (options.json) writeJsonLine(output, 'start', describePlan(plan))
    else progress.message(opening(output, plan))
    if (plan.pictures.broken.length > 0 && !options.json) progress.message(describeBroken(plan.pictures))
    const signal = AbortSignal.any([watch.signal, terminal.closed])
    const result = await learn(plan, progress, signal)
    if (result.reason === 'interrupted') throw new Interruption(result.message ?? 'interrupted')
    const file = await saveModel(plan)
    const figures = {
      testAccuracy: result.test?.accuracy,
      testLoss: result.test?.loss,
      epochs: result.history.length,
      run: plan.run,
      model: file,
    }
    if (options.json) progress.result({ ...figures, report: join(plan.run, runFiles.report) })
    else progress.message(closing(output, plan, result, file))
  } finally {
    watch.stop()
    progress.close()
  }
}

async function makePlan(folder: string, options: TransferOptions): Promise<Plan> {
  const { seed = 0, overwrite, validation = 0.1, test = 0.2 } = options
  if (validation + test > 0.9) {
    throw new UsageError(
      `--validation ${validation} and --test ${test} leave nothing to learn from; make them smaller.`,
    )
  }
  if (options.unfreeze !== undefined && options.fineTune === undefined) {
    throw new UsageError('--unfreeze names layers that --fine-tune EPOCHS trains; give both.')
  }
  const named = given({ name: options.name, runDir: options.runDir })
  if (!overwrite) await checkFree(named, { resumable: false })
  const opened = await openPictureModel(options.from, options)
  const { inputShape, found } = await shapeFor(opened, folder, options)
  const levels = levelsFor(found, options.levels)
  manualSeed(seed)
  const classNames = await classesOf(folder)
  const transfer = train.transfer(opened.model, {
    head: (features) => headFor(features, classNames.length),
    levels,
    inputShape,
    ...(options.unfreeze === undefined
      ? {}
      : { unfreezeAt: { 1: pathsOf(opened.model, options.unfreeze.split(','), levels.length > 0) } }),
    discriminativeRates: 0.5,
  })
  const { normalization } = opened
  const pictures = await openPictureFolder(folder, inputShape, { normalization, skipBroken: options.skipBroken })
  const run = await newRunFolder(named, runName(folder, options.from))
  return { folder, run, opened, inputShape, pictures, transfer, levels, options }
}

/** Where the layers that people name stand in the network with its new head. */
function pathsOf(model: Network, names: readonly string[], hasLevels: boolean): string[] {
  const known = explain.layerNames(model)
  const unknown = names.find((name) => !known.includes(name))
  if (unknown !== undefined) throw explain.unknownLayer(model, unknown)
  if (!(model instanceof io.onnx.OnnxModel)) return hasLevels ? names.map((name) => `backbone.${name}`) : [...names]
  const weights = model.namedState()
  return model.layers
    .filter(({ name }) => names.includes(name))
    .flatMap(({ inputs }) => inputs.filter((input) => weights.has(input)).map((input) => `backbone.${input}`))
}

function headFor(features: number, classes: number): nn.Sequential {
  return new nn.Sequential(new nn.BatchNorm1d(features), new nn.Dropout(0.5), new nn.Linear(features, classes))
}

function runName(folder: string, from: string): string {
  return `${basename(resolve(folder))}-${basename(resolve(from)).replace(/\.\w+$/, '')}`
}

/**
 * The size that pictures are brought to: that of the network, but not many times their own where the network takes smaller ones too;
 * and the levels that layers have there.
 */
async function shapeFor(
  { model, inputShape }: PictureModel,
  folder: string,
  { size, skipBroken }: TransferOptions,
): Promise<{ inputShape: Plan['inputShape']; found: string[] }> {
  const [channels, height, width] = inputShape
  const picture = await firstPictureSize(folder, { skipBroken })
  const wanted = size ?? 32 * Math.max(2, Math.ceil(Math.max(picture.width, picture.height) / 16))
  const smaller = [channels, Math.min(height, wanted), Math.min(width, wanted)] as const
  const asked = size === undefined ? smaller : ([channels, size, size] as const)
  try {
    return { inputShape: asked, found: train.featureLevels(model, asked) }
  } catch (error) {
    if (!(error instanceof ShapeError) || size !== undefined) throw error
    return { inputShape, found: train.featureLevels(model, inputShape) }
  }
}

function levelsFor(found: readonly string[], wanted: string | undefined): readonly string[] {
  if (wanted === 'none') return []
  if (wanted !== undefined && wanted !== 'auto') return wanted.split(',')
  // The last one's means are what enters the head anyway.
  return found.slice(0, -1)
}

async function learn(plan: Plan, progress: Progress, signal: AbortSignal): Promise<FitResult> {
  const { options } = plan
  const parts = divide(await featuresOf(plan, progress, signal), plan.pictures.dataset, options)
  const head = await learnHead(plan, parts.features, progress, signal)
  if (options.fineTune === undefined || head.reason === 'interrupted') return head
  progress.message(`head alone: ${formatPercent(head.test?.accuracy ?? Number.NaN, 2)} of the test pictures right`)
  return learnFurther(plan, parts.pictures, progress, signal)
}

/** What the frozen layers make of every picture; from the store where that is known. */
function featuresOf(plan: Plan, progress: Progress, signal: AbortSignal): Promise<dataSets.ArrayDataset> {
  const { transfer, pictures, options } = plan
  return transfer.cacheFeatures(pictures.dataset, {
    store: featureFolder(options.features ?? join(cacheFolder(), 'features')),
    key: pictures.key,
    batchSize: 16,
    onProgress: (done, total) => {
      if (signal.aborted) throw new Interruption('stopped before all features were computed; nothing was kept')
      progress.status(`features of ${formatCount(done)} of ${formatCount(total)} pictures`)
    },
  })
}

function learnHead(plan: Plan, parts: Parts<AnyDataset>, progress: Progress, signal: AbortSignal): Promise<FitResult> {
  const { transfer, options } = plan
  const { epochs = 30, batchSize = 64, lr = 3e-3, seed = 0 } = options
  const optimizer = new optim.AdamW(transfer.head.parameters(), { lr, weightDecay: 0.05 })
  const totalSteps = Math.max(2, epochs * Math.ceil(parts.train.length / batchSize))
  return train.fit(transfer.head, {
    ...parts,
    loss: smoothed,
    optimizer,
    schedule: new optim.OneCycleLR(optimizer, { maxLr: lr, totalSteps }),
    epochs,
    batchSize,
    seed,
    signal,
    callbacks: [keeperOf(plan, plan.run, 'A new head'), reporter(progress)],
  })
}

/** Trains the layers that `--unfreeze` names with the head, on the pictures themselves. */
function learnFurther(
  plan: Plan,
  parts: Parts<AnyDataset>,
  progress: Progress,
  signal: AbortSignal,
): Promise<FitResult> {
  const { transfer, options } = plan
  const rate = (options.lr ?? 3e-3) / 10
  progress.message(`training ${options.unfreeze ?? 'the head'} further for ${options.fineTune} epochs`)
  return train.fit(transfer.model, {
    ...parts,
    loss: smoothed,
    optimizer: new optim.AdamW(transfer.parameterGroups(rate), { lr: rate, weightDecay: 0.05 }),
    epochs: options.fineTune ?? 1,
    batchSize: 16,
    evaluationBatchSize: 16,
    seed: options.seed ?? 0,
    signal,
    callbacks: [
      transfer.callback,
      keeperOf(
        plan,
        join(plan.run, furtherFolder),
        `A new head and ${options.unfreeze ?? 'nothing else'}, trained further`,
      ),
      reporter(progress),
    ],
  })
}

function keeperOf(plan: Plan, folder: string, what: string): Callback {
  const { opened, transfer } = plan
  return runFolder(folder, {
    run: { ...describePlan(plan), created: new Date().toISOString() },
    overwrite: plan.options.overwrite === true,
    report: runReport({
      title: `${basename(resolve(plan.folder))} by transfer`,
      lead: `${what} for ${basename(opened.name)}; all other layers stay as they are.`,
      facts: {
        From: opened.name,
        Pictures: plan.folder,
        Input: plan.inputShape.join(' × '),
        Features: transfer.head.parameters()[0]?.size,
      },
    }),
  })
}

/** Smoothed labels keep a head on thousands of features from being too sure of the few pictures that it has seen. */
const smoothed: LossFunction = (scores, labels, options) =>
  loss.crossEntropy(scores, labels, { ...options, labelSmoothing: 0.1 })

/** The same division of the pictures and of their features. */
function divide(
  features: dataSets.ArrayDataset,
  pictures: dataSets.ClassFolderDataset,
  { validation = 0.1, test = 0.2, seed = 0 }: TransferOptions,
): { features: Parts<AnyDataset>; pictures: Parts<AnyDataset> } {
  const [learned, held, judged] = dataSets.split(features, [1 - validation - test, validation, test], {
    seed,
    stratified: true,
  })
  const parts = { train: learned, validation: held, test: judged } as Parts<dataSets.Subset>
  const ofPictures = (part: dataSets.Subset): AnyDataset => new dataSets.AsyncSubset(pictures, part.indices)
  return {
    features: parts,
    pictures: {
      train: ofPictures(parts.train),
      validation: ofPictures(parts.validation),
      test: ofPictures(parts.test),
    },
  }
}

function reporter(progress: Progress): Callback {
  return {
    name: 'progressReporter',
    onStep: (_, report) => progress.step(report),
    onEpochEnd: (_, record) => progress.epoch(record),
  }
}

/** The whole network as an ONNX file, with names of classes and the normalisation beside it. */
async function saveModel({ transfer, run, inputShape, opened, pictures }: Plan): Promise<string> {
  const path = join(run, wholeModel)
  const file = await io.onnx.exportOnnx(transfer.model, [zeros([1, ...inputShape])], { name: basename(run) })
  const { classNames } = pictures.dataset
  await saveOnnxClassifier(path, file, { classNames, normalization: opened.normalization })
  return path
}

function describePlan(plan: Plan): Record<string, unknown> {
  const { folder, opened, inputShape, pictures, levels, options, run } = plan
  const { length, classNames } = pictures.dataset
  const description = {
    command: 'transfer',
    settings: { ...options, data: folder },
    model: { name: opened.name, parameters: plan.transfer.model.parameters().reduce((sum, { size }) => sum + size, 0) },
    data: { name: folder, inputShape, classNames, classes: classNames.length, normalization: opened.normalization },
  } as const
  return { ...description, run, samples: length, levels, broken: pictures.broken }
}

function opening(output: Output, { folder, opened, inputShape, pictures, transfer, levels, run }: Plan): string {
  const { length, classNames } = pictures.dataset
  const features = transfer.head.parameters()[0]?.size ?? 0
  const from = levels.length > 0 ? `, ${levels.join(', ')} and the last layer` : ''
  return pairs(output, [
    ['from', opened.name],
    [
      'pictures',
      `${folder}, ${formatCount(length)} in ${classNames.length} classes, as ${showShape(output, inputShape)}`,
    ],
    ['features', `${formatCount(features)}${from}`],
    ['brightness', describeNormalization(opened.normalization)],
    ['run', run],
  ])
}

/** What bytes become, so that people notice when the network wants something else. */
function describeNormalization({ scale = 1, mean, std }: Normalization): string {
  const low = mean === undefined ? 0 : typeof mean === 'number' ? -mean : Number.NaN
  if (std !== undefined || Number.isNaN(low)) return 'standardised by channel'
  const shown = (value: number): number => Number(value.toPrecision(3))
  return `0 to 255 as ${shown(low)} to ${shown(255 * scale + low)} (--normalize says otherwise)`
}

function closing(output: Output, { run, folder, options }: Plan, { test, best }: FitResult, file: string): string {
  const accuracy = test?.accuracy === undefined ? '' : styled(output, 'strong', formatPercent(test.accuracy, 2))
  const lines: [string, string][] = [
    ['test accuracy', `${accuracy} on ${formatCount(test?.count ?? 0)} pictures${best ? `, epoch ${best.epoch}` : ''}`],
    ['report', join(run, options.fineTune === undefined ? '' : furtherFolder, runFiles.report)],
    ['model', file],
  ]
  const next = ownCommand('explain', file, join(folder, 'PICTURE'))
  return ['', pairs(output, lines), '', styled(output, 'faint', 'Try next'), `  ${next}`].join('\n')
}

function given<Value extends object>(values: { [Key in keyof Value]: Value[Key] | undefined }): Value {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Value
}
