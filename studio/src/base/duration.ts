/** Times as people say them. */

/** `75` → `1 min 15 s`. */
export function formatSeconds(seconds: number): string {
  if (!Number.isFinite(seconds)) return '–'
  if (seconds < 1) return `${Math.round(1000 * seconds)} ms`
  if (seconds < 10) return `${seconds.toFixed(1)} s`
  const whole = Math.round(seconds)
  if (whole < 60) return `${whole} s`
  const minutes = Math.floor(whole / 60)
  if (minutes < 60) return `${minutes} min ${String(whole % 60).padStart(2, '0')} s`
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`
}

const steps: readonly (readonly [ms: number, name: string])[] = [
  [86_400_000, 'day'],
  [3_600_000, 'hour'],
  [60_000, 'minute'],
]

/** How long ago something was. */
export function formatAgo(ms: number): string {
  const step = steps.find(([length]) => ms >= length)
  if (!step) return ms < 5000 ? 'just now' : `${Math.round(ms / 1000)} s ago`
  const count = Math.floor(ms / step[0])
  return `${count} ${step[1]}${count === 1 ? '' : 's'} ago`
}
