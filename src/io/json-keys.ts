/** Finds a name that occurs twice in one object of a JSON text, which `JSON.parse` passes over in silence. */

/** The first key that repeats in the same object of the valid JSON `text`, else undefined. */
export function findDuplicateKey(text: string): string | undefined {
  // One entry for each open bracket: the keys seen in an object, undefined in an array.
  const open: (Set<string> | undefined)[] = []
  const token = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\]]/g
  for (let match = token.exec(text); match; match = token.exec(text)) {
    const [found] = match
    if (found === '{') open.push(new Set())
    else if (found === '[') open.push(undefined)
    else if (found === '}' || found === ']') open.pop()
    else if (isKey(text, token.lastIndex)) {
      const key = JSON.parse(found) as string
      const keys = open.at(-1)
      if (keys?.has(key)) return key
      keys?.add(key)
    }
  }
  return undefined
}

/** A string is a key when a colon follows. */
function isKey(text: string, after: number): boolean {
  let place = after
  while (' \t\r\n'.includes(text.charAt(place)) && place < text.length) place++
  return text.charAt(place) === ':'
}
