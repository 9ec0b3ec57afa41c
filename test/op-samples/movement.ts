/** Samples of movement and indexing in every element type; each ends in an element-wise operation or in a plain copy. */
import type { Node } from '../../src/ir/node.ts'
import * as ir from '../../src/ir/operations.ts'
import {
  bool,
  float,
  int32,
  integers,
  listed,
  type Operand,
  type OpSample,
  smooth,
  uint8,
  valuesOnly,
} from './sample.ts'

interface Move {
  readonly name: string
  readonly shape: readonly number[]
  readonly build: (x: Node) => Node
}

const moves: readonly Move[] = [
  { name: 'reshape to a vector', shape: [3, 4], build: (x) => ir.reshape(x, [12]) },
  { name: 'reshape between matrices', shape: [3, 8], build: (x) => ir.reshape(x, [4, 6]) },
  { name: 'reshape to a scalar', shape: [1, 1], build: (x) => ir.reshape(x, []) },
  { name: 'reshape of a scalar', shape: [], build: (x) => ir.reshape(x, [1, 1, 1]) },
  { name: 'reshape of nothing', shape: [2, 0], build: (x) => ir.reshape(x, [0, 7]) },
  { name: 'transpose of a matrix', shape: [5, 7], build: (x) => ir.transpose(x, [1, 0]) },
  { name: 'transpose of a wide matrix', shape: [17, 33], build: (x) => ir.transpose(x, [1, 0]) },
  { name: 'transpose of an image to channels last', shape: [2, 3, 4, 5], build: (x) => ir.transpose(x, [0, 2, 3, 1]) },
  { name: 'transpose of five axes', shape: [2, 3, 2, 3, 2], build: (x) => ir.transpose(x, [4, 2, 0, 3, 1]) },
  { name: 'broadcast of a row', shape: [1, 5], build: (x) => ir.broadcastTo(x, [4, 5]) },
  { name: 'broadcast of a column', shape: [4, 1], build: (x) => ir.broadcastTo(x, [4, 5]) },
  { name: 'broadcast of a scalar', shape: [], build: (x) => ir.broadcastTo(x, [3, 5]) },
  { name: 'broadcast of a middle axis', shape: [2, 1, 3], build: (x) => ir.broadcastTo(x, [2, 4, 3]) },
  { name: 'broadcast to nothing', shape: [1, 3], build: (x) => ir.broadcastTo(x, [0, 3]) },
  { name: 'pad of a vector', shape: [5], build: (x) => ir.pad(x, [[2, 1]], 1) },
  {
    name: 'pad of a matrix on all sides',
    shape: [3, 4],
    build: (x) =>
      ir.pad(x, [
        [1, 2],
        [0, 3],
      ]),
  },
  { name: 'pad of nothing', shape: [0], build: (x) => ir.pad(x, [[2, 1]], 1) },
  { name: 'slice of a vector', shape: [9], build: (x) => ir.slice(x, [2], [5]) },
  { name: 'slice with steps that reach the end', shape: [9], build: (x) => ir.slice(x, [0], [3], [4]) },
  { name: 'slice with steps that stop early', shape: [10], build: (x) => ir.slice(x, [1], [3], [2]) },
  { name: 'slice of a block', shape: [5, 6, 7], build: (x) => ir.slice(x, [1, 0, 2], [2, 6, 3], [2, 1, 2]) },
  { name: 'slice of one element', shape: [5, 6], build: (x) => ir.slice(x, [4, 5], [1, 1], [3, 2]) },
  { name: 'slice of nothing', shape: [5, 6], build: (x) => ir.slice(x, [2, 0], [0, 6]) },
  { name: 'flip of a vector', shape: [17], build: (x) => ir.flip(x, [0]) },
  { name: 'flip of rows', shape: [3, 5], build: (x) => ir.flip(x, [0]) },
  { name: 'flip of three axes', shape: [2, 3, 4], build: (x) => ir.flip(x, [0, 1, 2]) },
  { name: 'concat of a tensor with itself', shape: [2, 3], build: (x) => ir.concat([x, x, x], 1) },
]

const types: Record<string, (shape: readonly number[]) => Operand> = { int32, uint8, bool }

const moveSamples = moves.flatMap(({ name, shape, build }): OpSample[] => [
  smooth(name, [float(shape)], build),
  smooth(`${name}, squared`, [float(shape)], (x) => ir.mul(build(x), build(x))),
  ...Object.entries(types).map(([dtype, operand]) => valuesOnly(`${name}, ${dtype}`, [operand(shape)], build)),
])

const joinSamples: OpSample[] = [
  smooth('concat of vectors', [float([3]), float([5])], (a, b) => ir.concat([a, b], 0)),
  smooth('concat of columns', [float([3, 2]), float([3, 5]), float([3, 1])], (a, b, c) => ir.concat([a, b, c], 1)),
  smooth('concat of images along channels', [float([2, 3, 4, 4]), float([2, 5, 4, 4])], (a, b) =>
    ir.exp(ir.concat([a, b], 1)),
  ),
  smooth('concat with an empty part', [float([0, 3]), float([2, 3])], (a, b) => ir.concat([a, b], 0)),
  smooth('concat of views', [float([3, 4]), float([4, 6])], (a, b) =>
    ir.concat([ir.transpose(a, [1, 0]), ir.flip(b, [1])], 1),
  ),
  valuesOnly('concat of int32', [int32([3]), int32([5])], (a, b) => ir.concat([a, b], 0)),
  valuesOnly('concat of bool', [bool([3]), bool([6])], (a, b) => ir.concat([a, b], 0)),
  valuesOnly('pad with minus infinity', [float([3])], (x) => ir.pad(x, [[1, 1]], -Infinity)),
  valuesOnly('moves of special values', [float([2, 3], listed(Number.NaN, Infinity, -0, 1, -Infinity))], (x) =>
    ir.flip(ir.transpose(x, [1, 0]), [0]),
  ),
]

export const movementSamples: readonly OpSample[] = [...moveSamples, ...joinSamples]

const lookUp = (axis: number) => (x: Node, indices: Node) => ir.gather(x, indices, axis)
const addUp = (axis: number, size: number) => (updates: Node, indices: Node) =>
  ir.scatterAdd(updates, indices, axis, size)

export const indexingSamples: readonly OpSample[] = [
  smooth('gather along rows', [float([6, 4]), int32([3, 4], integers(0, 6))], lookUp(0)),
  smooth('gather along columns', [float([4, 6]), int32([4, 9], integers(0, 6))], lookUp(1)),
  smooth('gather along a middle axis', [float([2, 5, 3]), int32([2, 4, 3], integers(0, 5))], lookUp(1)),
  smooth('gather of one class per row', [float([7, 10]), int32([7, 1], integers(0, 10))], lookUp(1)),
  smooth('gather of embeddings', [float([11, 6]), int32([5, 1], integers(0, 11))], (table, words) =>
    ir.gather(table, ir.broadcastTo(words, [5, 6]), 0),
  ),
  smooth('gather from a product', [float([6, 4]), int32([3, 4], integers(0, 6))], (x, indices) =>
    ir.mul(ir.gather(ir.mul(x, x), indices, 0), ir.gather(x, indices, 0)),
  ),
  valuesOnly('gather clamps its indices', [float([5]), int32([6], listed(-3, 0, 4, 5, 99, 2))], lookUp(0)),
  valuesOnly('gather of int32', [int32([6, 4]), int32([3, 4], integers(0, 6))], lookUp(0)),
  valuesOnly('gather of uint8', [uint8([6, 4]), int32([3, 4], integers(0, 6))], lookUp(0)),
  valuesOnly('gather of bool', [bool([6, 4]), int32([3, 4], integers(0, 6))], lookUp(0)),
  valuesOnly('gather of nothing', [float([6, 4]), int32([0, 4])], lookUp(0)),
  smooth('scatterAdd with repeated indices', [float([9]), int32([9], integers(0, 4))], addUp(0, 4)),
  smooth('scatterAdd along rows', [float([7, 3]), int32([7, 3], integers(0, 5))], addUp(0, 5)),
  smooth('scatterAdd along columns', [float([3, 7]), int32([3, 7], integers(0, 5))], addUp(1, 5)),
  smooth('scatterAdd of squares', [float([8, 3]), int32([8, 3], integers(0, 5))], (x, indices) =>
    ir.exp(ir.scatterAdd(ir.mul(x, x), indices, 0, 5)),
  ),
  valuesOnly('scatterAdd clamps its indices', [float([6]), int32([6], listed(-3, 0, 4, 5, 99, 2))], addUp(0, 5)),
  valuesOnly('scatterAdd of int32', [int32([9]), int32([9], integers(0, 4))], addUp(0, 4)),
  valuesOnly('scatterAdd of nothing', [float([0, 3]), int32([0, 3])], addUp(0, 4)),
]
