/** The page's maps are the library's, and the network that it trains on the spot is worth looking into. */
import { explain, fromTypedArray, softmax } from 'cognitron'
import { beforeAll, expect, test } from 'vitest'
import type { Progress } from '../protocol.ts'
import { LIKELIEST, type Method, methods, OWN, type Question } from '../setup.ts'
import { type OpenNetwork, trainDigits } from './networks.ts'
import { ExplainSession } from './session.ts'

let network: OpenNetwork
let session: ExplainSession
const seen: Progress[] = []

beforeAll(async () => {
  network = await trainDigits((progress) => seen.push(progress))
  session = new ExplainSession(network)
})

const question: Question = {
  picture: 3,
  target: LIKELIEST,
  method: 'saliency',
  patch: 5,
  stride: 3,
  samples: 6,
  noise: 20,
  steps: 24,
  layer: '',
  opacity: 0.5,
}

const image = (index: number) =>
  fromTypedArray(network.pictures.get(index).input as Float32Array, [1, 28, 28], 'float32')

async function direct(method: Method, target: number): Promise<explain.Attribution> {
  const { model } = network
  const x = image(3)
  switch (method) {
    case 'grad-cam':
      return explain.gradCam(model, x, { target })
    case 'occlusion':
      return explain.occlusion(model, x, { target, patch: 5, stride: 3 })
    case 'saliency':
      return explain.saliency(model, x, { target })
    case 'gradient-x-input':
      return explain.gradientTimesInput(model, x, { target })
    case 'smooth-grad':
      return explain.smoothGrad(model, x, { target, samples: 6, noise: 0.2 })
    case 'integrated-gradients':
      return explain.integratedGradients(model, x, { target, steps: 24 })
    case 'guided-backprop':
      return explain.guidedBackprop(model, x, { target })
  }
}

test('the small network learns its digits, and says how far it is', async () => {
  const { note, layers, labels, answers, pictures } = await session.info()
  const share = Number(/, ([\d.]+) % right/.exec(note)?.[1])
  expect(share).toBeGreaterThan(95)
  expect(layers.map(({ label, height }) => `${label}: ${height}`)).toEqual([
    'Conv2d 1 → 8: 28',
    'ReLU: 28',
    'MaxPool2d: 14',
    'Conv2d 8 → 16: 14',
    'ReLU: 14',
    'MaxPool2d: 7',
    'Flatten: 1',
    'Linear 784 → 10: 1',
  ])
  expect(pictures).toHaveLength(60 * 784)
  expect(labels.filter((label, index) => label === answers[index]).length).toBeGreaterThan(52)
  expect(seen[0]).toEqual({ done: 0, total: 12_000, accuracy: 0 })
  expect(seen.at(-1)?.done).toBe(12_000)
})

test.each(methods)('%s: map, score and place are those of the library', async (method) => {
  const { probabilities, label } = await session.look(3)
  const expected = await softmax(network.model.forward(image(3).unsqueeze(0)), 1).data()
  expect(probabilities).toEqual(Float32Array.from(expected))
  const likeliest = probabilities.indexOf(Math.max(...probabilities))
  expect(likeliest).toBe(label)
  for (const target of [likeliest, (likeliest + 1) % 10]) {
    const answer = await session.explain({ ...question, method, target })
    const found = await direct(method, target)
    expect(answer).toMatchObject({ method, target, score: found.score, signed: found.signed })
    expect(answer.map).toEqual(found.map)
    expect(answer.completeness).toEqual(found.completeness)
    expect(answer.strongest).toEqual(explain.strongestPlace(found))
  }
  const likely = await session.explain({ ...question, method })
  expect(likely.target).toBe(likeliest)
})

test('integrated gradients add up to the difference of scores', async () => {
  const { completeness, score } = await session.explain({ ...question, method: 'integrated-gradients', steps: 100 })
  const black = await network.model.forward(fromTypedArray(new Float32Array(784), [1, 1, 28, 28], 'float32')).data()
  expect(completeness?.expected).toBeCloseTo(score - (black[Number((await session.look(3)).label)] as number), 3)
  expect(completeness?.error).toBeLessThan(0.02 * Math.abs(completeness?.expected ?? 0))
})

test('the check takes the weights away and puts them back', async () => {
  const before = await network.model.stateDict()
  const gradient = await session.check({ ...question, method: 'gradient-x-input' })
  expect(gradient.stages.map(({ layer }) => layer)).toEqual(['7', '3', '0'])
  expect(Math.abs(gradient.stages.at(-1)?.correlation ?? 1)).toBeLessThan(1)
  const after = await network.model.stateDict()
  for (const [key, tensor] of before) expect(after.get(key)?.data).toEqual(tensor.data)
  const { map, target } = await session.explain(question)
  expect((await direct('saliency', target)).map).toEqual(map)
})

test('a picture of one’s own is cut and made small for the network', async () => {
  await expect(session.look(OWN)).rejects.toThrow('There is no picture of your own yet')
  const pixels = new Uint8Array(4 * 56 * 80).fill(255)
  session.setOwn({ width: 80, height: 56, pixels })
  const { picture, label } = await session.look(OWN)
  expect([picture.width, picture.height, label]).toEqual([28, 28, undefined])
  expect([...picture.pixels.subarray(0, 4)]).toEqual([255, 255, 255, 255])
  const white = fromTypedArray(new Float32Array(784).fill(1), [1, 28, 28], 'float32')
  const answer = await session.explain({ ...question, picture: OWN, target: 2 })
  expect(answer.map).toEqual((await explain.saliency(network.model, white, { target: 2 })).map)
})
