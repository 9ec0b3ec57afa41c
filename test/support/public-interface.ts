/** Finds what the library exports and the text that documents it, by following `export … from` through the files of src/. */
import { readFileSync } from 'node:fs'
import { posix } from 'node:path'

const root = new URL('../../', import.meta.url)
const texts = new Map<string, string>()

function textOf(path: string): string {
  const known = texts.get(path) ?? readFileSync(new URL(path, root), 'utf8')
  texts.set(path, known)
  return known
}

/** A class or function as it stands in its file. */
export interface Declaration {
  readonly path: string
  readonly kind: 'class' | 'function' | 'value'
  /** Its doc comment; empty when there is none. */
  readonly doc: string
  /** From its first line to the line that closes it. */
  readonly body: string
}

interface Reexport {
  /** What is taken, by its new name; undefined for all. */
  readonly names: ReadonlyMap<string, string> | undefined
  /** Of `export * as name`. */
  readonly namespace: string | undefined
  readonly path: string
}

function reexportsOf(path: string): Reexport[] {
  const pattern = /^(?:export|import) (?:\*(?: as (\w+))?|\{([^}]*)\}) from '(\.[^']+)'/gm
  return [...textOf(path).matchAll(pattern)].map(([line, namespace, list, specifier]) => ({
    names: list === undefined ? undefined : namesIn(list),
    namespace,
    path: posix.join(posix.dirname(path), specifier ?? ''),
    line,
  }))
}

function namesIn(list: string): Map<string, string> {
  const parts = list.split(',').map((part) => part.trim())
  return new Map(
    parts
      .filter((part) => part !== '' && !part.startsWith('type '))
      .map((part) => part.split(' as '))
      .map(([inner = '', outer = inner]) => [outer, inner]),
  )
}

/** The file behind `export * as name`. */
function namespaceFile(path: string, name: string): string | undefined {
  return reexportsOf(path).find(({ namespace }) => namespace === name)?.path
}

/** Where `name` is declared that `path` exports. */
export function declarationOf(path: string, name: string): Declaration | undefined {
  const text = textOf(path)
  const pattern = new RegExp(`^export (?:abstract )?(?:async )?(function\\*?|class|const) ${name}\\b`, 'm')
  const found = pattern.exec(text)
  if (found) return describe(path, found.index, found[1] ?? '')
  for (const { names, namespace, path: next } of reexportsOf(path)) {
    const inner = names ? names.get(name) : name
    const declaration = namespace === undefined && inner !== undefined ? declarationOf(next, inner) : undefined
    if (declaration) return declaration
  }
  return undefined
}

function describe(path: string, start: number, keyword: string): Declaration {
  const text = textOf(path)
  const doc = /\/\*\*(?:(?!\*\/)[\s\S])*\*\/\n$/.exec(text.slice(0, start))?.[0] ?? ''
  const end = text.indexOf('\n}', start)
  const kind = keyword === 'class' ? 'class' : keyword === 'const' ? 'value' : 'function'
  return { path, kind, doc, body: text.slice(start, end < 0 ? undefined : end) }
}

/** Every class and function that a module gives, with those of its namespaces, by its full name. */
export function publicDeclarations(module: object, path: string, prefix = ''): [string, Declaration | undefined][] {
  return Object.entries(module).flatMap(([name, value]): [string, Declaration | undefined][] => {
    const inner = namespaceFile(path, name)
    if (inner !== undefined) return publicDeclarations(value as object, inner, `${prefix}${name}.`)
    return typeof value === 'function' ? [[prefix + name, declarationOf(path, name)]] : []
  })
}
