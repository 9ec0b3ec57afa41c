/** Fewer places of a long line that look the same. */

/** The places of all values, or of the lows and highs of many short stretches: what a chart of so many would show. */
export function outlineOf(values: readonly number[], most: number): number[] {
  const count = values.length
  if (count <= most) return Array.from(values.keys())
  const parts = Math.floor(most / 2)
  return Array.from({ length: parts }, (_, part) => {
    const from = Math.floor((part * count) / parts)
    const end = Math.floor(((part + 1) * count) / parts)
    let low = from
    let high = from
    for (let index = from; index < end; index++) {
      const value = values[index] as number
      // A value that is no number must show as a gap.
      if (Number.isNaN(value)) return [index]
      if (value < (values[low] as number)) low = index
      if (value > (values[high] as number)) high = index
    }
    return low === high ? [low] : low < high ? [low, high] : [high, low]
  }).flat()
}
