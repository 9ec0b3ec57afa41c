/** Finds the examples of the documentation: ```ts blocks of Markdown files and `@example`s of doc comments. */
import { lineAt, readSource } from './source-text.ts'

export interface Example {
  /** Path from the root of the project. */
  readonly path: string
  /** The line of its first line of code, from 1. */
  readonly line: number
  readonly code: string
}

interface Line {
  readonly number: number
  readonly text: string
}

/** The ```ts blocks of a Markdown text. */
export function examplesInMarkdown(path: string, text: string): Example[] {
  return fencedBlocks(
    path,
    text.split('\n').map((line, index) => ({ number: index + 1, text: line })),
  )
}

/** The `@example`s of all doc comments of a TypeScript text; the code may stand in a ```ts fence or by itself. */
export function examplesInSource(path: string, text: string): Example[] {
  return readSource(text)
    .comments.filter(({ start }) => text.startsWith('/**', start))
    .flatMap(({ start, end }) => examplesInComment(path, commentLines(text.slice(start, end), lineAt(text, start))))
}

function commentLines(comment: string, firstLine: number): Line[] {
  return comment
    .replace(/^\/\*\*/, '')
    .replace(/\*\/$/, '')
    .split('\n')
    .map((line, index) => ({ number: firstLine + index, text: index === 0 ? line : line.replace(/^\s*\* ?/, '') }))
}

function examplesInComment(path: string, lines: readonly Line[]): Example[] {
  const found: Example[] = []
  let body: Line[] | undefined
  let fenced = false
  const close = () => {
    if (body !== undefined) found.push(...examplesInBody(path, body))
    body = undefined
  }
  for (const line of lines) {
    if (/^\s*```/.test(line.text)) fenced = !fenced
    const tag = fenced ? null : /^\s*@(\w+)(.*)$/.exec(line.text)
    if (tag) {
      close()
      if (tag[1] === 'example') body = [{ number: line.number, text: tag[2] ?? '' }]
    } else body?.push(line)
  }
  close()
  return found
}

function examplesInBody(path: string, body: readonly Line[]): Example[] {
  if (body.some((line) => /^\s*```/.test(line.text))) return fencedBlocks(path, body)
  const lines = body.slice(body.findIndex((line) => line.text.trim() !== ''))
  return [toExample(path, lines)]
}

function fencedBlocks(path: string, lines: readonly Line[]): Example[] {
  const found: Example[] = []
  let block: Line[] | undefined
  let other = false
  for (const line of lines) {
    const fence = /^\s*```(\S*)/.exec(line.text)
    if (!fence) block?.push(line)
    else if (block !== undefined) {
      found.push(toExample(path, block))
      block = undefined
    } else if (other) other = false
    else if (fence[1] === 'ts') block = []
    else other = true
  }
  return found
}

function toExample(path: string, lines: readonly Line[]): Example {
  return {
    path,
    line: lines[0]?.number ?? 0,
    code: lines
      .map((line) => line.text)
      .join('\n')
      .trimEnd(),
  }
}
