/**
 * The rules of the building, checked on the text of the source files: floors, siblings, browser safety, cycles, sizes, names and
 * unfinished marks. Works on a map from path to text, so that the test can prove each rule on files that break it.
 */
import { type CodeImport, findImports } from './imports.ts'
import { lineAt, readSource } from './source-text.ts'

/** Paths such as `src/nn/linear.ts`, with their text. */
export type SourceFiles = ReadonlyMap<string, string>

interface Floor {
  /** Folders under src/, each with all that is in it. */
  readonly folders: readonly string[]
  /** Whether folders of this floor may import one another. */
  readonly siblings: boolean
}

/** The building from the ground up: a folder imports from lower floors only, and from its own where `siblings` says so. */
export const floors: readonly Floor[] = [
  { folders: ['base'], siblings: false },
  { folders: ['shape', 'random'], siblings: true },
  { folders: ['ir'], siblings: false },
  { folders: ['grad', 'compile'], siblings: false },
  { folders: ['runtime'], siblings: false },
  {
    folders: ['tensor', 'backends/interpreter', 'backends/wasm', 'backends/webgpu', 'backends/native'],
    siblings: false,
  },
  { folders: ['nn', 'optim', 'loss', 'metrics', 'data'], siblings: true },
  { folders: ['train', 'explain', 'models', 'io'], siblings: true },
  // The composition root: wires the default backend in and re-exports everything.
  { folders: ['index.ts'], siblings: false },
  { folders: ['cli'], siblings: false },
]

/** The only files that may use Node's own modules; everything else runs in a browser as well. */
export const nodeOnly: readonly string[] = [
  'src/cli/',
  'src/data/node/',
  'src/io/files.ts',
  'src/io/node/',
  'src/train/node/',
  'src/backends/wasm/threads-node.ts',
  'src/backends/native/',
]

/** The only folder that may use packages; the library itself has no run-time dependency. */
const packagesAllowedIn = 'src/cli/'

const mostLines = 550
const forbiddenNames = /(?:^|\/)(?:utils?|helpers?|common|misc)(?:\.(?:test\.)?ts$|\/)/
const unfinishedMark = /\b(?:TODO|FIXME|XXX)\b/
const silencedCompiler = /@ts-(?:ignore|nocheck)\b/
/** Globals of Node; `globalThis.process?.…` asks first and is fine anywhere. */
const nodeGlobal = /(?<![\w$.])(?:process\.|Buffer\.|require\(|__dirname\b|__filename\b)/
const anyType = new RegExp(
  [
    String.raw`[:?]\s*any\b(?!\s*[(.])`,
    String.raw`\b(?:as|extends|satisfies|is)\s+any\b`,
    String.raw`<\s*any\b`,
    String.raw`<[^<>(){};]*,\s*any\s*[,>[]`,
    String.raw`(?<![|&])[|&]\s*any\b(?!\s*[(.])`,
    String.raw`=>\s*any\b(?!\s*[(.])`,
    String.raw`\bany\s*\[\s*\]`,
    String.raw`\btype\s+\w+(?:<[^>]*>)?\s*=\s*any\b`,
  ].join('|'),
)

/** Every violation as `path:line: what is wrong`. */
export function checkArchitecture(files: SourceFiles): string[] {
  return [...files].flatMap(([path, text]) => checkFile(path, text, files)).concat(findCycles(files))
}

function checkFile(path: string, text: string, files: SourceFiles): string[] {
  const source = readSource(text)
  const found: string[] = []
  const report = (position: number, message: string) => found.push(`${path}:${lineAt(text, position)}: ${message}`)
  const reportMatch = (pattern: RegExp, within: string, message: string) => {
    const match = pattern.exec(within)
    if (match) report(match.index, message)
  }
  const lines = text.split('\n').length - (text.endsWith('\n') ? 1 : 0)
  if (lines > mostLines) report(text.length - 1, `${lines} lines; a file has at most ${mostLines}`)
  if (forbiddenNames.test(path)) report(0, 'a name that says nothing; name what the file is for')
  reportMatch(unfinishedMark, text, 'an unfinished mark')
  reportMatch(silencedCompiler, text, 'a silenced compiler')
  reportMatch(anyType, source.code, 'the type any')
  if (isTest(path)) return found
  if (!isNodeOnly(path))
    reportMatch(nodeGlobal, source.code, 'uses what only Node has, but this file also runs in browsers')
  if (folderOf(path) === undefined) report(0, 'a folder that is not in the table of floors')
  for (const entry of findImports(source)) {
    const problem = checkImport(path, entry, files)
    if (problem !== undefined) report(entry.position, problem)
  }
  return found
}

function checkImport(path: string, entry: CodeImport, files: SourceFiles): string | undefined {
  const { specifier } = entry
  if (specifier.startsWith('node:')) {
    return isNodeOnly(path) ? undefined : `imports ${specifier}, but this file also runs in browsers`
  }
  if (!specifier.startsWith('.')) {
    return path.startsWith(packagesAllowedIn) ? undefined : `imports the package ${specifier}; only src/cli may`
  }
  const target = resolveImport(path, specifier)
  if (!files.has(target)) return `imports ${target}, which does not exist`
  if (isTest(target)) return `imports the test ${target}`
  if (isNodeOnly(target) && !isNodeOnly(path) && entry.kind === 'value') {
    return `imports ${target}, which needs Node, but this file also runs in browsers; import it when it is needed`
  }
  return checkFloors(path, target)
}

function checkFloors(path: string, target: string): string | undefined {
  const from = folderOf(path)
  const to = folderOf(target)
  if (from === undefined || to === undefined || from.folder === to.folder) return undefined
  if (to.level > from.level)
    return `imports upwards: ${from.folder} (floor ${from.level}) → ${to.folder} (floor ${to.level})`
  if (to.level < from.level || floors[to.level]?.siblings) return undefined
  return `imports a sibling: ${from.folder} → ${to.folder}, both on floor ${to.level}`
}

function folderOf(path: string): { folder: string; level: number } | undefined {
  for (const [level, floor] of floors.entries()) {
    for (const folder of floor.folders) {
      if (path === `src/${folder}` || path.startsWith(`src/${folder}/`)) return { folder, level }
    }
  }
  return undefined
}

/** One message for each cycle of imports, types included; imports made when needed (`import()`) do not count. */
function findCycles(files: SourceFiles): string[] {
  const found: string[] = []
  const state = new Map<string, 'open' | 'done'>()
  const trail: string[] = []
  const visit = (path: string): void => {
    if (state.get(path) === 'done') return
    if (state.get(path) === 'open') {
      found.push(`${path}:1: a cycle of imports: ${[...trail.slice(trail.indexOf(path)), path].join(' → ')}`)
      return
    }
    state.set(path, 'open')
    trail.push(path)
    for (const target of staticTargets(path, files)) visit(target)
    trail.pop()
    state.set(path, 'done')
  }
  for (const path of files.keys()) visit(path)
  return found
}

function staticTargets(path: string, files: SourceFiles): string[] {
  return findImports(readSource(files.get(path) ?? ''))
    .filter((entry) => entry.kind !== 'lazy' && entry.specifier.startsWith('.'))
    .map((entry) => resolveImport(path, entry.specifier))
    .filter((target) => files.has(target))
}

function resolveImport(path: string, specifier: string): string {
  return new URL(specifier, `file:///${path}`).pathname.slice(1)
}

function isNodeOnly(path: string): boolean {
  return nodeOnly.some((entry) => (entry.endsWith('/') ? path.startsWith(entry) : path === entry))
}

function isTest(path: string): boolean {
  return path.endsWith('.test.ts')
}
