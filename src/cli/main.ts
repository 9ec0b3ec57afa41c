#!/usr/bin/env node
/** The program `cognitron`: gives the process's streams to `runCommandLine` and its status back to the shell. */
import { reportFailure } from './failure.ts'
import { runCommandLine } from './program.ts'
import { processTerminal } from './terminal.ts'

const terminal = processTerminal()
const wordy = process.argv.includes('--debug')

// Errors outside the command's own chain of promises end the program in the same words as those inside it.
process.on('uncaughtException', (error) => process.exit(reportFailure(error, terminal.error, wordy)))

process.exitCode = await runCommandLine(process.argv.slice(2), terminal)
