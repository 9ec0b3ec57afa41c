/** `transfer`: puts a new head on a trained network for a folder of pictures, trains it, and keeps the result in a run folder. */
import { basename, join, resolve } from 'node:path'
import { cacheFolder } from '../../data/node/index.ts'
import { data as dataSets, io, loss, manualSeed, nn, optim, train, zeros } from '../../index.ts'
import { writeFileAtomic } from '../../io/files.ts'
import { featureFolder, runFiles, runFolder, runReport } from '../../train/node/index.ts'
import type { AnyDataset, Callback, FitResult } from '../../train/types.ts'
import { useThreads } from '../backend.ts'
import {
  type ModelNotes,
  openPictureModel,
  type PictureModel,
  type PictureModelOptions,
} from '../explain/picture-model.ts'
import { Interruption } from '../failure.ts'
import { saveOnnx } from '../onnx/files.ts'
import { formatCount, formatPercent } from '../progress/format.ts'
import { createProgress, type Progress } from '../progress/index.ts'
import { writeJsonLine } from '../progress/json-progress.ts'
import { ownCommand } from '../shell.ts'
import { styled } from '../style.ts'
import { pairs, showShape } from '../table.ts'
import type { Output, Terminal } from '../terminal.ts'
import { watchInterruption } from '../training/interruption.ts'
import { newRunFolder } from '../training/locate-run.ts'
import { firstPictureSize, openPictureFolder, type PictureFolder } from './picture-folder.ts'

export interface TransferOptions extends PictureModelOptions {
  readonly from: string
  readonly size?: number
  readonly levels?: string
  readonly epochs?: number
  readonly batchSize?: number
  readonly lr?: number
  readonly validation?: number
  readonly test?: number
  readonly patience?: number
  readonly seed?: number
  readonly fineTune?: number
  readonly unfreeze?: string
  readonly features?: string
  readonly name?: string
  readonly runDir?: string
  readonly overwrite?: boolean
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
  const { seed = 0 } = options
  const opened = await openPictureModel(options.from, options)
  const inputShape = await shapeFor(opened, folder, options)
  const pictures = await openPictureFolder(folder, inputShape, opened.normalization)
  const levels = levelsFor(opened, inputShape, options.levels)
  manualSeed(seed)
  const { classNames } = pictures.dataset
  const transfer = train.transfer(opened.model, {
    head: (features) => new nn.Sequential(new nn.BatchNorm1d(features), new nn.Linear(features, classNames.length)),
    levels,
    inputShape,
    ...(options.unfreeze === undefined ? {} : { unfreezeAt: { 1: options.unfreeze.split(',') } }),
    discriminativeRates: 0.5,
  })
  const run = await newRunFolder(
    { ...given({ name: options.name, runDir: options.runDir }) },
    `${basename(resolve(folder))}-${basename(options.from).replace(/\.\w+$/, '')}`,
  )
  return { folder, run, opened, inputShape, pictures, transfer, levels, options }
}

/** The size that pictures are brought to: that of the network, but not many times their own. */
async function shapeFor(opened: PictureModel, folder: string, { size }: TransferOptions): Promise<Plan['inputShape']> {
  const [channels, height, width] = opened.inputShape
  if (size !== undefined) return [channels, size, size]
  const picture = await firstPictureSize(folder)
  const wanted = 32 * Math.max(2, Math.ceil(Math.max(picture.width, picture.height) / 16))
  return [channels, Math.min(height, wanted), Math.min(width, wanted)]
}

function levelsFor(
  opened: PictureModel,
  inputShape: Plan['inputShape'],
  wanted: string | undefined,
): readonly string[] {
  if (wanted === 'none') return []
  if (wanted !== undefined && wanted !== 'auto') return wanted.split(',')
  const found = train.featureLevels(opened.model, inputShape)
  // The last one's means are what enters the head anyway.
  return found.slice(0, -1)
}

async function learn(plan: Plan, progress: Progress, signal: AbortSignal): Promise<FitResult> {
  const { transfer, pictures, options, run, opened } = plan
  const { epochs = 40, batchSize = 64, lr = 1e-3, patience = 8, seed = 0, fineTune = 0 } = options
  const features = await transfer.cacheFeatures(pictures.dataset, {
    store: featureFolder(options.features ?? join(cacheFolder(), 'features')),
    key: pictures.key,
    batchSize: 16,
    onProgress: (done, total) => {
      signal.throwIfAborted()
      progress.status(`features of ${formatCount(done)} of ${formatCount(total)} pictures`)
    },
  })
  const parts = divide(features, pictures.dataset, options)
  const keeper = runFolder(run, {
    run: { ...describePlan(plan), created: new Date().toISOString() },
    overwrite: options.overwrite === true,
    report: runReport({
      title: `${basename(resolve(plan.folder))} by transfer`,
      lead: `A new head for ${basename(opened.name)}, whose layers stay as they are.`,
      facts: {
        From: opened.name,
        Pictures: plan.folder,
        Input: plan.inputShape.join(' × '),
        Features: features.inputShape.join(' × '),
      },
    }),
  })
  const head = await train.fit(transfer.head, {
    ...parts.features,
    loss: loss.crossEntropy,
    optimizer: new optim.AdamW(transfer.head.parameters(), { lr, weightDecay: 0.05 }),
    epochs,
    batchSize,
    seed,
    signal,
    monitor: { figure: 'validationAccuracy', mode: 'max' },
    callbacks: [train.earlyStopping({ patience }), keeper, reporter(progress)],
  })
  if (fineTune < 1 || head.reason === 'interrupted') return head
  progress.message(`training ${options.unfreeze ?? 'the head'} further for ${fineTune} epochs`)
  return train.fit(transfer.model, {
    ...parts.pictures,
    loss: loss.crossEntropy,
    optimizer: new optim.AdamW(transfer.parameterGroups(lr / 10), { lr: lr / 10, weightDecay: 0.05 }),
    epochs: fineTune,
    batchSize: 16,
    evaluationBatchSize: 16,
    seed,
    signal,
    callbacks: [transfer.callback, reporter(progress)],
  })
}

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
  const path = join(run, 'model.onnx')
  await saveOnnx(path, await io.onnx.exportOnnx(transfer.model, [zeros([1, ...inputShape])], { name: basename(run) }))
  const notes: ModelNotes = { classNames: pictures.dataset.classNames, normalization: opened.normalization }
  await writeFileAtomic(join(run, 'model.json'), `${JSON.stringify(notes, null, 2)}\n`)
  return path
}

function describePlan({ folder, opened, inputShape, pictures, levels, options, run }: Plan): Record<string, unknown> {
  const { length, classNames } = pictures.dataset
  return {
    command: 'transfer',
    run,
    settings: { ...options, data: folder },
    model: { name: opened.name },
    data: { name: folder, inputShape, classNames, normalization: opened.normalization, samples: length },
    levels,
  }
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
    ['run', run],
  ])
}

function closing(output: Output, { run, folder }: Plan, { test, best }: FitResult, file: string): string {
  const accuracy = test?.accuracy === undefined ? '' : styled(output, 'strong', formatPercent(test.accuracy, 2))
  const lines: [string, string][] = [
    ['test accuracy', `${accuracy} on ${formatCount(test?.count ?? 0)} pictures${best ? `, epoch ${best.epoch}` : ''}`],
    ['report', join(run, runFiles.report)],
    ['model', file],
  ]
  const next = ownCommand('explain', file, join(folder, 'PICTURE'))
  return ['', pairs(output, lines), '', styled(output, 'faint', 'Try next'), `  ${next}`].join('\n')
}

function given<Value extends object>(values: { [Key in keyof Value]: Value[Key] | undefined }): Value {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Value
}
