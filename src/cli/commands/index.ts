/** The sub-commands in the order in which `--help` lists them. */
import type { CommandFile } from '../command.ts'
import { trainCommand } from './train.ts'
import { verifyOnnxCommand } from './verify-onnx.ts'

export const commands: readonly CommandFile[] = [trainCommand, verifyOnnxCommand]
