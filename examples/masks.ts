/** Pictures with a class for every pixel, for the lesson on segmentation: aerial pictures of Dubai, or generated scenes without them. */
import { data, explain } from 'cognitron'
import { pictureFolder } from './data.ts'

export interface Masks {
  readonly name: string
  readonly training: data.ArrayDataset
  readonly test: data.ArrayDataset
  readonly classNames: readonly string[]
  /** A colour for each class. */
  readonly colours: readonly explain.Rgb[]
  readonly side: number
}

/** Colours of the masks; pixels of other colours are not labelled and do not count. */
const dubaiClasses = [
  { name: 'Water', colour: [226, 169, 41] },
  { name: 'Land', colour: [132, 41, 246] },
  { name: 'Road', colour: [110, 193, 228] },
  { name: 'Building', colour: [60, 16, 152] },
  { name: 'Vegetation', colour: [254, 221, 58] },
] as const

/** In the order of the classes: blue water, yellow land, pink roads, red buildings, green plants. */
const dubaiColours = [4, 3, 6, 5, 2].flatMap((index) => explain.maskColours.slice(index, index + 1))

const SIDE = 128

/**
 * 54 aerial pictures as 256 × 256 pixels, each cut into four quarters; every sixth picture is held back to test with, so that all six
 * areas are in both parts.
 */
export async function dubai(folder: string): Promise<Masks> {
  const { paths, source } = await pictureFolder(folder)
  const of = (kind: string): string[] => paths.filter((path) => path.includes(`/${kind}/`))
  const pictures = new data.SegmentationDataset(data.pairMasks(of('images'), of('masks')), source, {
    size: { channels: 3, height: 2 * SIDE, width: 2 * SIDE },
    classes: dubaiClasses,
    unknown: data.IGNORED_PIXEL,
  })
  const quarters: Quarter[][] = [[], []]
  for (let index = 0; index < pictures.length; index++) {
    const cut = cutIntoQuarters(await pictures.load(index))
    quarters[index % 6 === 5 ? 1 : 0]?.push(...cut)
  }
  const [training = [], test = []] = quarters
  const classNames = dubaiClasses.map(({ name }) => name)
  return {
    name: 'Dubai from above',
    training: joined(training),
    test: joined(test),
    classNames,
    colours: dubaiColours,
    side: SIDE,
  }
}

interface Quarter {
  readonly input: Float32Array
  readonly target: Int32Array
}

function cutIntoQuarters({ input, target }: data.Sample): Quarter[] {
  const plane = 4 * SIDE * SIDE
  return [0, 1, 2, 3].map((quarter) => {
    const [top, left] = [SIDE * Math.floor(quarter / 2), SIDE * (quarter % 2)]
    const place = (index: number): number => {
      const [row, column] = [Math.floor(index / SIDE), index % SIDE]
      return (top + row) * 2 * SIDE + left + column
    }
    const pixels = SIDE * SIDE
    return {
      input: Float32Array.from(
        { length: 3 * pixels },
        (_, i) => input[Math.floor(i / pixels) * plane + place(i % pixels)] ?? 0,
      ),
      target: Int32Array.from({ length: pixels }, (_, i) => target[place(i)] ?? 0),
    }
  })
}

function joined(quarters: readonly Quarter[]): data.ArrayDataset {
  const inputs = new Float32Array(quarters.length * 3 * SIDE * SIDE)
  const targets = new Int32Array(quarters.length * SIDE * SIDE)
  for (const [index, { input, target }] of quarters.entries()) {
    inputs.set(input, index * input.length)
    targets.set(target, index * target.length)
  }
  return new data.ArrayDataset({
    inputs,
    targets,
    inputShape: [3, SIDE, SIDE],
    targetShape: [SIDE, SIDE],
  })
}

/** Scenes of 32 × 32 pixels: the ground, and one of three shapes. */
export function scenes(): Masks {
  const [side, classes] = [32, 3]
  const make = (part: 'train' | 'test', count: number): data.ArrayDataset => {
    const { dataset, masks } = data.shapeScenes(part, { count, size: side, classes, seed: 1 })
    const labels = dataset.labels()
    return new data.ArrayDataset({
      inputs: dataset.rawInputs,
      targets: Int32Array.from(masks, (inside, i) => (inside ? 1 + (labels[Math.floor(i / side ** 2)] ?? 0) : 0)),
      inputShape: [3, side, side],
      targetShape: [side, side],
      normalize: { scale: 1 / 255 },
    })
  }
  const classNames = ['ground', ...data.sceneShapes.slice(0, classes)]
  return {
    name: 'Generated scenes',
    training: make('train', 240),
    test: make('test', 60),
    classNames,
    colours: explain.maskColours,
    side,
  }
}
