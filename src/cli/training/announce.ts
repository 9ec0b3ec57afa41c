/** What `train` says before, after and in between, for people; programs get the same as JSON lines. */
import { join } from 'node:path'
import { runFiles } from '../../train/node/index.ts'
import type { FitResult } from '../../train/types.ts'
import { formatCount, formatLoss, formatPercent } from '../progress/format.ts'
import type { ResultFields } from '../progress/index.ts'
import { ownCommand } from '../shell.ts'
import { styled } from '../style.ts'
import { pairs, showShape } from '../table.ts'
import type { Output } from '../terminal.ts'
import type { RunDescription } from './run-description.ts'
import type { TrainSettings } from './settings.ts'

export interface Announcement {
  readonly folder: string
  readonly description: RunDescription
  /** `Adam, learning rate 0.001`. */
  readonly optimizer: string
  readonly unit: string
}

/** What is about to be trained. */
export function opening(output: Output, { folder, description, optimizer, unit }: Announcement): string {
  const { model, data, settings } = description
  const { samples, classNames } = data
  const classes = classNames ? `, ${classNames.length} classes` : ''
  const parts = [`${formatCount(samples.train)} to train`]
  if (samples.validation > 0) parts.push(`${formatCount(samples.validation)} to validate`)
  if (samples.test > 0) parts.push(`${formatCount(samples.test)} to test`)
  return pairs(output, [
    ['model', `${model.name}, ${formatCount(model.parameters)} parameters`],
    ['data', `${data.name}, ${showShape(output, data.inputShape)}${classes}`],
    [unit, parts.join(', ')],
    ['learning', `${optimizer}, batch size ${settings.batchSize}`],
    ['', plan(settings, samples.validation > 0)],
    ['run', folder],
  ])
}

function plan({ epochs, patience, seed }: TrainSettings, validated: boolean): string {
  const stopping = validated && patience > 0 && epochs > patience ? `, stops after ${patience} without improvement` : ''
  return `${epochs === 1 ? '1 epoch' : `up to ${epochs} epochs`}${stopping}, seed ${seed}`
}

/** The figures of a finished run by name. */
export function resultFields(folder: string, result: FitResult): ResultFields {
  const { history, best, test } = result
  const kept = history.find((record) => record.epoch === best?.epoch)
  return {
    testAccuracy: test?.accuracy,
    testLoss: test?.loss,
    ...test?.metrics,
    validationAccuracy: kept?.validationAccuracy,
    validationLoss: kept?.validationLoss,
    trainAccuracy: kept?.trainAccuracy,
    trainLoss: kept?.trainLoss,
    bestEpoch: best?.epoch,
    epochs: history.length,
    seconds: history.reduce((sum, record) => sum + record.seconds, 0),
    run: folder,
    report: join(folder, runFiles.report),
    weights: join(folder, runFiles.best),
  }
}

/** What was reached, where it lies and what to try next. */
export function closing(output: Output, announcement: Announcement, result: FitResult): string {
  const { folder } = announcement
  const lines: [string, string][] = [
    ...figures(output, result, announcement.unit),
    ['report', join(folder, runFiles.report)],
    ['weights', join(folder, runFiles.best)],
  ]
  const next = suggestions(announcement).map((line) => `  ${line}`)
  return ['', pairs(output, lines), '', styled(output, 'faint', 'Try next'), ...next].join('\n')
}

function figures(output: Output, { test, history, best }: FitResult, unit: string): [string, string][] {
  const kept = history.find((record) => record.epoch === best?.epoch)
  const judged = test
    ? { name: 'test', accuracy: test.accuracy, loss: test.loss, of: ` on ${formatCount(test.count)} ${unit}` }
    : { name: 'validation', accuracy: kept?.validationAccuracy, loss: kept?.validationLoss, of: '' }
  if (judged.loss === undefined) return []
  if (judged.accuracy === undefined) return [[`${judged.name} loss`, styled(output, 'strong', formatLoss(judged.loss))]]
  const accuracy = styled(output, 'strong', formatPercent(judged.accuracy, 2))
  const epoch = best && history.length > 1 ? `, epoch ${best.epoch}` : ''
  return [[`${judged.name} accuracy`, `${accuracy}${judged.of}, loss ${formatLoss(judged.loss)}${epoch}`]]
}

function suggestions({ folder, description, unit }: Announcement): string[] {
  const { data, settings } = description
  const lines = [ownCommand('eval', folder)]
  if (unit === 'images') lines.push(`${ownCommand('predict', folder)} PICTURE.png`)
  lines.push(ownCommand('summary', folder))
  if (data.name === 'synthetic-digits' && settings.model !== undefined) lines.push(ownCommand('train', 'fashion-mnist'))
  return lines
}

/** What to say when a run was stopped by the user. */
export function interrupted(output: Output, folder: string, message: string): string {
  const command = styled(output, 'strong', resumeCommand(folder))
  return `${message}; everything is saved in ${folder}\ngo on with: ${command}`
}

export function resumeCommand(folder: string): string {
  return ownCommand('train', '--resume', folder)
}
