/** Numbers as people read them; all figures are tabular, so columns stay still while they change. */

/** A loss or weight: three significant digits, without a jump to exponents where it can be helped. */
export function formatValue(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '−∞'
  const size = Math.abs(value)
  const text =
    size !== 0 && (size < 1e-3 || size >= 1e5)
      ? value.toExponential(1)
      : value.toFixed(size < 10 ? 3 : size < 100 ? 2 : 1)
  return text.replaceAll('-', '−')
}

/** `0.934` → `93.4 %`. */
export function formatShare(value: number): string {
  return Number.isFinite(value) ? `${(100 * value).toFixed(1)} %` : '–'
}

/** `1234` → `001,234`, the Playground's epoch counter; longer numbers just grow. */
export function formatCounter(value: number): string {
  return String(value)
    .padStart(6, '0')
    .replace(/\B(?=(\d{3})+$)/g, ',')
}

/** `1234.5` → `1,235`, small numbers with one decimal. */
export function formatCount(value: number): string {
  if (!Number.isFinite(value)) return '–'
  return value < 10 && !Number.isInteger(value) ? value.toFixed(1) : Math.round(value).toLocaleString('en')
}
