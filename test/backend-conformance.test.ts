/**
 * Every sample on every backend and with every setting that must not change results: values and gradients against the interpreter,
 * gradients of the interpreter against central differences. The last test compares docs/conformance.md with what was found.
 */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import * as loss from '../src/loss/index.ts'
import * as nn from '../src/nn/index.ts'
import * as tensors from '../src/tensor/index.ts'
import { check, conformanceBackends, hasOrder, orders } from './conformance/run.ts'
import { allSamples, conformanceDocument, type Results, resultKey } from './conformance/table.ts'
import { layerSamples } from './op-samples/layers.ts'
import { lossSamples } from './op-samples/losses.ts'
import { publicSamples } from './op-samples/public.ts'

const backends = await conformanceBackends()
const results: Results = new Map()

describe.each(orders)('%s', (order) => {
  const samples = allSamples.filter((sample) => hasOrder(sample, order))
  it.each(samples.map((sample) => [sample.name, sample] as const))('of %s', (_, sample) => {
    const findings = check(sample, order, backends)
    results.set(resultKey(sample, order), findings)
    expect([...findings].filter(([, message]) => message !== undefined)).toEqual([])
  })
})

it('docs/conformance.md is what was found; `npm run conformance` writes it', () => {
  const text = readFileSync(new URL('../docs/conformance.md', import.meta.url), 'utf8')
  expect(conformanceDocument(results, ['interpreter', ...backends.keys()])).toBe(text)
})

describe('the samples of the public face', () => {
  const sampled = new Set(publicSamples.map(({ operation }) => operation))

  it('have names of their own', () => {
    const names = allSamples.map(({ name }) => name)
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([])
  })

  it('cover every function that computes', () => {
    const others = ['assignAll', 'compile', 'fromTypedArray', 'grad', 'jacobian', 'manualSeed', 'tensor']
    const functions = Object.entries(tensors).filter(
      ([, value]) => typeof value === 'function' && /^[a-z]/.test(value.name),
    )
    const missing = functions.map(([name]) => name).filter((name) => !sampled.has(name))
    expect(missing.sort()).toEqual(others)
  })

  it('cover every layer; containers only call theirs', () => {
    const others = ['Module', 'ModuleDict', 'ModuleList', 'Sequential']
    const layers = new Set(layerSamples.map(({ operation }) => operation))
    const classes = Object.entries(nn).filter(([, value]) => typeof value === 'function')
    expect(classes.map(([name]) => name).filter((name) => !layers.has(`nn.${name}`))).toEqual(others)
  })

  it('cover every loss', () => {
    const losses = new Set(lossSamples.map(({ operation }) => operation))
    expect(Object.keys(loss).filter((name) => !losses.has(`loss.${name}`))).toEqual([])
  })

  it('cover every method that computes', () => {
    const others = [
      'backward',
      'constructor',
      'data',
      'dtype',
      'item',
      'node',
      'rank',
      'settle',
      'shape',
      'size',
      'toArray',
      'values',
      'wrap',
    ]
    const methods = Object.getOwnPropertyNames(tensors.Tensor.prototype)
    expect(methods.filter((name) => !sampled.has(name)).sort()).toEqual(others)
  })
})
