/** Small pictures to look at with a kernel. */
import { data } from 'cognitron'
import type { Picture } from '../protocol.ts'
import type { ConvolutionSetup } from '../setup.ts'

const SIDE = 28

function draw(channels: number, colour: (x: number, y: number, channel: number) => number): Picture {
  const values = new Float32Array(channels * SIDE * SIDE)
  for (let channel = 0; channel < channels; channel++) {
    for (let row = 0; row < SIDE; row++) {
      for (let column = 0; column < SIDE; column++) {
        values[(channel * SIDE + row) * SIDE + column] = colour(column, row, channel)
      }
    }
  }
  return { channels, height: SIDE, width: SIDE, values }
}

function digit(seed: number): Picture {
  const { input } = data.syntheticDigits('test', { seed, count: 1 }).get(0)
  const values = Float32Array.from(input)
  const most = values.reduce((high, value) => Math.max(high, value), 0)
  const least = values.reduce((low, value) => Math.min(low, value), 0)
  const scale = Math.max(1e-9, most - least)
  return { channels: 1, height: SIDE, width: SIDE, values: values.map((value) => (value - least) / scale) }
}

/** A disc, a frame and a slope. */
function shapes(): Picture {
  return draw(1, (x, y) => {
    if (Math.hypot(x - 9, y - 10) < 5.5) return 1
    const inFrame = x >= 15 && x <= 25 && y >= 4 && y <= 14
    if (inFrame && !(x >= 18 && x <= 22 && y >= 7 && y <= 11)) return 0.8
    return y > 18 ? x / (SIDE - 1) : 0.12
  })
}

function stripes(): Picture {
  return draw(1, (x, y) => {
    if (y < 9) return x % 4 < 2 ? 0.9 : 0.1
    if (y < 19) return y % 4 < 2 ? 0.9 : 0.1
    return (x + y) % 6 < 3 ? 0.9 : 0.1
  })
}

/** Three discs, one in each channel, that overlap. */
function colours(): Picture {
  const centres = [
    [11, 10],
    [17, 11],
    [13.5, 17],
  ] as const
  return draw(3, (x, y, channel) => {
    const [a, b] = centres[channel] ?? [0, 0]
    return Math.hypot(x - a, y - b) < 7 ? 0.95 : 0.08
  })
}

export function pictureOf(setup: ConvolutionSetup, own: Picture | undefined): Picture {
  if (setup.picture === 'own' && own) return own
  if (setup.picture === 'shapes') return shapes()
  if (setup.picture === 'stripes') return stripes()
  if (setup.picture === 'colours') return colours()
  return digit(setup.seed)
}
