/** The few files that Node loads instead of the single modules: complete, of one copy, with threads, and without much at the start. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { OutputChunk } from 'rolldown'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bundleForNode } from '../scripts/node-bundle.ts'

const folder = mkdtempSync(join(tmpdir(), 'cognitron-node-'))
let chunks: OutputChunk[]

beforeAll(async () => {
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
  chunks = await bundleForNode(folder)
})

afterAll(() => rmSync(folder, { recursive: true }))

function run(program: string): string {
  writeFileSync(join(folder, 'program.js'), program)
  return execFileSync(process.execPath, [join(folder, 'program.js')], { encoding: 'utf8' })
}

/** Everything that is loaded with a file. */
function loadedWith(name: string, found = new Set<string>()): Set<string> {
  if (found.has(name)) return found
  found.add(name)
  for (const next of chunks.find(({ fileName }) => fileName === name)?.imports ?? []) loadedWith(next, found)
  return found
}

describe('what an import loads', () => {
  test('the library: four files, none of Node’s', () => {
    const loaded = [...loadedWith('index.js')].filter((name) => name !== 'node:module')
    expect(loaded.sort()).toEqual(['engine.js', 'index.js', 'library.js', 'rolldown-runtime.js'])
  })

  test.each(['tensor', 'nn', 'optim', 'loss', 'backends/wasm'])('%s: the engine', (part) => {
    expect(loadedWith(`${part}/index.js`)).not.toContain('library.js')
  })
})

test('the library and its parts are one copy, and names survive', () => {
  const output = run(`
    import { nn, setBackend, getBackend } from './index.js'
    import { Linear } from './nn/index.js'
    import { WasmBackend } from './backends/wasm/index.js'
    console.log(nn.Linear === Linear, getBackend() instanceof WasmBackend, nn.Linear.name, String(new nn.ReLU()))
  `)
  expect(output).toBe('true true Linear ReLU()\n')
})

test('threads find their worker', () => {
  const output = run(`
    import { compile, setBackend, tensor } from './index.js'
    import { WasmBackend } from './backends/wasm/index.js'
    const backend = new WasmBackend({ threads: 2, sharedWork: 0 })
    setBackend(backend)
    await backend.whenReady()
    const twice = compile((x) => x.mul(2).sum())
    console.log(await (await twice(tensor([1, 2, 3]))).item())
  `)
  expect(output).toBe('12\n')
})
