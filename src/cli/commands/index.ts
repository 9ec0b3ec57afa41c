/** The sub-commands in the order in which `--help` lists them. */
import type { CommandFile } from '../command.ts'

export const commands: readonly CommandFile[] = []
