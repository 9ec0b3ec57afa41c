/**
 * Augmentations that move pixels: flips, shifts, rotation, random crops, cut-out. They keep the size and move masks alike.
 * Sources: torchvision.transforms (RandomCrop, RandomResizedCrop); DeVries and Taylor, "Improved regularization of convolutional
 * neural networks with cutout", arXiv:1708.04552.
 */
import { ArgumentError } from '../../base/errors.ts'
import { type Augmentation, between, type Picture, warp } from './picture.ts'

/**
 * Mirrors left and right with the given probability (default ½).
 *
 * @example
 * ```ts
 * import { data } from 'cognitron'
 * const transform = data.augment(data.flipHorizontal(), data.shift({ horizontal: 0.1, vertical: 0.1 }))
 * const loader = new data.DataLoader(data.syntheticDigits('train', { count: 10 }), { batchSize: 5, transform })
 * for (const batch of loader.batches(0)) console.log(batch.size) // 5 5
 * ```
 */
export function flipHorizontal(options: { probability?: number } = {}): Augmentation {
  return flip(options, (picture, column, row) => row * picture.width + picture.width - 1 - column)
}

/**
 * Mirrors top and bottom with the given probability (default ½).
 *
 * @example
 * import { data, generator } from 'cognitron'
 * const picture = { data: new Float32Array([1, 2]), channels: 1, kind: 'picture' as const, height: 2, width: 1 }
 * console.log([...data.flipVertical({ probability: 1 })(picture, generator.host).data]) // [2, 1]
 */
export function flipVertical(options: { probability?: number } = {}): Augmentation {
  return flip(options, (picture, column, row) => (picture.height - 1 - row) * picture.width + column)
}

function flip(
  { probability = 0.5 }: { probability?: number },
  source: (picture: Picture, column: number, row: number) => number,
): Augmentation {
  return (picture, random) => {
    if (random.uniform() >= probability) return picture
    const { height, width } = picture
    const data = new Float32Array(picture.data.length)
    for (let channel = 0; channel < picture.channels; channel++) {
      const plane = channel * height * width
      for (let row = 0; row < height; row++) {
        for (let column = 0; column < width; column++) {
          data[plane + row * width + column] = picture.data[plane + source(picture, column, row)] as number
        }
      }
    }
    return { ...picture, data }
  }
}

export interface ShiftOptions {
  /** The most it moves, as a share of the width; default 0.1. */
  readonly horizontal?: number
  /** The most it moves, as a share of the height; default 0.1. */
  readonly vertical?: number
  /** What comes in at the border; default 0. */
  readonly fill?: number
}

/**
 * Moves the picture by whole pixels, left or right and up or down.
 *
 * @example
 * import { data, generator } from 'cognitron'
 * const picture = { data: new Float32Array(16).fill(1), channels: 1, kind: 'picture' as const, height: 4, width: 4 }
 * console.log(data.shift({ horizontal: 0.25, vertical: 0 })(picture, generator.host).data.length) // 16
 */
export function shift({ horizontal = 0.1, vertical = 0.1, fill = 0 }: ShiftOptions = {}): Augmentation {
  return (picture, random) => {
    const dx = Math.round(between(random, -horizontal, horizontal) * picture.width)
    const dy = Math.round(between(random, -vertical, vertical) * picture.height)
    return moved(picture, dx, dy, fill)
  }
}

/**
 * Adds `padding` pixels on all sides and cuts the old size out again at a random place: He et al.'s recipe for CIFAR-10.
 *
 * @throws ArgumentError for a padding that is not a whole number of at least 0.
 * @example
 * import { data, generator } from 'cognitron'
 * const picture = { data: new Float32Array(16).fill(1), channels: 1, kind: 'picture' as const, height: 4, width: 4 }
 * console.log(data.randomCrop({ padding: 1 })(picture, generator.host).width) // 4
 */
export function randomCrop({ padding = 4, fill = 0 }: { padding?: number; fill?: number } = {}): Augmentation {
  if (!Number.isInteger(padding) || padding < 0) {
    throw new ArgumentError(`randomCrop takes a whole padding of at least 0; given ${padding}.`)
  }
  return (picture, random) => {
    const dx = random.integer(2 * padding + 1) - padding
    const dy = random.integer(2 * padding + 1) - padding
    return moved(picture, dx, dy, fill)
  }
}

function moved(picture: Picture, dx: number, dy: number, fill: number): Picture {
  if (dx === 0 && dy === 0) return picture
  const move = (x: number, y: number, place: { x: number; y: number }): void => {
    place.x = x - dx
    place.y = y - dy
  }
  return warp(picture, move, fill)
}

/**
 * Turns the picture around its middle by up to `degrees` either way (default 15).
 *
 * @example
 * import { data, generator } from 'cognitron'
 * const picture = { data: new Float32Array(16).fill(1), channels: 1, kind: 'picture' as const, height: 4, width: 4 }
 * console.log(data.rotate({ degrees: 45 })(picture, generator.host).data[0]) // the corner, often 0
 */
export function rotate({ degrees = 15, fill = 0 }: { degrees?: number; fill?: number } = {}): Augmentation {
  return (picture, random) => {
    const angle = (between(random, -degrees, degrees) * Math.PI) / 180
    const cos = Math.cos(angle)
    const sin = Math.sin(angle)
    const middleX = picture.width / 2
    const middleY = picture.height / 2
    const turn = (x: number, y: number, place: { x: number; y: number }): void => {
      place.x = middleX + cos * (x - middleX) + sin * (y - middleY)
      place.y = middleY - sin * (x - middleX) + cos * (y - middleY)
    }
    return warp(picture, turn, fill)
  }
}

export interface RandomResizedCropOptions {
  /** Share of the area that is kept; default 0.08 to 1. */
  readonly scale?: readonly [number, number]
  /** Width / height of the part; default 3/4 to 4/3. */
  readonly ratio?: readonly [number, number]
}

/**
 * Cuts out a random part and enlarges it to the old size.
 *
 * @throws ArgumentError for a scale or ratio that is not above 0 or does not ascend.
 * @example
 * import { data, generator } from 'cognitron'
 * const picture = { data: new Float32Array(16).fill(1), channels: 1, kind: 'picture' as const, height: 4, width: 4 }
 * const { width, height } = data.randomResizedCrop()(picture, generator.host)
 * console.log(width, height) // 4 4
 */
export function randomResizedCrop(options: RandomResizedCropOptions = {}): Augmentation {
  const { scale = [0.08, 1], ratio = [3 / 4, 4 / 3] } = options
  if (!(scale[0] > 0 && scale[0] <= scale[1] && scale[1] <= 1)) {
    throw new ArgumentError(
      `randomResizedCrop takes a scale from above 0 to 1, ascending; given ${scale.join(' to ')}.`,
    )
  }
  return (picture, random) => {
    const { height, width } = picture
    // As torchvision: ten tries, else the whole picture.
    let part = { width, height }
    for (let attempt = 0; attempt < 10; attempt++) {
      const area = width * height * between(random, scale[0], scale[1])
      const shape = Math.exp(between(random, Math.log(ratio[0]), Math.log(ratio[1])))
      const tried = { width: Math.round(Math.sqrt(area * shape)), height: Math.round(Math.sqrt(area / shape)) }
      if (tried.width < 1 || tried.height < 1 || tried.width > width || tried.height > height) continue
      part = tried
      break
    }
    const left = random.integer(width - part.width + 1)
    const top = random.integer(height - part.height + 1)
    const scaleX = part.width / width
    const scaleY = part.height / height
    const inside = (value: number, low: number, size: number): number =>
      Math.max(low + 0.5, Math.min(low + size - 0.5, value))
    return warp(picture, (x, y, place) => {
      place.x = inside(left + x * scaleX, left, part.width)
      place.y = inside(top + y * scaleY, top, part.height)
    })
  }
}

export interface CutOutOptions {
  /** Side of the square in pixels; default a quarter of the shorter side. */
  readonly size?: number
  readonly holes?: number
  /** Default 0. */
  readonly fill?: number
}

/**
 * Blanks a square around a random pixel; what stands over the border is cut off. Masks stay as they are.
 *
 * @example
 * import { data, generator } from 'cognitron'
 * const picture = { data: new Float32Array(16).fill(1), channels: 1, kind: 'picture' as const, height: 4, width: 4 }
 * console.log(data.cutOut({ size: 2 })(picture, generator.host).data.includes(0)) // true
 */
export function cutOut({ size, holes = 1, fill = 0 }: CutOutOptions = {}): Augmentation {
  return (picture, random) => {
    const { height, width } = picture
    const side = size ?? Math.max(1, Math.round(Math.min(height, width) / 4))
    const data = picture.data.slice()
    for (let hole = 0; hole < holes; hole++) {
      const left = random.integer(width) - Math.floor(side / 2)
      const top = random.integer(height) - Math.floor(side / 2)
      if (picture.kind === 'mask') continue
      for (let channel = 0; channel < picture.channels; channel++) {
        for (let row = Math.max(0, top); row < Math.min(height, top + side); row++) {
          const start = (channel * height + row) * width
          data.fill(fill, start + Math.max(0, left), start + Math.min(width, left + side))
        }
      }
    }
    return { ...picture, data }
  }
}
