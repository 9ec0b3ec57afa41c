/** Finds what a file imports, from its text. */
import type { SourceText } from './source-text.ts'

export interface CodeImport {
  readonly specifier: string
  readonly position: number
  /** `lazy` for `import()` and for `new URL('…', import.meta.url)`, as workers are started. */
  readonly kind: 'value' | 'type' | 'lazy'
}

/** Up to the opening quote of the specifier; matched on code whose strings are blanked. */
const statement = /(?<![\w$.])(?:import|export)\b(?<type>\s+type\b(?!\s*(?:,|from\b)))?[^;'"`()=]*?\bfrom\s*(?=['"])/g
const sideEffect = /(?<![\w$.])import\s*(?=['"])/g
const lazy = /(?<before>typeof\s+)?(?<![\w$.])import\s*\(\s*(?=['"])/g
const location = /\bnew\s+URL\(\s*(?=['"][^'"]*['"]\s*,\s*import\.meta\.url)/g

export function findImports(source: SourceText): CodeImport[] {
  const found: CodeImport[] = []
  const collect = (pattern: RegExp, kindOf: (groups: Record<string, string | undefined>) => CodeImport['kind']) => {
    for (const match of source.code.matchAll(pattern)) {
      const start = match.index + match[0].length
      const literal = source.strings.find((span) => span.start === start)
      if (literal === undefined) continue
      const specifier = source.text.slice(literal.start + 1, literal.end - 1)
      found.push({ specifier, position: match.index, kind: kindOf(match.groups ?? {}) })
    }
  }
  collect(statement, (groups) => (groups.type === undefined ? 'value' : 'type'))
  collect(sideEffect, () => 'value')
  collect(lazy, (groups) => (groups.before === undefined ? 'lazy' : 'type'))
  collect(location, () => 'lazy')
  return found.filter(({ specifier, kind }) => kind !== 'lazy' || !isPlainFile(specifier))
}

/** `new URL('../data.bin', …)` names a file that is read, not code. */
function isPlainFile(specifier: string): boolean {
  return specifier.startsWith('.') && !specifier.endsWith('.ts')
}
