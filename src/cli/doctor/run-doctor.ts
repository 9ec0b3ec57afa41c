/** `doctor`: examines a network with its data, one line a finding, and tries learning rates; nothing is trained for good. */
import { train } from '../../index.ts'
import type { Optimizer } from '../../optim/optimizer.ts'
import type { Finding, FindingStatus } from '../../train/doctor/index.ts'
import { useThreads } from '../backend.ts'
import { ChecksFailed } from '../failure.ts'
import { formatCount } from '../progress/format.ts'
import { createProgress, type Progress } from '../progress/index.ts'
import { writeJsonLine } from '../progress/json-progress.ts'
import { styled, type TextStyle } from '../style.ts'
import type { Output, Terminal } from '../terminal.ts'
import { type Assignment, loadAssignment, parameterCount } from '../training/assignment.ts'
import { downloadReporter } from '../training/download-reporter.ts'
import { makeOptimizer } from '../training/optimizers.ts'
import { defaults, type TrainOptions } from '../training/settings.ts'

export type DoctorOptions = Pick<
  TrainOptions,
  'model' | 'dataDir' | 'batchSize' | 'optimizer' | 'lr' | 'weightDecay' | 'seed' | 'threads' | 'json'
>

/** Examines as asked. Throws ChecksFailed when there is a problem, CognitronError for whatever cannot be examined. */
export async function runDoctor(data: string, options: DoctorOptions, { output }: Terminal): Promise<void> {
  const progress = createProgress(output, { json: options.json })
  try {
    const findings = await examine(data, options, output, progress)
    const problems = findings.filter(({ status }) => status === 'problem').length
    const warnings = findings.filter(({ status }) => status === 'warning').length
    if (options.json) writeJsonLine(output, 'result', { problems, warnings, checks: findings.length })
    else progress.message(`\n${summary(findings.length, problems, warnings)}`)
    if (problems > 0) throw new ChecksFailed('problems were found')
  } finally {
    progress.close()
  }
}

async function examine(data: string, options: DoctorOptions, output: Output, progress: Progress): Promise<Finding[]> {
  const { model, dataDir, seed = defaults.seed, batchSize = defaults.batchSize } = options
  useThreads(options.threads)
  progress.status(`loading ${data}`)
  const assignment = await loadAssignment({ data, model, dataDir, seed, onDownload: downloadReporter(progress) })
  const say = (finding: Finding): void => {
    if (options.json) writeJsonLine(output, 'finding', finding)
    else progress.message(findingLine(output, finding))
    progress.status('looking on')
  }
  if (!options.json) progress.message(`${heading(assignment)}\n`)
  progress.status('looking')
  const optimizer = optimizerOf(assignment, options)
  const { train: training, test, loss } = assignment
  const findings = await train.doctor.examineTraining(assignment.model, {
    train: training,
    loss,
    batchSize,
    seed,
    optimizer,
    ...(test ? { test } : {}),
    onFinding: say,
  })
  progress.status('trying learning rates')
  const rates = await tryRates(assignment, optimizer, { batchSize, seed })
  say(rates)
  return [...findings, rates]
}

function optimizerOf({ model, job }: Assignment, { optimizer, lr, weightDecay }: DoctorOptions): Optimizer {
  const wishes = { ...(lr === undefined ? {} : { lr }), ...(weightDecay === undefined ? {} : { weightDecay }) }
  if (optimizer === undefined && job?.optimizer) return job.optimizer(model.parameters(), wishes)
  return makeOptimizer(optimizer ?? 'adam', model.parameters(), wishes)
}

/** How the optimizer's rate compares with the one at which the loss falls fastest. */
async function tryRates(
  { model, train: training, loss }: Assignment,
  optimizer: Optimizer,
  settings: { batchSize: number; seed: number },
): Promise<Finding> {
  const check = 'learning rate'
  const { lr } = optimizer
  const { suggestion } = await train.lrFind(model, { train: training, loss, optimizer, ...settings })
  if (suggestion === undefined) {
    const message = 'The loss falls at no learning rate from 1e-7 to 10; see the findings above.'
    return { check, status: 'problem', message, figures: { lr } }
  }
  const seen = `The loss falls fastest at ${suggestion.toPrecision(2)}; the learning rate is ${lr}`
  const figures = { lr, suggestion }
  if (lr > 10 * suggestion) return { check, status: 'warning', message: `${seen}, which may be too high.`, figures }
  if (lr < suggestion / 100) return { check, status: 'warning', message: `${seen}, which will be slow.`, figures }
  return { check, status: 'ok', message: `${seen}.`, figures }
}

function heading({ modelName, model, dataName, train: training, test }: Assignment): string {
  const tested = test ? `, ${formatCount(test.length)} to test` : ''
  const size = `${formatCount(parameterCount(model))} parameters`
  return `${modelName} (${size}) on ${dataName} (${formatCount(training.length)} to train${tested})`
}

const marks: Readonly<Record<FindingStatus, { word: string; style: TextStyle }>> = {
  ok: { word: 'ok     ', style: 'good' },
  warning: { word: 'look   ', style: 'strong' },
  problem: { word: 'PROBLEM', style: 'strong' },
}

function findingLine(output: Output, { check, status, message }: Finding): string {
  const { word, style } = marks[status]
  return `${styled(output, style, word)}  ${check}: ${message}`
}

function summary(checks: number, problems: number, warnings: number): string {
  if (problems + warnings === 0) return `All ${checks} checks are as they should be.`
  const counted = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`
  return `${counted(problems, 'problem')} and ${counted(warnings, 'warning')} in ${checks} checks.`
}
