/** Where labels stand that would cover each other at the places they belong to. */

/** Ascending places at least `gap` apart and at most `lowest`; what is in nobody's way stays where it is. */
export function movedApart(places: readonly number[], gap: number, lowest: number): number[] {
  const moved: number[] = []
  for (const place of places) moved.push(Math.max(place, (moved.at(-1) ?? Number.NEGATIVE_INFINITY) + gap))
  let limit = lowest
  for (let index = moved.length - 1; index >= 0; index--) {
    moved[index] = Math.min(moved[index] as number, limit)
    limit = (moved[index] as number) - gap
  }
  return moved
}
