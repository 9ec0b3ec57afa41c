/** Shapes worked out without the library are those of the library, and a spec survives its way through an address. */
import { explain, io, zeros } from 'cognitron'
import { describe, expect, test } from 'vitest'
import { type LayerSpec, layerCodec, newLayers, shapeLayers, withOutput } from '../base/layer-spec.ts'
import { buildNetwork, restoreNetwork } from './build-network.ts'

const parse = (text: string): LayerSpec[] =>
  text.split(',').map((word) => {
    const layer = layerCodec.parse(word)
    if (!layer) throw new Error(word)
    return layer
  })

const networks = [
  'conv8x3,relu,max2,conv16x5s2p1,norm,leaky,avg2,flatten,dense32,norm,gelu,drop0.25',
  'conv4x1,tanh,conv4x4p0,sigmoid,max3,gap,dense7',
  'flatten,dense300,relu,dense100',
  'conv12x7s3p2,relu',
]

describe.each(networks)('%s', (text) => {
  test.each([
    [1, 28, 28],
    [3, 32, 24],
  ])('%i × %i × %i: shapes and parameters are the library’s', (...input) => {
    const layers = withOutput(parse(text), input, 10)
    const shaped = shapeLayers(layers, input)
    const summary = explain.summarize(buildNetwork(layers, input), input)
    // An averaging of each map is two layers of the library.
    const top = summary.layers.filter(({ path }) => !path.endsWith('.0')).map(({ outputShape }) => outputShape)
    expect(shaped.map(({ output }) => output)).toEqual(top)
    const sights = summary.layers.filter(({ path, outputShape }) => !path.includes('.') && outputShape.length === 3)
    expect(shaped.filter(({ output }) => output?.length === 3).map(({ sees }) => [sees, sees])).toEqual(
      sights.map(({ receptiveField }) => receptiveField),
    )
    expect(shaped.reduce((sum, { parameters }) => sum + parameters, 0)).toBe(summary.parameters)
    expect(summary.outputShape).toEqual([10])
  })

  test('written and read again', () => {
    expect(parse(text).map(layerCodec.format).join()).toBe(text)
  })
})

test('what cannot be is explained, and the layers after it have no shape', () => {
  const problems = (text: string): (string | undefined)[] =>
    shapeLayers(parse(text), [1, 28, 28]).map(({ problem }) => problem)
  expect(problems('dense10')[0]).toBe(
    'A dense layer needs a list of numbers, but here are maps of 1 × 28 × 28; put a flattening before it.',
  )
  expect(problems('flatten,conv8x3')[1]).toBe(
    'A convolution needs maps, but here are 784 numbers; move it before the flattening.',
  )
  const deep = shapeLayers(parse('max8,max4,relu'), [1, 28, 28])
  expect(deep[1]?.problem).toBe(
    'A pooling of 4 × 4 does not fit into maps of 3 × 3; make it smaller or take a pooling away.',
  )
  expect(deep[2]).toEqual({ layer: newLayers.relu, input: [], parameters: 0 })
  expect(() => buildNetwork(parse('dense10'), [1, 28, 28])).toThrow('put a flattening before it')
})

test('nonsense in an address is clamped or left out', () => {
  const read = (text: string): string | undefined => {
    const layer = layerCodec.parse(text)
    return layer && layerCodec.format(layer)
  }
  expect(['conv9999x99s9p9', 'max1', 'dense0', 'drop7', 'conv'].map(read)).toEqual([
    'conv256x11s4',
    'max2',
    'dense1',
    'drop0.9',
    'conv16x3',
  ])
  expect(['evil', '', 'relu3', 'conv-3'].map((text) => layerCodec.parse(text)?.kind)).toEqual([
    undefined,
    undefined,
    'relu',
    undefined,
  ])
})

test('a network is built again from what is saved', async () => {
  const layers = withOutput(parse('conv4x3,norm,relu,max2'), [1, 8, 8], 3)
  const network = buildNetwork(layers, [1, 8, 8])
  const weights = io.writeSafetensors(await network.stateDict())
  const restored = restoreNetwork({
    name: 'small',
    savedMs: 0,
    layers,
    inputShape: [1, 8, 8],
    classNames: ['a', 'b', 'c'],
    weights,
    accuracy: 0,
    data: '',
    pictures: { values: new Uint8Array(), labels: new Uint8Array() },
  })
  expect([...(await restored.stateDict()).keys()]).toEqual([...(await network.stateDict()).keys()])
  const x = zeros([1, 1, 8, 8])
  expect(await restored.forward(x).data()).toEqual(await network.eval().forward(x).data())
})
