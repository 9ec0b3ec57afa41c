/** Pooling and scattering kernels. Padding was made explicit before (see `decompose`). */
import { at, product, range } from '../base/arrays.ts'
import { invariant } from '../base/errors.ts'
import { graphRoots } from '../ir/graph.ts'
import type { Graph, Node, NodeOf } from '../ir/node.ts'
import { elementCount, type Shape } from '../shape/shape.ts'
import type { BufferId } from './expression.ts'
import { identityMap, linearize } from './index-map.ts'
import type { MaximumKernel, WindowKernel } from './kernel.ts'
import type { LoweringContext } from './lowering-context.ts'

type WindowName = 'maxPool' | 'maxPoolIndices' | 'windowGather' | 'windowScatter' | 'sumPool' | 'sumPoolGrad'

/** The indices of maxima that fit a byte and that nothing but window kernels reads: those may lie in memory as bytes. */
export function byteIndices(graph: Graph, order: readonly Node[]): Set<Node> {
  const bytes = new Set<Node>()
  for (const node of order) {
    if (node.op === 'maxPoolIndices' && product(node.attributes.window.map(({ kernel }) => kernel)) <= 256)
      bytes.add(node)
  }
  for (const root of graphRoots(graph)) bytes.delete(root)
  for (const { op, inputs } of order) {
    inputs.forEach((input, index) => {
      if (index === 0 || (op !== 'windowScatter' && op !== 'windowGather')) bytes.delete(input)
    })
  }
  return bytes
}

/** Pushes the kernel of a window primitive that fills `buffer`; a maximum and its indices come from one kernel. */
export function lowerWindow(context: LoweringContext, node: NodeOf<WindowName>, buffer: BufferId): void {
  const source = context.materialize(at(node.inputs, 0))
  const { window } = node.attributes
  const axes = window.length
  const isPooling = !('inputSize' in node.attributes)
  const larger: Shape = isPooling ? at(node.inputs, 0).shape : node.shape
  const smaller: Shape = isPooling ? node.shape : at(node.inputs, 0).shape
  const geometry = {
    kind: 'window' as const,
    planes: product(larger.slice(0, -axes)),
    inputSize: larger.slice(-axes),
    outputSize: smaller.slice(-axes),
    window,
    source,
  }
  if (node.op === 'maxPool' || node.op === 'maxPoolIndices') {
    const result = node.op === 'maxPool' ? { target: buffer } : { indices: buffer }
    const twin = context.kernels.findIndex((kernel) => isTwin(kernel, geometry, node.op === 'maxPool'))
    if (twin < 0) context.kernels.push({ ...geometry, op: 'maxPool', ...result })
    else context.kernels[twin] = { ...(at(context.kernels, twin) as MaximumKernel), ...result }
    return
  }
  if (node.op === 'sumPool' || node.op === 'sumPoolGrad') {
    context.kernels.push({ ...geometry, op: node.op, target: buffer })
    return
  }
  context.kernels.push({ ...geometry, op: node.op, target: buffer, indices: context.materialize(at(node.inputs, 1)) })
}

function isTwin(
  kernel: LoweringContext['kernels'][number],
  geometry: Pick<WindowKernel, 'source' | 'window' | 'inputSize'>,
  wantsTarget: boolean,
): boolean {
  if (kernel.kind !== 'window' || kernel.op !== 'maxPool' || kernel.source !== geometry.source) return false
  const free = wantsTarget ? kernel.target === undefined : kernel.indices === undefined
  // One buffer may be seen in several shapes.
  const same = (['window', 'inputSize'] as const).every(
    (key) => JSON.stringify(kernel[key]) === JSON.stringify(geometry[key]),
  )
  return free && same
}

/** Pushes the kernel of scatterAdd that fills `buffer`. */
export function lowerScatter(context: LoweringContext, node: NodeOf<'scatterAdd'>, buffer: BufferId): void {
  const [updates, indices] = node.inputs as readonly [Node, Node]
  const { axis, size } = node.attributes
  invariant(size > 0 || elementCount(updates.shape) === 0, 'scatter into nothing')
  const extents = updates.shape
  const map = identityMap(extents)
  const still = { offset: 0, strides: range(extents.length).map(() => 0) }
  context.kernels.push({
    kind: 'scatter',
    extents,
    buffer,
    length: elementCount(node.shape),
    at: linearize(map.with(axis, still), node.shape, extents.length),
    index: context.expression(indices, map, extents),
    stride: elementCount(node.shape.slice(axis + 1)),
    size,
    value: context.expression(updates, map, extents),
  })
}
