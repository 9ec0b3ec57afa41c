/** What an examination of model and data says: one sentence a check, with its figures. */

/** `ok`: as it should be; `warning`: worth a look; `problem`: training will suffer. */
export type FindingStatus = 'ok' | 'warning' | 'problem'

export interface Finding {
  /** The check, such as `initial loss`. */
  readonly check: string
  readonly status: FindingStatus
  /** What was seen, what was expected and what to do. */
  readonly message: string
  readonly figures: Readonly<Record<string, number>>
}

/** Four significant digits. */
export function shown(value: number): string {
  return Number(value.toPrecision(4)).toString()
}

/** `12.3 %` for 0.123. */
export function share(fraction: number): string {
  return `${(fraction * 100).toFixed(1)} %`
}
