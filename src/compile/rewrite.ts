/** Rebuilds graphs bottom-up: equal nodes become one object (hash-consing) and a rule may replace each node as it is made. */
import { at, sameNumbers } from '../base/arrays.ts'
import { remembered } from '../base/remembered.ts'
import { makeNode } from '../ir/build.ts'
import { graphRoots, topologicalOrder } from '../ir/graph.ts'
import type { Graph, Node } from '../ir/node.ts'

/** What a node becomes; undefined leaves it. Operands were rewritten before. */
export type RewriteRule = (node: Node) => Node | undefined

/** Applies `rule` to every node until nothing changes; a replacement and what is new below it are rewritten, too. */
export function rewriteGraph(graph: Graph, rule: RewriteRule): Graph {
  const rewriter = new Rewriter(rule)
  for (const node of topologicalOrder(graphRoots(graph))) rewriter.rewrite(node)
  return {
    outputs: graph.outputs.map((node) => rewriter.rewrite(node)),
    updates: graph.updates.map(({ variable, value }) => ({ variable, value: rewriter.rewrite(value) })),
  }
}

class Rewriter {
  readonly #rule: RewriteRule
  readonly #done = new Map<Node, Node>()
  readonly #interned = new Map<string, Node>()

  constructor(rule: RewriteRule) {
    this.#rule = rule
  }

  rewrite(root: Node): Node {
    const known = this.#done.get(root)
    if (known) return known
    if (root.inputs.every((operand) => this.#done.has(operand))) return this.#rewriteOne(root)
    for (const node of topologicalOrder([root], (each) => this.#done.has(each))) this.#rewriteOne(node)
    return this.#done.get(root) ?? root
  }

  #rewriteOne(node: Node): Node {
    const interned = this.#intern(node)
    const result = this.#done.get(interned) ?? this.#replace(interned)
    this.#done.set(node, result)
    this.#done.set(interned, result)
    return result
  }

  #replace(node: Node): Node {
    const replacement = this.#rule(node)
    if (!replacement || replacement === node) return node
    // Marks the node as its own result meanwhile, so that a rule may use it as an operand.
    this.#done.set(node, node)
    return this.rewrite(replacement)
  }

  #intern(node: Node): Node {
    if (node.op === 'input' || node.op === 'variable') return node
    const inputs = node.inputs.map((operand) => this.#done.get(operand) ?? operand)
    const key = `${node.op}|${inputs.map((operand) => operand.id)}|${attributesKey(node.attributes)}`
    return remembered(this.#interned, key, () =>
      sameNodes(inputs, node.inputs) ? node : makeNode(node.op, inputs, node.attributes),
    )
  }
}

/** Attributes as text; numbers that JSON cannot tell apart are marked. */
function attributesKey(attributes: Node['attributes']): string {
  for (const _ in attributes) {
    return JSON.stringify(attributes, (_, value) =>
      typeof value === 'number' && (!Number.isFinite(value) || Object.is(value, -0))
        ? `number ${Object.is(value, -0) ? '-0' : value}`
        : value,
    )
  }
  return ''
}

function sameNodes(a: readonly Node[], b: readonly Node[]): boolean {
  return a.every((node, index) => node === b[index])
}

/** The first operand. */
export function operandOf(node: Node): Node {
  return at(node.inputs, 0)
}

export function sameShape(a: Node, b: Node): boolean {
  return sameNumbers(a.shape, b.shape)
}
