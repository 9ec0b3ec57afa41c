/**
 * Stand-in for satellite pictures: 32 × 32 colour patches of six kinds of land, drawn from a seed. Classes differ in texture and
 * shape rather than in mean colour, so that a network has something to find.
 */
import { data } from 'cognitron'

const side = 32
const kinds = ['Forest', 'Field', 'Highway', 'Residential', 'River', 'Sea'] as const

/** Brightness changes of a class at a pixel, −1 to 1. */
type Texture = (x: number, y: number) => number

/** `count` patches, the classes in turn. */
export function landscapes(count: number, seed: number): data.ArrayDataset {
  const uniform = uniformNumbers(seed)
  const inputs = new Float32Array(count * 3 * side * side)
  for (let index = 0; index < count; index++) {
    const texture = textureOf(index % kinds.length, uniform)
    const tone = [0.35 + 0.15 * uniform(), 0.4 + 0.15 * uniform(), 0.3 + 0.15 * uniform()]
    for (let pixel = 0; pixel < side * side; pixel++) {
      const value = texture(pixel % side, Math.floor(pixel / side))
      for (const [channel, base] of tone.entries()) {
        const noise = 0.12 * (uniform() - 0.5)
        inputs[(index * 3 + channel) * side * side + pixel] = base + 0.14 * value + noise
      }
    }
  }
  const targets = Int32Array.from({ length: count }, (_, index) => index % kinds.length)
  return new data.ArrayDataset({
    inputs,
    targets,
    inputShape: [3, side, side],
    classNames: [...kinds],
    name: 'landscapes',
  })
}

function textureOf(kind: number, uniform: () => number): Texture {
  const angle = Math.PI * uniform()
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)]
  const offset = side * (0.3 + 0.4 * uniform())
  const across = (x: number, y: number): number => cos * (x - side / 2) + sin * (y - side / 2) + side / 2 - offset
  const along = (x: number, y: number): number => -sin * x + cos * y
  const period = 3 + 3 * uniform()
  switch (kinds[kind]) {
    case 'Forest':
      return () => 2.4 * (uniform() - 0.5)
    case 'Field':
      return (x, y) => Math.sin((2 * Math.PI * across(x, y)) / period)
    case 'Highway':
      return (x, y) => (Math.abs(across(x, y)) < 1.6 ? 1.6 : 0)
    case 'Residential':
      return (x, y) => (Math.floor(across(x, y) / period) + Math.floor(along(x, y) / period)) % 2
    case 'River':
      return (x, y) => (Math.abs(across(x, y) + 5 * Math.sin(along(x, y) / 5)) < 2.5 ? -1.4 : 0)
    default:
      return (x, y) => 0.3 * Math.sin(along(x, y) / (2 * period))
  }
}

/** Random numbers in [0, 1) from a seed: mulberry32. */
export function uniformNumbers(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
