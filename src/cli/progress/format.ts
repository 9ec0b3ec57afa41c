/** Numbers and lines as people read them; every kind of progress and every table of the command line uses these. */
import type { EpochSummary, ResultFields } from './progress.ts'

/** `12,345`, or `3.4` below 10. */
export function formatCount(value: number): string {
  if (!Number.isFinite(value)) return String(value)
  return value < 10 && !Number.isInteger(value) ? value.toFixed(1) : Math.round(value).toLocaleString('en-US')
}

/** Four significant digits without an exponent where that is readable: `0.4123`, `12.35`, `1.2e-7`. */
export function formatLoss(value: number): string {
  if (!Number.isFinite(value)) return String(value)
  const size = Math.abs(value)
  if (size !== 0 && (size < 1e-4 || size >= 1e6)) return value.toExponential(2)
  return value.toFixed(size >= 100 ? 1 : size >= 10 ? 2 : 4)
}

/** `91.2 %` for 0.912. */
export function formatPercent(fraction: number, decimals = 1): string {
  return `${(fraction * 100).toFixed(decimals)} %`
}

/** `0:07`, `12:34` or `1:02:03`. */
export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds)) return '?'
  const whole = Math.max(0, Math.round(seconds))
  const pad = (value: number) => String(value).padStart(2, '0')
  const hours = Math.floor(whole / 3600)
  const minutes = Math.floor(whole / 60) % 60
  return hours > 0 ? `${hours}:${pad(minutes)}:${pad(whole % 60)}` : `${minutes}:${pad(whole % 60)}`
}

/** What an epoch reached, in one line. */
export function epochLine(summary: EpochSummary, unit: string): string {
  const width = String(summary.epochs).length
  const parts = [
    `epoch ${String(summary.epoch).padStart(width)}/${summary.epochs}`,
    scores('train', summary.trainLoss, summary.trainAccuracy),
    scores('validation', summary.validationLoss, summary.validationAccuracy),
    formatDuration(summary.seconds),
    `${formatCount(summary.samplesPerSecond)} ${unit}/s`,
  ]
  return `${parts.filter((part) => part !== '').join('  ')}${summary.best ? '  best so far' : ''}`
}

/** `test accuracy 97.1 %, test loss 0.0912`: names in words, accuracies in per cent. */
export function resultLine(fields: ResultFields): string {
  return Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${words(name)} ${formatField(name, value)}`)
    .join(', ')
}

function scores(part: string, loss: number | undefined, accuracy: number | undefined): string {
  if (loss === undefined) return ''
  const text = `${part} loss ${formatLoss(loss)}`
  return accuracy === undefined ? text : `${text} accuracy ${formatPercent(accuracy)}`
}

function words(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
}

function formatField(name: string, value: number | string | boolean | undefined): string {
  if (typeof value !== 'number') return String(value)
  if (/accuracy$/i.test(name)) return formatPercent(value)
  return Number.isInteger(value) ? formatCount(value) : formatLoss(value)
}
