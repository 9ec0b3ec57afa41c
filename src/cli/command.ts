/** What a command file provides and what it is given. */
import type { Command } from 'commander'
import type { Terminal } from './terminal.ts'

/** What every command may use. */
export interface CommandContext {
  readonly terminal: Terminal
}

/** One sub-command; each stands in its own file in `commands/` and loads the library only when it runs. */
export interface CommandFile {
  /** Declares name, arguments, options and action on `program`. */
  register(program: Command, context: CommandContext): void
}
