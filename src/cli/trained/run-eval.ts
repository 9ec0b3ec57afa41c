/** `eval`: judges a trained network on a test set, as a whole and class by class. */
import { data as dataSets, train } from '../../index.ts'
import type { AnyDataset, Evaluation } from '../../train/types.ts'
import { useThreads } from '../backend.ts'
import { UsageError } from '../failure.ts'
import { formatCount, formatLoss, formatPercent } from '../progress/format.ts'
import { createProgress, type Progress } from '../progress/index.ts'
import { writeJsonLine } from '../progress/json-progress.ts'
import { styled } from '../style.ts'
import { pairs, table } from '../table.ts'
import type { Output, Terminal } from '../terminal.ts'
import { type Assignment, loadAssignment } from '../training/assignment.ts'
import { downloadReporter } from '../training/download-reporter.ts'
import { isJobFile } from '../training/job-path.ts'
import { checkMadeByTrain } from '../training/run-description.ts'
import { findTrained, loadWeights, type TrainedSource } from './open.ts'

export interface EvalOptions {
  readonly data?: string
  readonly dataDir?: string
  readonly model?: string
  readonly batchSize?: number
  readonly threads?: number
  readonly json?: boolean
}

/** The figures of one class; undefined where a class never occurs or is never predicted. */
interface ClassFigures {
  readonly class: string
  readonly precision: number | undefined
  readonly recall: number | undefined
  readonly f1: number | undefined
  readonly samples: number
}

interface Judged {
  readonly assignment: Assignment
  readonly test: AnyDataset
  readonly weights: string
  readonly evaluation: Evaluation
  readonly examination: train.Examination | undefined
}

/** Evaluates as asked. Throws UsageError or another CognitronError for whatever cannot work. */
export async function runEval(text: string, options: EvalOptions, { output }: Terminal): Promise<void> {
  const progress = createProgress(output, { json: options.json })
  useThreads(options.threads)
  const judged = await judge(text, options, progress).finally(() => progress.close())
  const { evaluation, weights, assignment } = judged
  const classes = classFigures(judged.examination)
  if (options.json) {
    writeJsonLine(output, 'result', {
      testAccuracy: evaluation.accuracy,
      testLoss: evaluation.loss,
      ...evaluation.metrics,
      ...numberFigures(judged.examination),
      samples: evaluation.count,
      model: assignment.modelName,
      data: assignment.dataName,
      weights,
      classes: classes.length > 0 ? classes : undefined,
    })
    return
  }
  output.write(`${describe(output, judged, classes)}\n`)
}

async function judge(text: string, options: EvalOptions, progress: Progress): Promise<Judged> {
  const source = await findTrained(text)
  const assignment = await assignmentOf(source, options, progress)
  const { model, test, loss, job, dataName } = assignment
  if (!test) throw new UsageError(`${dataName} has no test set to judge by; name another data set with --data.`)
  await loadWeights(model, source.weights)
  progress.status(`judging ${formatCount(test.length)} samples`)
  const settings = { batchSize: options.batchSize ?? 256 }
  const evaluation = await train.evaluate(model, test, {
    loss,
    ...settings,
    ...(job?.metrics ? { metrics: job.metrics } : {}),
  })
  const examination = train.canExamine(test) ? await train.examine(model, test, settings) : undefined
  return { assignment, test, weights: source.weights, evaluation, examination }
}

async function assignmentOf(
  { run, weights }: TrainedSource,
  options: EvalOptions,
  progress: Progress,
): Promise<Assignment> {
  checkMadeByTrain(run, 'eval')
  const data = options.data ?? run?.settings.data
  const model = options.model ?? run?.settings.model
  if (data === undefined || (model === undefined && !isJobFile(data))) {
    const known = Object.keys(dataSets.dataSets).join(', ')
    throw new UsageError(`${weights} does not say what it was trained for; give --model NAME and --data (${known}).`)
  }
  progress.status(`loading ${data}`)
  return loadAssignment({
    data,
    model: isJobFile(data) ? undefined : model,
    dataDir: options.dataDir ?? (options.data === undefined ? run?.settings.dataDir : undefined),
    seed: run?.settings.seed ?? 0,
    onDownload: downloadReporter(progress),
  })
}

function classFigures(examination: train.Examination | undefined): ClassFigures[] {
  if (examination?.kind !== 'classes') return []
  const { confusion, classNames } = examination
  const known = (value: number): number | undefined => (Number.isNaN(value) ? undefined : value)
  return confusion.report().map(({ precision, recall, f1, support }, index) => ({
    class: classNames[index] ?? String(index),
    precision: known(precision),
    recall: known(recall),
    f1: known(f1),
    samples: support,
  }))
}

function numberFigures(examination: train.Examination | undefined): Record<string, number> {
  if (examination?.kind !== 'numbers') return {}
  const { r2, mae, rmse } = examination.figures
  return { r2, mae, rmse }
}

function describe(
  output: Output,
  { assignment, test, weights, evaluation, examination }: Judged,
  classes: readonly ClassFigures[],
): string {
  const { accuracy, loss, metrics } = evaluation
  const unit = test.inputShape.length === 3 ? 'images' : 'samples'
  const figures: [string, string][] = [
    ['model', assignment.modelName],
    ['weights', weights],
    ['data', `${assignment.dataName}, ${formatCount(test.length)} test ${unit}`],
    ...(accuracy === undefined
      ? []
      : [['accuracy', styled(output, 'strong', formatPercent(accuracy, 2))] as [string, string]]),
    ['loss', formatLoss(loss)],
    ...Object.entries({ ...metrics, ...numberFigures(examination) }).map(([name, value]): [string, string] => [
      name,
      formatLoss(value),
    ]),
  ]
  const lines = [pairs(output, figures)]
  if (classes.length > 0) lines.push('', ...classTable(output, classes).map((line) => `  ${line}`))
  const confused = mostConfused(examination)
  if (confused.length > 0) lines.push('', `  Most often confused: ${confused.join(', ')}`)
  return lines.join('\n')
}

function classTable(output: Output, classes: readonly ClassFigures[]): string[] {
  const percent = (value: number | undefined): string => (value === undefined ? '-' : formatPercent(value))
  return table(
    output,
    [
      { title: 'class' },
      { title: 'precision', align: 'right' },
      { title: 'recall', align: 'right' },
      { title: 'F1', align: 'right' },
      { title: 'samples', align: 'right' },
    ],
    classes.map((figures) => [
      figures.class,
      percent(figures.precision),
      percent(figures.recall),
      percent(figures.f1),
      formatCount(figures.samples),
    ]),
  )
}

/** The three pairs of classes that are taken for each other most often. */
function mostConfused(examination: train.Examination | undefined): string[] {
  if (examination?.kind !== 'classes') return []
  const { confusion, classNames } = examination
  const name = (index: number): string => classNames[index] ?? String(index)
  return confusion
    .rows()
    .flatMap((row, target) => row.map((count, predicted) => ({ target, predicted, count })))
    .filter(({ target, predicted, count }) => target !== predicted && count > 0)
    .toSorted((a, b) => b.count - a.count)
    .slice(0, 3)
    .map(({ target, predicted, count }) => `${name(target)} for ${name(predicted)} (${formatCount(count)})`)
}
