/** Keeps the building in shape: checks the rules of `support/architecture.ts` on src/, and the checker on files that break them. */
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { checkArchitecture } from './support/architecture.ts'
import { findImports } from './support/imports.ts'
import { readSource } from './support/source-text.ts'

const root = new URL('../', import.meta.url)

function readFolder(folder: string): Map<string, string> {
  const names = readdirSync(new URL(folder, root), { recursive: true, encoding: 'utf8' })
  const paths = names.filter((name) => name.endsWith('.ts')).map((name) => `${folder}${name.replaceAll('\\', '/')}`)
  return new Map(paths.sort().map((path) => [path, readFileSync(new URL(path, root), 'utf8')]))
}

test('src/ keeps the rules', () => {
  const files = readFolder('src/')
  expect(files.size).toBeGreaterThan(10)
  expect(checkArchitecture(files)).toEqual([])
})

describe('the checker', () => {
  const check = (files: Record<string, string>) => checkArchitecture(new Map(Object.entries(files)))
  const base = { 'src/base/errors.ts': 'export const x = 1\n' }

  test('accepts imports downwards, within a folder and between the folders of floors 6 and 7', () => {
    const files = {
      ...base,
      'src/nn/module.ts': "import { x } from '../base/errors.ts'\nexport const y = x\n",
      'src/nn/linear.ts': "import { y } from './module.ts'\nimport type { z } from '../loss/mse.ts'\n",
      'src/loss/mse.ts': 'export const z = 1\n',
      'src/index.ts': "export * from './nn/linear.ts'\n",
      'src/cli/main.ts':
        "import { readFileSync } from 'node:fs'\nimport { Command } from 'commander'\nimport '../index.ts'\n",
    }
    expect(check(files)).toEqual([])
  })

  test.each([
    ['an upward import', 'src/ir/node.ts', '../tensor/tensor.ts', 'imports upwards: ir (floor 2) → tensor (floor 5)'],
    ['an upward type import', 'src/ir/node.ts', '../tensor/tensor.ts', 'imports upwards'],
    ['an import of the root', 'src/nn/linear.ts', '../index.ts', 'imports upwards: nn (floor 6) → index.ts (floor 8)'],
    ['a sibling', 'src/grad/rules.ts', '../compile/fuse.ts', 'imports a sibling: grad → compile, both on floor 3'],
    [
      'a backend from tensor',
      'src/tensor/tensor.ts',
      '../backends/wasm/a.ts',
      'imports a sibling: tensor → backends/wasm',
    ],
    [
      'a backend from a backend',
      'src/backends/wasm/a.ts',
      '../interpreter/b.ts',
      'imports a sibling: backends/wasm → backends/interpreter',
    ],
    ['a package', 'src/io/onnx.ts', 'protobufjs', 'imports the package protobufjs; only src/cli may'],
    ['a Node module', 'src/io/npy.ts', 'node:fs', 'imports node:fs, but this file also runs in browsers'],
    ['a Node-only file', 'src/io/npy.ts', './files.ts', 'imports src/io/files.ts, which needs Node'],
    ['a missing file', 'src/io/npy.ts', './gone.ts', 'imports src/io/gone.ts, which does not exist'],
  ])('refuses %s', (kind, path, specifier, message) => {
    const target = new URL(specifier.startsWith('.') ? specifier : './x.ts', `file:///${path}`).pathname.slice(1)
    const keyword = kind.includes('type') ? 'import type' : 'import'
    const files = {
      [path]: `\n${keyword} { q } from '${specifier}'\n`,
      ...(kind === 'a missing file' ? {} : { [target]: '' }),
    }
    const found = check(files).filter((line) => line.startsWith(path))
    expect(found).toEqual([expect.stringContaining(`${path}:2: ${message}`)])
  })

  test('a Node-only file may be imported when it is needed, and for its types', () => {
    const files = {
      'src/io/files.ts': "import 'node:fs'\n",
      'src/io/npy.ts': "import type { a } from './files.ts'\nconst b = await import('./files.ts')\n",
    }
    expect(check(files)).toEqual([])
  })

  test.each(['process.exit(1)', 'Buffer.from([1])', 'const a = require("b")'])('what only Node has: %s', (line) => {
    expect(check({ 'src/nn/a.ts': `\n${line}\n` })).toEqual([
      'src/nn/a.ts:2: uses what only Node has, but this file also runs in browsers',
    ])
    expect(check({ 'src/cli/a.ts': `${line}\n` })).toEqual([])
  })

  test('a worker started from another floor is an import too', () => {
    const files = {
      'src/ir/node.ts': "new Worker(new URL('../tensor/worker.ts', import.meta.url))\n",
      'src/tensor/worker.ts': '',
    }
    expect(check(files)).toEqual([expect.stringContaining('imports upwards')])
  })

  test('a cycle, types included', () => {
    const files = {
      'src/nn/a.ts': "import type { b } from './b.ts'\n",
      'src/nn/b.ts': "export { c } from './c.ts'\n",
      'src/nn/c.ts': "import './a.ts'\n",
    }
    expect(check(files)).toEqual([
      'src/nn/a.ts:1: a cycle of imports: src/nn/a.ts → src/nn/b.ts → src/nn/c.ts → src/nn/a.ts',
    ])
  })

  test('a file that is too long', () => {
    expect(check({ 'src/nn/a.ts': 'x\n'.repeat(550) })).toEqual([])
    expect(check({ 'src/nn/a.ts': 'x\n'.repeat(551) })).toEqual(['src/nn/a.ts:551: 551 lines; a file has at most 550'])
  })

  test.each(['src/nn/utils.ts', 'src/nn/helpers/a.ts', 'src/base/common.ts', 'src/misc/a.ts', 'src/nn/util.test.ts'])(
    'a name that says nothing: %s',
    (path) => {
      expect(check({ [path]: '' })).toContainEqual(expect.stringContaining('a name that says nothing'))
    },
  )

  test('a folder without a floor', () => {
    expect(check({ 'src/vision/a.ts': '' })).toEqual(['src/vision/a.ts:1: a folder that is not in the table of floors'])
  })

  test.each([`// ${'TO'}DO later`, `/* ${'FIX'}ME */`, `const a = '${'XX'}X'`])('an unfinished mark: %s', (line) => {
    expect(check({ 'src/nn/a.ts': `\n${line}\n` })).toEqual(['src/nn/a.ts:2: an unfinished mark'])
  })

  test.each(['ignore', 'nocheck'])('a silenced compiler: %s', (word) => {
    expect(check({ 'src/nn/a.ts': `// @ts-${word}\n` })).toEqual(['src/nn/a.ts:1: a silenced compiler'])
  })

  test.each([
    'let a: any',
    'const b = a as any',
    'const c: Map<string, any> = d',
    'const e: Array<any> = d',
    'const f: string | any = d',
    'type G = any',
    'const h: any[] = []',
    'type F = () => any',
    'function f(x?: any) {}',
  ])('the type any: %s', (line) => {
    expect(check({ 'src/nn/a.ts': `\n${line}\n` })).toEqual(['src/nn/a.ts:2: the type any'])
  })

  test.each([
    '// any of these',
    "const a = ': any'",
    'x.any()',
    'import { all, any } from "./b.ts"',
    'a || any(b)',
    'a ? b : any(c)',
  ])('the word any elsewhere: %s', (line) => {
    expect(check({ 'src/nn/a.ts': `${line}\n`, 'src/nn/b.ts': '' })).toEqual([])
  })
})

describe('imports in text', () => {
  const specifiers = (text: string) =>
    findImports(readSource(text)).map(({ specifier, kind }) => `${kind} ${specifier}`)

  test('every form', () => {
    const text = `
      import a from './a.ts'
      import { b,
        type c } from "./b.ts"
      import type { d } from './d.ts'
      import type from './type.ts'
      import * as e from './e.ts'
      import './f.ts'
      export * from './g.ts'
      export { h } from './h.ts'
      export type { i } from './i.ts'
      const j = await import('./j.ts')
      type K = typeof import('./k.ts')
      new URL('./l.ts', import.meta.url); new URL('./m.bin', import.meta.url)
    `
    expect(specifiers(text).sort()).toEqual(
      [
        'value ./a.ts',
        'value ./b.ts',
        'type ./d.ts',
        'value ./type.ts',
        'value ./e.ts',
        'value ./f.ts',
        'value ./g.ts',
        'value ./h.ts',
        'type ./i.ts',
        'lazy ./j.ts',
        'type ./k.ts',
        'lazy ./l.ts',
      ].sort(),
    )
  })

  test('nothing from comments, strings, templates and regular expressions', () => {
    const open = '$'.concat('{')
    const text = [
      "// import './a.ts'",
      "/** import b from './b.ts' */",
      'const s = "import \'./c.ts\'"',
      `const t = \`import './d.ts' ${open}\`from './e.ts'\` + { f: 1 }.f} import './g.ts'\``,
      "const r = /import '.\\/h.ts'[/]/g",
      "const q = a / b; import './yes.ts'; const z = c / d",
      'export const from = 1',
    ].join('\n')
    expect(specifiers(text)).toEqual(['value ./yes.ts'])
  })
})
