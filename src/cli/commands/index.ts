/** The sub-commands in the order in which `--help` lists them. */
import type { CommandFile } from '../command.ts'
import { benchCommand } from './bench.ts'
import { doctorCommand } from './doctor.ts'
import { evalCommand } from './eval.ts'
import { explainCommand } from './explain.ts'
import { exportCommand } from './export.ts'
import { filtersCommand } from './filters.ts'
import { predictCommand } from './predict.ts'
import { studioCommand } from './studio.ts'
import { summaryCommand } from './summary.ts'
import { sweepCommand } from './sweep.ts'
import { trainCommand } from './train.ts'
import { transferCommand } from './transfer.ts'
import { verifyOnnxCommand } from './verify-onnx.ts'

export const commands: readonly CommandFile[] = [
  trainCommand,
  transferCommand,
  evalCommand,
  predictCommand,
  doctorCommand,
  sweepCommand,
  explainCommand,
  filtersCommand,
  summaryCommand,
  studioCommand,
  exportCommand,
  benchCommand,
  verifyOnnxCommand,
]
