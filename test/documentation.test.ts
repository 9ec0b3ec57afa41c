/**
 * Runs every example of the documentation: the ```ts blocks of README.md and docs/, and the `@example`s of the doc comments of
 * src/. One run of the compiler checks the types of all of them, then each is imported on its own, in an empty folder.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type Example, examplesInMarkdown, examplesInSource } from './support/examples.ts'
import { mismatch } from './support/printed.ts'

const root = fileURLToPath(new URL('../', import.meta.url))
const folder = join(root, '.cache/documentation')
const workFolder = join(folder, 'work')
const configuration = {
  extends: '../../tsconfig.json',
  compilerOptions: { rootDir: '../..', noUnusedLocals: false, noUnusedParameters: false },
  include: ['*.ts'],
}

const filesOf = (parent: string, ending: string): string[] =>
  readdirSync(join(root, parent), { recursive: true, encoding: 'utf8' })
    .map((name) => join(parent, name).replaceAll('\\', '/'))
    .filter((path) => path.endsWith(ending) && !/\.test\.ts$|node_modules|docs\/api\//.test(path))
    .sort()

const read = (path: string): string => readFileSync(join(root, path), 'utf8')
const examples: readonly Example[] = [
  ...['README.md', ...filesOf('docs', '.md')].flatMap((path) => examplesInMarkdown(path, read(path))),
  ...filesOf('src', '.ts').flatMap((path) => examplesInSource(path, read(path))),
]
const placeOf = (example: Example): string => `${example.path}:${example.line}`
const fileOf = (example: Example): string => `${placeOf(example).replace(/[^A-Za-z0-9]+/g, '-')}.ts`

/** Writes one module for each example and removes those of examples that are gone; equal files are left alone. */
function writeExamples(): void {
  mkdirSync(folder, { recursive: true })
  const wanted = new Map(examples.map((example) => [fileOf(example), `${example.code}\nexport {}\n`]))
  wanted.set('tsconfig.json', `${JSON.stringify(configuration, null, 2)}\n`)
  for (const name of readdirSync(folder)) if (!wanted.has(name)) rmSync(join(folder, name), { recursive: true })
  for (const [name, text] of wanted) {
    const path = join(folder, name)
    if (!existsSync(path) || readFileSync(path, 'utf8') !== text) writeFileSync(path, text)
  }
}

/** What the compiler says of each example, by its file; errors elsewhere are the business of `npm run typecheck`. */
function checkTypes(): Map<string, string[]> {
  const found = new Map<string, string[]>()
  for (const line of compilerOutput().split('\n')) {
    const parts = /^(?:.*\/)?([^/(]+)\((\d+),\d+\): (error TS.*)$/.exec(line)
    const example = examples.find((candidate) => fileOf(candidate) === parts?.[1])
    if (!parts || !example) continue
    const place = `${example.path}:${example.line + Number(parts[2]) - 1}: ${parts[3]}`
    found.set(fileOf(example), [...(found.get(fileOf(example)) ?? []), place])
  }
  return found
}

function compilerOutput(): string {
  try {
    return execFileSync(join(root, 'node_modules/.bin/tsc'), ['-p', folder, '--noEmit', '--pretty', 'false'], {
      encoding: 'utf8',
      cwd: root,
    })
  } catch (error) {
    if (error instanceof Error && 'stdout' in error && typeof error.stdout === 'string') return error.stdout
    throw error
  }
}

/** Runs an example without its output and compares that with the comments beside; an error names the line of the document. */
async function run(example: Example): Promise<void> {
  const lineOf = (stack: string): number => {
    const inside = new RegExp(`${fileOf(example).replace('.', '\\.')}:(\\d+)`).exec(stack)
    return inside ? Number(inside[1]) - 1 : 0
  }
  const printed = new Map<number, unknown[]>()
  const log = vi.spyOn(console, 'log').mockImplementation((...values) => {
    const line = lineOf(new Error().stack ?? '')
    printed.set(line, [...(printed.get(line) ?? []), ...values])
  })
  try {
    await import(/* @vite-ignore */ join(folder, fileOf(example)))
  } catch (error) {
    const line = example.line + lineOf(error instanceof Error ? (error.stack ?? '') : '')
    throw new Error(`${example.path}:${line}: ${error instanceof Error ? error.message : error}`, { cause: error })
  } finally {
    log.mockRestore()
  }
  const wrong = [...printed].flatMap(([line, values]) => {
    const comment = /\/\/ (.*)$/.exec(example.code.split('\n')[line] ?? '')?.[1]
    const found = comment === undefined ? undefined : mismatch(values, comment)
    return found === undefined ? [] : [`${example.path}:${example.line + line}: ${found}`]
  })
  expect(wrong).toEqual([])
}

describe('examples of the documentation', () => {
  let typeErrors = new Map<string, string[]>()
  let ran = 0
  const home = process.cwd()

  beforeAll(() => {
    writeExamples()
    typeErrors = checkTypes()
    mkdirSync(workFolder, { recursive: true })
    process.chdir(workFolder)
  })
  afterAll(() => {
    process.chdir(home)
    rmSync(workFolder, { recursive: true, force: true })
    console.log(`documentation: ${ran} of ${examples.length} examples ran`)
  })

  test('README.md has one', () => {
    expect(examples.filter((example) => example.path === 'README.md')).not.toEqual([])
  })

  test.each(examples.map((example) => [placeOf(example), example] as const))('%s', async (_place, example) => {
    expect(typeErrors.get(fileOf(example)) ?? []).toEqual([])
    await run(example)
    ran += 1
  })
})

describe('comments beside what is printed', () => {
  test.each([
    [[[1, 0.25]], '[1, 0.25]', true],
    [[new Float32Array([0.1, -2])], '[0.1, -2]', true],
    [[0.333333], '0.333…', true],
    [[0.34], '0.333…', false],
    [[2.4], '2', false],
    [[[1, 2]], '[1, 2, 3]', false],
    [[true, Number.NaN], 'true NaN', true],
    [[false], 'true', false],
    [[0.7], 'about ln 2', true],
    [[-1], '−1', true],
  ])('%j beside // %s', (values, comment, right) => {
    expect(mismatch(values, comment) === undefined).toBe(right)
  })
})

describe('finding examples', () => {
  test('the ts blocks of Markdown, with the line of their code', () => {
    const text = '# A\n```ts\nconst a = 1\n```\n```sh\nnpm\n```\n  ```ts\n  const b = 2\n  ```\n'
    expect(examplesInMarkdown('README.md', text)).toEqual([
      { path: 'README.md', line: 3, code: 'const a = 1' },
      { path: 'README.md', line: 9, code: '  const b = 2' },
    ])
  })

  test('the @example tags of doc comments, fenced or not, up to the next tag', () => {
    const text = [
      '/** One. @see nothing */',
      'const a = "/** @example no */"',
      '/**',
      ' * Two.',
      ' * @example',
      ' * ```ts',
      " * import { x } from 'y'",
      ' * @decorated class {}',
      ' * ```',
      ' * @throws never',
      ' * @example',
      ' * const z = 1',
      ' */',
    ].join('\n')
    expect(examplesInSource('src/a.ts', text)).toEqual([
      { path: 'src/a.ts', line: 7, code: "import { x } from 'y'\n@decorated class {}" },
      { path: 'src/a.ts', line: 12, code: 'const z = 1' },
    ])
  })
})
