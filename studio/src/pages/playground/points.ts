/** Points that a person drew or loaded, as text for the address: four bytes a point (12 bits x, 12 bits y, 8 bits target) in base64url. */

export interface Points {
  /** x₁ and x₂ of each point in turn. */
  readonly x: Float32Array
  /** A class number, or −1 to 1 for regression. */
  readonly target: Float32Array
}

export const EXTENT = 6
export const MOST_POINTS = 2000
const STEPS = 4095

export function pointCount(points: Points): number {
  return points.target.length
}

/** How many of `count` points are trained on; a single one always is. */
export function trainCount(count: number, percent: number): number {
  return count < 2 ? count : Math.max(1, Math.floor((count * percent) / 100))
}

export function emptyPoints(): Points {
  return { x: new Float32Array(), target: new Float32Array() }
}

/** Points with one more. */
export function withPoint(points: Points, x1: number, x2: number, target: number): Points {
  return { x: Float32Array.of(...points.x, x1, x2), target: Float32Array.of(...points.target, target) }
}

/** Points without those within `radius` of a place. */
export function withoutNear(points: Points, x1: number, x2: number, radius: number): Points {
  const kept = Array.from(points.target.keys()).filter((index) => {
    const [a, b] = [points.x[2 * index] as number, points.x[2 * index + 1] as number]
    return Math.hypot(a - x1, b - x2) > radius
  })
  return {
    x: Float32Array.from(kept.flatMap((index) => [points.x[2 * index] as number, points.x[2 * index + 1] as number])),
    target: Float32Array.from(kept, (index) => points.target[index] as number),
  }
}

function quantise(value: number): number {
  return Math.round(((Math.min(EXTENT, Math.max(-EXTENT, value)) + EXTENT) / (2 * EXTENT)) * STEPS)
}

/** Text for `points`; a target is a class number or, for regression, −1 to 1 in steps of 1/127. */
export function packPoints(points: Points, regression: boolean): string {
  const bytes = new Uint8Array(4 * pointCount(points))
  points.target.forEach((target, index) => {
    const a = quantise(points.x[2 * index] as number)
    const b = quantise(points.x[2 * index + 1] as number)
    const label = regression ? Math.round(target * 127) + 128 : target
    bytes.set([a >> 4, ((a & 15) << 4) | (b >> 8), b & 255, label & 255], 4 * index)
  })
  let binary = ''
  for (const byte of bytes) binary += String.fromCharCode(byte)
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')
}

/** The points of a text; nothing where it is damaged. */
export function unpackPoints(text: string, regression: boolean, classes: number): Points {
  const bytes = decode(text)
  const count = Math.min(MOST_POINTS, bytes.length >> 2)
  const x = new Float32Array(2 * count)
  const target = new Float32Array(count)
  const scale = (value: number): number => (value / STEPS) * 2 * EXTENT - EXTENT
  for (let index = 0; index < count; index++) {
    const [high = 0, middle = 0, low = 0, label = 0] = bytes.subarray(4 * index)
    x[2 * index] = scale((high << 4) | (middle >> 4))
    x[2 * index + 1] = scale(((middle & 15) << 8) | low)
    target[index] = regression ? Math.max(-1, (label - 128) / 127) : Math.min(classes - 1, label)
  }
  return { x, target }
}

function decode(text: string): Uint8Array {
  try {
    return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (letter) => letter.charCodeAt(0))
  } catch {
    return new Uint8Array()
  }
}
