/**
 * The command line as a whole: global options, help, and one place where every failure becomes a sentence and a status.
 * The commands themselves stand in `commands/`.
 */
import { Command, CommanderError } from 'commander'
import type { CommandFile } from './command.ts'
import { commands as allCommands } from './commands/index.ts'
import { ChecksFailed, Interruption, reportFailure, status, UsageError } from './failure.ts'
import type { Terminal } from './terminal.ts'
import { programVersion } from './version.ts'

const description = 'Trains, evaluates, explains and uses neural networks.'

/** Runs `cognitron` with `args` (without the program's own name) and resolves to the exit status. */
export async function runCommandLine(
  args: readonly string[],
  terminal: Terminal,
  commands: readonly CommandFile[] = allCommands,
): Promise<number> {
  const program = buildProgram(terminal, commands)
  try {
    if (args.every((word) => word === '--debug')) program.outputHelp()
    else await program.parseAsync(args, { from: 'user' })
    return status.done
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return status.done
    if (error instanceof Interruption) return status.interrupted
    if (error instanceof ChecksFailed) return status.fault
    const debug = program.opts<{ debug?: boolean }>().debug === true
    return reportFailure(error instanceof CommanderError ? usageError(error) : error, terminal.error, debug)
  }
}

function buildProgram(terminal: Terminal, commands: readonly CommandFile[]): Command {
  const program = new Command('cognitron')
    .description(description)
    .version(programVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'explain the command')
    .option('--debug', 'show where in the program an error arose')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.output.write(text),
      // What commander would print on failure is part of the error it throws, which `runCommandLine` reports.
      writeErr: () => {},
      getOutHelpWidth: () => Math.min(terminal.output.columns, 120),
    })
    .addHelpText('after', '\nRun "cognitron COMMAND --help" for the options of a command.')
  for (const command of commands) command.register(program, { terminal })
  return program
}

/** Commander's message as one sentence that says where to read on. */
function usageError(error: CommanderError): UsageError {
  const text = error.message.replace(/^error: /, '').replace(/\n\(Did you mean (.*)\?\)$/s, '; did you mean $1?')
  const ended = /[.?!]$/.test(text) ? text : `${text}; see --help.`
  return new UsageError(ended, { cause: error })
}
