/**
 * Bird or no bird: the probabilities of all birds among ImageNet's classes, added up. The photographs are judged by MobileNetV2; without
 * it, a small network learns to tell birds from clouds and kites in skies that are drawn here.
 */
import { BinaryReader } from '@bufbuild/protobuf/wire'
import { compile, data, fromTypedArray, io, loss, manualSeed, nn, optim, softmax, type Tensor, train } from 'cognitron'
import { readBytes } from 'cognitron/data/node'
import jpeg from 'jpeg-js'
import { uniformNumbers } from './landscapes.ts'

/** What a picture is taken for. */
export interface Sight {
  /** The probability that there is a bird. */
  readonly bird: number
  /** The likeliest class and its probability. */
  readonly name: string
  readonly probability: number
}

export type Watcher = (picture: data.Raster) => Promise<Sight>

/** Birds in ImageNet's list of 1,000: cock to great grey owl, black grouse to black swan, white stork to albatross. */
const birdRanges = [
  [7, 24],
  [80, 100],
  [127, 146],
] as const

/** Whether a class of ImageNet (0 to 999) is a bird. */
export const isBird = (code: number): boolean => birdRanges.some(([first, last]) => code >= first && code <= last)

/** MobileNetV2 from the folder of its ONNX file; its class 0 is "background", so that all others are one further on. */
export async function mobileNet(folder: string): Promise<Watcher> {
  const path = `${folder}/mobilenetv2_1.0_224.onnx`
  const model = new io.onnx.OnnxModel(io.onnx.readOnnxFile(new BinaryReader(await readBytes(path)), path))
  const names = new TextDecoder().decode(await readBytes(`${folder}/imagenet_labels.txt`)).split('\n')
  const forward = compile((x: Tensor) => model.forward(x))
  return async (picture) => {
    const input = data.toInput(picture, { channels: 3, height: 224, width: 224 }).map((value) => 2 * value - 1)
    const probabilities = await (await forward(fromTypedArray(input, [1, 3, 224, 224], 'float32'))).data()
    return sightOf(Array.from(probabilities), names, (code) => isBird(code - 1))
  }
}

function sightOf(probabilities: readonly number[], names: readonly string[], counts: (code: number) => boolean): Sight {
  const best = probabilities.indexOf(Math.max(...probabilities))
  return {
    bird: probabilities.reduce((sum, value, code) => sum + (counts(code) ? value : 0), 0),
    name: (names[best] ?? '').replace(/,.*/, ''),
    probability: probabilities[best] ?? 0,
  }
}

const SIDE = 32
const kinds = ['cloud', 'kite', 'bird'] as const

/** A drawn sky with one thing in it, as a colour picture. */
export function drawSky(kind: number, uniform: () => number): data.Raster {
  const [x0, y0] = [10 + 12 * uniform(), 10 + 12 * uniform()]
  const [reach, tilt] = [5 + 4 * uniform(), 0.6 * (uniform() - 0.5)]
  const pixels = new Uint8Array(3 * SIDE * SIDE)
  for (let place = 0; place < SIDE * SIDE; place++) {
    const [dx, dy] = [(place % SIDE) - x0, Math.floor(place / SIDE) - y0]
    const [x, y] = [(dx + tilt * dy) / reach, (dy - tilt * dx) / reach]
    const mark = markOf(kind, x, y)
    const sky = [110, 160, 225].map((channel) => channel + dy + 24 * (uniform() - 0.5))
    const ink = kind === 0 ? 245 : 40
    pixels.set(
      sky.map((channel) => Math.min(255, channel * (1 - mark) + ink * mark)),
      3 * place,
    )
  }
  return { width: SIDE, height: SIDE, channels: 3, pixels }
}

/** How much of a pixel the thing covers: a soft disc, a diamond, or two wings. */
function markOf(kind: number, x: number, y: number): number {
  if (kind === 0) return 0.8 * Math.exp(-2 * (x * x + 3 * y * y))
  if (kind === 1) return Math.abs(x) + Math.abs(y) < 0.6 ? 1 : 0
  return Math.abs(x) < 1 && Math.abs(y + 0.5 * Math.sin(Math.PI * Math.abs(x))) < 0.16 ? 1 : 0
}

/** A network that learns birds, clouds and kites from drawn skies within seconds. */
export async function skyWatcher(): Promise<Watcher> {
  const uniform = uniformNumbers(1)
  const count = 600
  const input = (picture: data.Raster): Float32Array =>
    data.toInput(picture, { channels: 3, height: SIDE, width: SIDE })
  const inputs = new Float32Array(count * 3 * SIDE * SIDE)
  for (let index = 0; index < count; index++) inputs.set(input(drawSky(index % 3, uniform)), index * 3 * SIDE * SIDE)
  const targets = Int32Array.from({ length: count }, (_, index) => index % 3)
  const skies = new data.ArrayDataset({ inputs, targets, inputShape: [3, SIDE, SIDE], classNames: [...kinds] })
  manualSeed(1)
  const net = new nn.Sequential(
    new nn.Conv2d(3, 8, 3, { padding: 1 }),
    new nn.ReLU(),
    new nn.MaxPool2d(2),
    new nn.Conv2d(8, 16, 3, { padding: 1 }),
    new nn.ReLU(),
    new nn.MaxPool2d(2),
    new nn.Flatten(),
    new nn.Linear(16 * 64, kinds.length),
  )
  const optimizer = new optim.Adam(net.parameters(), { lr: 2e-3 })
  await train.fit(net, { train: skies, loss: loss.crossEntropy, optimizer, epochs: 6, batchSize: 30, seed: 1 })
  net.eval()
  const forward = compile((x: Tensor) => softmax(net.forward(x), 1))
  return async (picture) => {
    const probabilities = await (await forward(fromTypedArray(input(picture), [1, 3, SIDE, SIDE], 'float32'))).data()
    return sightOf(Array.from(probabilities), kinds, (code) => code === 2)
  }
}

/** The bytes of a JPEG file. */
export function encodeJpeg({ width, height, pixels }: data.Raster): Uint8Array {
  const rgba = Uint8Array.from({ length: width * height * 4 }, (_, i) =>
    i % 4 === 3 ? 255 : (pixels[3 * Math.floor(i / 4) + (i % 4)] ?? 0),
  )
  return Uint8Array.from(jpeg.encode({ width, height, data: rgba }, 92).data)
}
