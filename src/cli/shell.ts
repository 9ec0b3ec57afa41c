/** Command lines to show: what a person can copy into a shell. */

/** The words as one line, quoted where a shell needs it. */
export function commandLine(...words: readonly string[]): string {
  return words.map(quoted).join(' ')
}

/** The line that starts this program with `words`. */
export function ownCommand(...words: readonly string[]): string {
  return commandLine('npx', 'cognitron', ...words)
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}
