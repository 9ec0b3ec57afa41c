/** The table of samples covers what it promises to cover. */
import { describe, expect, it } from 'vitest'
import { topologicalOrder } from '../src/ir/graph.ts'
import { primitives } from '../src/ir/primitives.ts'
import { type OpSample, opSamples, sampleInputs } from './op-samples.ts'

const primitivesOf = (sample: OpSample): string[] =>
  topologicalOrder([sample.build(...sampleInputs(sample))]).map((node) => node.op)

describe('the samples of operations', () => {
  it('have names of their own', () => {
    const names = opSamples.map((sample) => sample.name)
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([])
  })

  it('cover every primitive; a variable holds what an input holds', () => {
    const covered = new Set(opSamples.flatMap(primitivesOf))
    expect(Object.keys(primitives).filter((name) => !covered.has(name))).toEqual(['variable'])
  })

  it('are the same on every run', () => {
    const [first] = opSamples.flatMap((sample) => sampleInputs(sample))
    const [second] = opSamples.flatMap((sample) => sampleInputs(sample))
    expect(first?.attributes.source.data).toEqual(second?.attributes.source.data)
  })
})
