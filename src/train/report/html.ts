/** Text for HTML: escaping, and numbers as people read them. */

/** Text that may stand between tags and in quoted attributes. */
export function escapeHtml(text: string | number): string {
  return String(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')
}

/** `91.2 %` for 0.912; a dash for what is undefined. */
export function percent(fraction: number | undefined, digits = 1): string {
  return fraction === undefined || Number.isNaN(fraction) ? '–' : `${(fraction * 100).toFixed(digits)} %`
}

/** Four significant digits, without an exponent where that is readable; a dash for what is undefined. */
export function figure(value: number | undefined): string {
  if (value === undefined || Number.isNaN(value)) return '–'
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '−∞'
  const size = Math.abs(value)
  if (size !== 0 && (size < 1e-4 || size >= 1e7)) return value.toExponential(2)
  if (Number.isInteger(value)) return value.toLocaleString('en-US')
  return value.toFixed(size >= 100 ? 1 : size >= 10 ? 2 : 4)
}

/** `0:07`, `12:34` or `1:02:03`. */
export function duration(seconds: number): string {
  const whole = Math.round(seconds)
  const two = (value: number): string => String(value).padStart(2, '0')
  const hours = Math.floor(whole / 3600)
  const minutes = Math.floor(whole / 60) % 60
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`
}
