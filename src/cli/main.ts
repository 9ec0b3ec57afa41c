#!/usr/bin/env node
/** The program `cognitron`: gives the process's streams to `runCommandLine` and its status back to the shell. */
import { enableCompileCache } from 'node:module'
import { reportFailure } from './failure.ts'
import { runCommandLine } from './program.ts'
import { processTerminal } from './terminal.ts'

// Commands load the library when they run; compiled code of an earlier start makes that three times as fast.
enableCompileCache()

const terminal = processTerminal()
const wordy = process.argv.includes('--debug')

// Errors outside the command's own chain of promises end the program in the same words as those inside it.
process.on('uncaughtException', (error) => process.exit(reportFailure(error, terminal.error, wordy)))

process.exitCode = await runCommandLine(process.argv.slice(2), terminal)
