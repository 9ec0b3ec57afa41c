/**
 * Random graphs from a seed: operations of every family over small, empty and odd shapes, with shared subexpressions, several
 * outputs and updates of variables that may read, swap and share each other.
 */
import type { TypedArray } from '../../src/base/dtype.ts'
import { graphLeaves } from '../../src/ir/graph.ts'
import type { Graph, Update } from '../../src/ir/node.ts'
import { contractionMoves } from './contraction-moves.ts'
import { elementwiseMoves, type Move } from './elementwise-moves.ts'
import { type FuzzVariable, Grower } from './grower.ts'
import { movementMoves } from './movement-moves.ts'
import { asType, isExact, tame, type Value } from './value.ts'

export interface FuzzGraph {
  readonly graph: Graph
  /** Allowed errors of the outputs, then of the updates. */
  readonly errors: readonly number[]
}

const families: readonly (readonly Move[])[] = [elementwiseMoves, elementwiseMoves, movementMoves, contractionMoves]

/** Adds `count` values to the pool. */
export function grow(grower: Grower, count: number): void {
  while (grower.pool.length < count) {
    const value = grower.pick(grower.pick(families))(grower)
    if (!value || !grower.fitsMemory(value.node.shape) || (grower.whole && !isExact(value))) continue
    grower.pool.push(tame(value, 1e5))
  }
}

function randomUpdates(grower: Grower): { update: Update; error: number }[] {
  return grower.variables
    .filter(() => grower.chance(0.5))
    .map((variable) => {
      const value = newContent(grower, variable)
      return { update: { variable, value: value.node }, error: value.error }
    })
}

function newContent(grower: Grower, { shape, dtype }: FuzzVariable): Value {
  const other = grower.value((each) => each.node.op === 'variable')
  const source = other && grower.chance(0.3) ? other : grower.value()
  const cast = source && asType(source, dtype)
  return cast && !source.node.shape.includes(0) ? grower.fit(cast, shape) : grower.input(shape, dtype)
}

/** The graph of a seed. */
export function randomGraph(seed: number): FuzzGraph {
  const grower = new Grower(seed)
  grow(grower, grower.between(3, 24))
  const updates = randomUpdates(grower)
  const outputs = Array.from({ length: grower.between(updates.length > 0 ? 0 : 1, 4) }, () => grower.value() as Value)
  return {
    graph: { outputs: outputs.map((value) => value.node), updates: updates.map(({ update }) => update) },
    errors: [...outputs.map((value) => value.error), ...updates.map(({ error }) => error)],
  }
}

/** What a graph's leaves hold. */
export function leafData(graph: Graph): { inputs: TypedArray[]; variables: TypedArray[] } {
  const leaves = graphLeaves(graph)
  return {
    inputs: leaves.inputs.map((node) => node.attributes.source.data as TypedArray),
    variables: leaves.variables.map((variable) => (variable as FuzzVariable).data),
  }
}
