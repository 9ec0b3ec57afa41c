/**
 * What every layer must do, checked in one call: the given value, a state dict that goes out and comes back, gradients that agree
 * with central differences in double precision, a training step that moves every parameter, evaluation that repeats itself, and
 * the same values compiled as not compiled.
 */
import { expect } from 'vitest'
import { evaluateNode } from '../src/backends/interpreter/index.ts'
import type { LeafValues } from '../src/backends/interpreter/rule.ts'
import { at } from '../src/base/arrays.ts'
import { compile, fromTypedArray, grad, type NestedNumbers, type nn, type Tensor, tensor } from '../src/index.ts'
import type { Node } from '../src/ir/node.ts'
import { RandomSequence } from '../src/random/threefry.ts'
import { type Variable, VariableVersion } from '../src/runtime/variable.ts'
import { elementCount, type Shape } from '../src/shape/shape.ts'
import { expectClose } from './support/nodes.ts'

export interface LayerCheck {
  /** Given to parameters and buffers by key before anything else. */
  readonly state?: Readonly<Record<string, NestedNumbers>>
  /** The exact result for the input. */
  readonly output: NestedNumbers
  /** The keys of the state dict, in order. Default: those of `state`. */
  readonly keys?: readonly string[]
  /** Default true. */
  readonly training?: boolean
  /** False for steps and whole-number inputs, which have no derivative to compare. Default true. */
  readonly differentiable?: boolean
}

const STEP = 1e-4

/** Runs all checks of `layer` on `input`. */
export async function checkLayer(layer: nn.Layer, input: Tensor, check: LayerCheck): Promise<void> {
  const { state = {}, output, keys = Object.keys(state), training = true, differentiable = true } = check
  const variables = layer.namedState()
  expect([...variables.keys()]).toEqual(keys)
  for (const [key, values] of Object.entries(state)) variables.get(key)?.write(await tensor(values).data())
  layer.train(training)
  await checkValue(layer, input, output)
  if (differentiable) await checkGradients(layer, input)
  if (differentiable) await checkTrainingStep(layer, input)
  await checkRoundTrip(layer, input)
}

async function checkValue(layer: nn.Layer, input: Tensor, output: NestedNumbers): Promise<void> {
  const before = await layer.stateDict()
  const expected = tensor(output)
  const eager = layer.forward(input)
  expect(eager.shape).toEqual(expected.shape)
  expectClose(await eager.data(), await expected.data(), { absolute: 1e-6, relative: 1e-5 })
  layer.loadStateDict(before)
  const compiled = await compile((x: Tensor) => layer.forward(x))(input)
  expect(compiled.shape).toEqual(expected.shape)
  expectClose(await compiled.data(), await expected.data(), { absolute: 1e-6, relative: 1e-5 })
}

function normalNumbers(shape: Shape, stream: number): Float64Array {
  const random = new RandomSequence(11, { stream })
  return Float64Array.from({ length: elementCount(shape) }, () => random.normal())
}

/** d/dt Σ weights · output along random directions of the input and of every parameter, against the gradients. */
async function checkGradients(layer: nn.Layer, input: Tensor): Promise<void> {
  const values = new Map<Variable, Float64Array>()
  for (const variable of layer.namedState().values()) {
    values.set(variable.variable, Float64Array.from(await variable.variable.read()))
  }
  const output = layer.forward(input)
  const weights = fromTypedArray(Float32Array.from(normalNumbers(output.shape, 0)), output.shape, 'float32')
  const scalar = output.mul(weights).sum()
  const leaves = [input, ...layer.parameters()]
  const gradients = grad(scalar, leaves)
  const moved = (node: Node, change?: Float64Array): LeafValues => {
    return (leaf) => {
      const data = leaf.op === 'input' ? leaf.attributes.source.data : values.get(variableOf(leaf))
      if (!data) throw new Error(`${leaf.op} ${leaf.id} has no values`)
      return leaf === node && change ? Float64Array.from(data, (value, index) => value + at(change, index)) : data
    }
  }
  for (const [index, leaf] of leaves.entries()) {
    const direction = normalNumbers(leaf.shape, index + 1)
    const along = (distance: number): number => {
      const change = direction.map((value) => value * distance)
      return at(evaluateNode(scalar.node, moved(leaf.node, change)), 0)
    }
    const measured = (8 * (along(STEP) - along(-STEP)) - (along(2 * STEP) - along(-2 * STEP))) / (12 * STEP)
    const gradient = evaluateNode(at(gradients, index).node, moved(leaf.node))
    const computed = gradient.reduce((sum, value, position) => sum + value * at(direction, position), 0)
    expect(Math.abs(computed - measured), `gradient ${computed}, measured ${measured}`).toBeLessThan(
      1e-7 * Math.max(1, Math.abs(measured)),
    )
  }
}

function variableOf(leaf: Node): Variable {
  if (leaf.op !== 'variable' || !(leaf.attributes.variable instanceof VariableVersion)) throw new Error('no variable')
  return leaf.attributes.variable.variable
}

/** One step of gradient descent on Σ weights · output changes every parameter. */
async function checkTrainingStep(layer: nn.Layer, input: Tensor): Promise<void> {
  const before = await layer.stateDict()
  const output = layer.forward(input)
  const weights = fromTypedArray(Float32Array.from(normalNumbers(output.shape, 99)), output.shape, 'float32')
  output.mul(weights).sum().backward()
  for (const [key, parameter] of layer.namedParameters()) {
    expect(parameter.grad, key).not.toBeNull()
    if (!parameter.grad) continue
    parameter.assign(parameter.sub(parameter.grad.mul(0.1)))
    const after = await parameter.data()
    expect(after.every(Number.isFinite), key).toBe(true)
    expect(Array.from(after), key).not.toEqual(Array.from(before.get(key)?.data ?? []))
  }
  layer.zeroGrad()
  layer.loadStateDict(before)
}

/** Wiped and loaded again, the layer gives the same in evaluation, where it also repeats itself. */
async function checkRoundTrip(layer: nn.Layer, input: Tensor): Promise<void> {
  layer.eval()
  const state = await layer.stateDict()
  const first = Array.from(await layer.forward(input).data())
  for (const variable of layer.namedState().values()) variable.write(new Float32Array(variable.size).fill(7))
  layer.loadStateDict(state)
  expect(Array.from(await layer.forward(input).data())).toEqual(first)
  const again = await layer.stateDict()
  for (const [key, { data, shape, dtype }] of state) {
    expect(again.get(key), key).toEqual({ data, shape, dtype })
  }
}
