/** What a page that trains has to load: a gate, because it is the same on every machine. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type Bundle, bundle, findFaults } from '../scripts/bundle-size/bundle.ts'

/** Runs a bundle in a process of its own; what it prints. */
function run({ files }: Bundle): string {
  const folder = mkdtempSync(join(tmpdir(), 'cognitron-bundle-'))
  try {
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
    for (const [name, code] of files) writeFileSync(join(folder, name), code)
    return execFileSync(process.execPath, [join(folder, 'page.js')], { encoding: 'utf8' })
  } finally {
    rmSync(folder, { recursive: true })
  }
}

test('a page that trains a convolutional network loads at most 62 KiB, and nothing that it does not use', async () => {
  const page = await bundle('./entry.ts')
  expect(findFaults(page)).toEqual([])
  expect(page.workerGzipBytes).toBeLessThan(1024)
  // Ten classes, unknown weights: about log 10.
  expect(Number(run(page).trim() || Number.NaN)).toBeCloseTo(Math.log(10), 0)
})

test('parts of the library work without its root', async () => {
  const parts = await bundle('./parts-entry.ts')
  expect(findFaults(parts)).toEqual([])
  expect([...parts.sources.keys()]).not.toContain('src/index.ts')
  expect(run(parts)).toMatch(/^\d\S*\n$/)
})

test('faults are found', () => {
  const bad: Bundle = {
    files: new Map([['page.js', "import { x } from 'node:fs'"]]),
    bytes: 0,
    gzipBytes: 99999,
    workerGzipBytes: 0,
    sources: new Map([['src/cli/main.ts', 1]]),
    imports: ['commander'],
  }
  expect(findFaults(bad)).toEqual([
    'imports commander when it runs',
    'holds src/cli/main.ts',
    "imports from Node in page.js: from 'node:fs",
    'takes 99999 bytes compressed, more than 63488',
  ])
})
