import { describe, expect, test } from 'vitest'
import { ArgumentError, models } from '../index.ts'

const { modelEntries, modelNamed } = models

describe('models by name', () => {
  test.each([
    // Parameters for their own input and classes, as torchvision and the papers have them.
    ['fashion-simple-net', 421_642],
    ['lenet5', 61_706],
    ['mlp', 235_146],
    ['linear', 7_850],
    ['resnet18', 11_689_512],
    ['squeezenet', 1_235_496],
    ['mobilenet-v2', 3_504_872],
  ])('%s has %i parameters', (name, count) => {
    const entry = modelNamed(name)
    const parameters = entry.create(entry).parameters()
    expect(parameters.reduce((sum, { size }) => sum + size, 0)).toBe(count)
  })

  test('a residual network gets a small stem for small pictures', () => {
    const strides = (size: number) =>
      String(modelNamed('resnet18').create({ inputShape: [1, size, size], classes: 10 })).split('\n')[1]
    expect(strides(32)).toContain('Conv2d(1, 64, kernelSize=[3, 3], stride=[1, 1]')
    expect(strides(224)).toContain('Conv2d(1, 64, kernelSize=[7, 7], stride=[2, 2]')
  })

  test('every name is that of its entry', () => {
    for (const [name, entry] of Object.entries(modelEntries)) expect(entry.name).toBe(name)
  })

  test('an unknown name lists the known ones with the nearest', () => {
    expect(() => modelNamed('lenet')).toThrow(ArgumentError)
    expect(() => modelNamed('lenet')).toThrow(
      /^There is no model "lenet"; known are fashion-simple-net, lenet5, mlp, .*\. Did you mean lenet5\?$/,
    )
    expect(() => modelNamed('toString')).toThrow('There is no model "toString"')
  })

  test.each([
    ['fashion-simple-net', [2], 'fashion-simple-net takes pictures [channels, size, size] with a size that is a'],
    ['fashion-simple-net', [1, 30, 30], 'given inputs of shape [1, 30, 30]; choose another model'],
    ['lenet5', [3, 32, 32], 'lenet5 takes pictures [channels, 28, 28], given inputs of shape [3, 32, 32]'],
    ['resnet18', [784], 'resnet18 takes pictures [channels, height, width], given inputs of shape [784]'],
  ])('%s refuses inputs of shape %j', (name, inputShape, message) => {
    expect(() => modelNamed(name).create({ inputShape, classes: 10 })).toThrow(message)
  })
})
