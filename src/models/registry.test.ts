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
    ['squeezenet1-1', 1_235_496],
    ['lenet-1989', 9_760],
    ['lenet-1998', 60_000],
    ['vgg16-bn', 138_365_992],
    ['resnext50-32x4d', 25_028_904],
    ['cifar-resnet56', 853_018],
    ['densenet-bc-40-12', 176_122],
    ['unet', 31_037_698],
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
      /^There is no model "lenet"; known are fashion-simple-net, lenet5, lenet-1998, .*\. Did you mean lenet5\?$/,
    )
    expect(() => modelNamed('toString')).toThrow('There is no model "toString"')
  })

  test.each([
    ['fashion-simple-net', [2], 'fashion-simple-net takes pictures [channels, size, size] with a size that is a'],
    ['fashion-simple-net', [1, 30, 30], 'given inputs of shape [1, 30, 30]; choose another model'],
    ['lenet5', [3, 32, 32], 'lenet5 takes pictures [channels, 28, 28], given inputs of shape [3, 32, 32]'],
    ['lenet-1989', [1, 28, 28], 'lenet-1989 takes pictures [1, 16, 16], given inputs of shape [1, 28, 28]'],
    ['lenet-1998', [3, 28, 28], 'lenet-1998 takes pictures [1, 28, 28], given inputs'],
    [
      'deconvnet',
      [3, 100, 100],
      'deconvnet takes pictures [channels, size, size] with a size that is a multiple of 32',
    ],
    ['alexnet-paper', [3, 64, 64], 'alexnet-paper takes pictures [channels, 224, 224]'],
    ['resnet18', [784], 'resnet18 takes pictures [channels, height, width], given inputs of shape [784]'],
  ])('%s refuses inputs of shape %j', (name, inputShape, message) => {
    expect(() => modelNamed(name).create({ inputShape, classes: 10 })).toThrow(message)
  })

  test('lenet-1998 knows ten digits', () => {
    expect(() => modelNamed('lenet-1998').create({ inputShape: [1, 28, 28], classes: 26 })).toThrow(
      'lenet-1998 has codes for the ten digits, given 26 classes; use lenet5.',
    )
  })

  test('all say what they are, where they are from, and take the input that they were made for', () => {
    for (const entry of Object.values(modelEntries)) {
      expect(entry.name).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/)
      expect(entry.description).toMatch(/^\S.*[^.]$/)
      expect(entry.source).not.toBe('')
      expect(entry.create(entry).parameters().length).toBeGreaterThan(0)
    }
  })
})
