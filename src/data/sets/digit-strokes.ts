/**
 * The pen strokes of the synthetic digits: two or more ways of writing each digit, in a box of width and height 1 with y downwards.
 * Strokes are lines, smooth curves through points (Catmull–Rom) or arcs of ellipses, flattened once into short segments.
 * Feeds `synthetic-digits.ts`; drawn for this library.
 */

/** A way of writing a digit: polylines as x, y, x, y, …, centred on (0, 0). */
export type Glyph = readonly Float64Array[]

type Stroke = number[]

const STEPS_PER_CURVE = 5

function line(...points: number[]): Stroke {
  return points
}

/** A smooth curve through the points (Catmull–Rom with doubled end points). */
function curve(...points: number[]): Stroke {
  const count = points.length / 2
  const coordinate = (index: number, axis: number): number => {
    const clamped = Math.max(0, Math.min(count - 1, index))
    return points[2 * clamped + axis] as number
  }
  const result: Stroke = [coordinate(0, 0), coordinate(0, 1)]
  for (let piece = 0; piece + 1 < count; piece++) {
    for (let step = 1; step <= STEPS_PER_CURVE; step++) {
      const t = step / STEPS_PER_CURVE
      for (const axis of [0, 1]) {
        const p0 = coordinate(piece - 1, axis)
        const p1 = coordinate(piece, axis)
        const p2 = coordinate(piece + 1, axis)
        const p3 = coordinate(piece + 2, axis)
        const a = 2 * p1
        const b = p2 - p0
        const c = 2 * p0 - 5 * p1 + 4 * p2 - p3
        const d = 3 * p1 - p0 - 3 * p2 + p3
        result.push((a + t * (b + t * (c + t * d))) / 2)
      }
    }
  }
  return result
}

/** Part of an ellipse; angles in degrees, 0 to the right, 90 downwards. */
function arc(cx: number, cy: number, rx: number, ry: number, from: number, to: number): Stroke {
  const steps = Math.max(4, Math.ceil(Math.abs(to - from) / 24))
  const result: Stroke = []
  for (let step = 0; step <= steps; step++) {
    const angle = ((from + ((to - from) * step) / steps) * Math.PI) / 180
    result.push(cx + rx * Math.cos(angle), cy + ry * Math.sin(angle))
  }
  return result
}

const drawings = (): readonly (readonly (readonly Stroke[])[])[] => [
  // 0: round, narrow, and open at the top with overlapping ends
  [
    [arc(0.5, 0.5, 0.34, 0.46, 0, 360)],
    [arc(0.5, 0.5, 0.24, 0.47, 0, 360)],
    [curve(0.56, 0.05, 0.3, 0.14, 0.18, 0.5, 0.32, 0.88, 0.6, 0.92, 0.8, 0.6, 0.74, 0.2, 0.5, 0.07, 0.38, 0.14)],
  ],
  // 1: a bar, with a flag, with a flag and a foot
  [
    [line(0.5, 0.04, 0.5, 0.96)],
    [line(0.3, 0.26, 0.54, 0.04, 0.54, 0.96)],
    [line(0.3, 0.24, 0.52, 0.05, 0.52, 0.95), line(0.28, 0.95, 0.76, 0.95)],
  ],
  // 2: with a straight foot, with a loop, with a wavy foot
  [
    [curve(0.2, 0.27, 0.32, 0.08, 0.56, 0.05, 0.76, 0.24, 0.64, 0.5, 0.2, 0.94), line(0.2, 0.94, 0.82, 0.94)],
    [curve(0.2, 0.24, 0.48, 0.05, 0.74, 0.22, 0.62, 0.58, 0.3, 0.92, 0.18, 0.8, 0.34, 0.74, 0.58, 0.9, 0.84, 0.88)],
    [
      curve(0.24, 0.16, 0.52, 0.05, 0.74, 0.26, 0.54, 0.58, 0.18, 0.9),
      curve(0.18, 0.9, 0.42, 0.84, 0.62, 0.95, 0.86, 0.86),
    ],
  ],
  // 3: two bows, and one with a flat top
  [
    [curve(0.22, 0.16, 0.48, 0.04, 0.72, 0.2, 0.66, 0.4, 0.42, 0.48, 0.72, 0.58, 0.78, 0.8, 0.48, 0.96, 0.2, 0.84)],
    [line(0.22, 0.06, 0.76, 0.06, 0.46, 0.42), curve(0.46, 0.42, 0.74, 0.52, 0.76, 0.8, 0.48, 0.96, 0.2, 0.86)],
    [arc(0.46, 0.27, 0.27, 0.22, -150, 80), arc(0.46, 0.72, 0.3, 0.24, -85, 150)],
  ],
  // 4: open, closed, and closed with a slanted stem
  [
    [line(0.28, 0.06, 0.2, 0.56, 0.84, 0.56), line(0.66, 0.2, 0.66, 0.96)],
    [line(0.64, 0.96, 0.64, 0.05, 0.16, 0.66, 0.86, 0.66)],
    [curve(0.24, 0.08, 0.22, 0.42, 0.4, 0.54, 0.74, 0.46), line(0.78, 0.06, 0.7, 0.5, 0.62, 0.96)],
  ],
  // 5: with corners, and round without a corner
  [
    [
      line(0.76, 0.06, 0.28, 0.06, 0.24, 0.44),
      curve(0.24, 0.44, 0.54, 0.36, 0.8, 0.58, 0.7, 0.88, 0.42, 0.96, 0.18, 0.84),
    ],
    [curve(0.8, 0.08, 0.42, 0.08, 0.28, 0.24, 0.42, 0.42, 0.68, 0.54, 0.74, 0.78, 0.5, 0.95, 0.2, 0.86)],
  ],
  // 6: a hook into a loop, and a straight stem beside a loop
  [
    [curve(0.7, 0.06, 0.4, 0.22, 0.24, 0.6, 0.34, 0.9, 0.6, 0.94, 0.76, 0.74, 0.62, 0.52, 0.4, 0.56, 0.27, 0.72)],
    [line(0.52, 0.04, 0.26, 0.62), arc(0.5, 0.72, 0.25, 0.23, 180, 540)],
  ],
  // 7: plain, with a bar, with a serif and a bent stem
  [
    [line(0.18, 0.07, 0.8, 0.07, 0.42, 0.96)],
    [line(0.18, 0.07, 0.8, 0.07, 0.44, 0.96), line(0.34, 0.52, 0.76, 0.52)],
    [line(0.2, 0.2, 0.2, 0.07, 0.8, 0.07), curve(0.8, 0.07, 0.56, 0.42, 0.48, 0.96)],
  ],
  // 8: two circles, and one crossing line
  [
    [arc(0.5, 0.27, 0.22, 0.22, 90, 450), arc(0.5, 0.73, 0.28, 0.24, -90, 270)],
    [
      curve(
        0.7,
        0.18,
        0.5,
        0.05,
        0.3,
        0.18,
        0.36,
        0.38,
        0.64,
        0.58,
        0.72,
        0.8,
        0.5,
        0.95,
        0.28,
        0.8,
        0.36,
        0.58,
        0.64,
        0.38,
        0.7,
        0.18,
      ),
    ],
  ],
  // 9: a loop with a straight stem, with a curved tail, and with a slanted stem
  [
    [arc(0.48, 0.3, 0.25, 0.24, 0, 360), line(0.73, 0.1, 0.73, 0.96)],
    [arc(0.5, 0.29, 0.24, 0.24, 0, 360), curve(0.74, 0.29, 0.74, 0.6, 0.6, 0.9, 0.3, 0.94)],
    [arc(0.48, 0.28, 0.24, 0.22, 0, 360), line(0.72, 0.28, 0.5, 0.96)],
  ],
]

let glyphs: readonly (readonly Glyph[])[] | undefined

/** `digitGlyphs()[digit][variant]`, drawn when first asked for: most programs never do. */
export function digitGlyphs(): readonly (readonly Glyph[])[] {
  glyphs ??= drawings().map((variants) =>
    variants.map((strokes) => strokes.map((stroke) => Float64Array.from(stroke, (value) => value - 0.5))),
  )
  return glyphs
}
