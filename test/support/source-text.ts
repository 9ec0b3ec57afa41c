/**
 * Splits TypeScript text into code, comments and string literals without a compiler, for the tests of the architecture and of
 * the documentation. Positions are kept, so that every finding can name its line. JSX is left out.
 */

export interface Span {
  readonly start: number
  readonly end: number
}

export interface SourceText {
  readonly text: string
  /** The text with the insides of comments, strings, templates and regular expressions blanked; same length and lines. */
  readonly code: string
  readonly comments: readonly Span[]
  /** String literals, quotes included. */
  readonly strings: readonly Span[]
}

/** After one of these words a `/` starts a regular expression. */
const expressionFollows = /(?:^|[^\w$.])(?:return|typeof|case|in|of|delete|void|throw|new|do|else|await|yield)$/

export function readSource(text: string): SourceText {
  const comments: Span[] = []
  const strings: Span[] = []
  const blanked: Span[] = []
  /** Depth of braces within each open `${…}` of a template. */
  const templates: number[] = []
  let position = 0
  let braces = 0

  const readTemplate = (start: number): void => {
    let at = start
    while (at < text.length && text[at] !== '`' && !text.startsWith('${', at)) at += text[at] === '\\' ? 2 : 1
    blanked.push({ start, end: at })
    position = at + (text[at] === '`' ? 1 : 2)
    if (text[at] !== '`') {
      templates.push(braces)
      braces = 0
    }
  }

  while (position < text.length) {
    const character = text[position]
    if (text.startsWith('//', position) || text.startsWith('/*', position)) {
      const end = endOfComment(text, position)
      comments.push({ start: position, end })
      blanked.push({ start: position, end })
      position = end
    } else if (character === "'" || character === '"') {
      const end = endOfString(text, position)
      strings.push({ start: position, end })
      blanked.push({ start: position + 1, end: end - 1 })
      position = end
    } else if (character === '`') {
      readTemplate(position + 1)
    } else if (character === '}' && braces === 0 && templates.length > 0) {
      braces = templates.pop() ?? 0
      readTemplate(position + 1)
    } else if (character === '/' && regexFollows(text, position, comments)) {
      const end = endOfRegex(text, position)
      blanked.push({ start: position + 1, end: end - 1 })
      position = end
    } else {
      if (character === '{') braces += 1
      if (character === '}') braces -= 1
      position += 1
    }
  }
  return { text, code: blank(text, blanked), comments, strings }
}

/** The line of a position, from 1. */
export function lineAt(text: string, position: number): number {
  let line = 1
  for (let at = text.indexOf('\n'); at !== -1 && at < position; at = text.indexOf('\n', at + 1)) line += 1
  return line
}

function endOfComment(text: string, start: number): number {
  const line = text[start + 1] === '/'
  const end = text.indexOf(line ? '\n' : '*/', start + 2)
  if (end === -1) return text.length
  return line ? end : end + 2
}

function endOfString(text: string, start: number): number {
  let at = start + 1
  while (at < text.length && text[at] !== text[start] && text[at] !== '\n') at += text[at] === '\\' ? 2 : 1
  return at + 1
}

function endOfRegex(text: string, start: number): number {
  let inClass = false
  let at = start + 1
  for (; at < text.length && text[at] !== '\n'; at++) {
    if (text[at] === '\\') at += 1
    else if (text[at] === '[') inClass = true
    else if (text[at] === ']') inClass = false
    else if (text[at] === '/' && !inClass) break
  }
  return at + 1
}

/** Whether the `/` at `position` starts a regular expression rather than dividing what precedes it. */
function regexFollows(text: string, position: number, comments: readonly Span[]): boolean {
  let at = position - 1
  for (;;) {
    while (at >= 0 && /\s/.test(text[at] ?? '')) at -= 1
    const comment = comments.find((span) => span.end === at + 1)
    if (comment === undefined) break
    at = comment.start - 1
  }
  if (at < 0) return true
  if (/[\w$]/.test(text[at] ?? '')) return expressionFollows.test(text.slice(Math.max(0, at - 12), at + 1))
  return !/[)\]}'"`]/.test(text[at] ?? '')
}

function blank(text: string, spans: readonly Span[]): string {
  let result = ''
  let at = 0
  for (const { start, end } of spans) {
    result += text.slice(at, start) + text.slice(start, end).replace(/[^\n]/g, ' ')
    at = end
  }
  return result + text.slice(at)
}
