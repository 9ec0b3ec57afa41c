/** A terminal in memory, for tests of commands. */
import type { Output, Terminal } from '../../src/cli/terminal.ts'

interface MemoryTerminal {
  readonly terminal: Terminal
  /** All that was written to the output so far. */
  output(): string
  error(): string
}

export function memoryTerminal(settings: Partial<Omit<Output, 'write'>> = {}): MemoryTerminal {
  const written = { output: '', error: '' }
  const stream = (name: 'output' | 'error'): Output => ({
    isTerminal: settings.isTerminal ?? false,
    columns: settings.columns ?? 80,
    unicode: settings.unicode ?? true,
    colour: settings.colour ?? false,
    write(text) {
      written[name] += text
    },
  })
  return {
    terminal: { output: stream('output'), error: stream('error'), closed: new AbortController().signal },
    output: () => written.output,
    error: () => written.error,
  }
}
