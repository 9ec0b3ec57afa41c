/** Runs as training writes them, for the tests and the pictures of the page Runs: made by the library's own writer, in no time. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describeRun } from '../../../src/cli/training/run-description.ts'
import { data, loss, manualSeed, models, optim, train } from '../../../src/index.ts'
import { runFolder, runReport } from '../../../src/train/node/index.ts'

export interface ExampleRun {
  readonly name: string
  readonly optimizer: 'sgd' | 'adam'
  readonly lr: number
  readonly epochs: number
  readonly hidden?: number
  /** Called after each epoch was written. */
  readonly afterEpoch?: (epoch: number) => void | Promise<void>
  /** Without one, a run looks as if it were still learning. */
  readonly report?: boolean
}

/** Trains a small network on spirals and keeps the run in `parent/name`. */
export async function writeRun(parent: string, run: ExampleRun): Promise<train.FitResult> {
  const { name, optimizer, lr, epochs, hidden = 16, report = true } = run
  manualSeed(3)
  const net = models.mlp([2, hidden, 2])
  const parameters = net.parameters()
  const settings = {
    data: 'spiral',
    model: 'mlp',
    epochs,
    batchSize: 16,
    lr,
    optimizer,
    schedule: 'constant' as const,
    patience: 0,
    validation: 0.25,
    seed: 3,
  }
  const count = parameters.reduce((sum, each) => sum + each.size, 0)
  const samples = { train: 300, validation: 100, test: 0 }
  const description = describeRun(
    settings,
    { name: 'mlp', parameters: count },
    { name: 'spiral', inputShape: [2], classes: 2, samples },
  )
  const watch: train.Callback = { name: 'watch', afterEpoch: (_, { epoch }) => run.afterEpoch?.(epoch) }
  const folder = runFolder(join(parent, name), {
    run: { ...description },
    epochIntervalMs: 0,
    ...(report ? { report: runReport({ title: name }) } : {}),
  })
  return train.fit(net, {
    train: data.toys.spiral({ count: samples.train, seed: 1, target: 'class' }),
    validation: data.toys.spiral({ count: samples.validation, seed: 2, target: 'class' }),
    loss: loss.crossEntropy,
    optimizer:
      optimizer === 'adam' ? new optim.Adam(parameters, { lr }) : new optim.SGD(parameters, { lr, momentum: 0.9 }),
    epochs,
    batchSize: settings.batchSize,
    seed: settings.seed,
    callbacks: [folder, watch],
  })
}

/** A folder that a crash or a full disk left behind. */
export async function writeDamagedRun(parent: string, name: string): Promise<void> {
  await mkdir(join(parent, name), { recursive: true })
  await writeFile(join(parent, name, 'run.json'), '{"model": {"na')
  await writeFile(
    join(parent, name, 'metrics.jsonl'),
    '{"epoch":1,"trainLoss":0.7}\n{"epo\u0000\n{"epoch":3,"trainLoss":0.5}\n',
  )
}

/** Several runs of one problem, for looking at. */
export async function writeGallery(parent: string): Promise<void> {
  await writeRun(parent, { name: 'spiral-sgd', optimizer: 'sgd', lr: 0.03, epochs: 60 })
  await writeRun(parent, { name: 'spiral-small', optimizer: 'adam', lr: 0.01, epochs: 60, hidden: 4 })
  await writeDamagedRun(parent, 'cut-off')
  await writeRun(parent, { name: 'spiral-adam', optimizer: 'adam', lr: 0.01, epochs: 60 })
  await writeRun(parent, { name: 'spiral-wide', optimizer: 'adam', lr: 0.02, epochs: 60, hidden: 64 })
}
