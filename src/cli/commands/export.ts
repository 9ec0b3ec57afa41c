/** `cognitron export`: words and options; the work is in `onnx/`. */
import type { CommandFile } from '../command.ts'
import type { ExportOptions } from '../onnx/run-export.ts'
import { shape, wholeNumber } from '../options.ts'

export const exportCommand: CommandFile = {
  register(program, { terminal }) {
    program
      .command('export')
      .summary('write a network as an ONNX file')
      .description('Writes a network with its weights as an ONNX file that ONNX Runtime and other systems run.')
      .argument('<model>', 'name of a model, a run (runs/NAME or NAME), or FILE.ts')
      .option('--onnx [file]', 'write ONNX (default: MODEL.onnx)')
      .option('--weights <file>', 'weights to put in, a .safetensors file (default: the best ones of a run)')
      .option('--input <shape>', 'shape of one input, such as 3x32x32 (default: that of the model)', shape())
      .option('--classes <number>', 'how many outputs (default: those of the model)', wholeNumber({ min: 1 }))
      .option('--batch-size <number>', 'fix the number of inputs at once (default: open)', wholeNumber({ min: 1 }))
      .option('--overwrite', 'replace a file of the same name')
      .action(async (model: string, options: ExportOptions) => {
        const { runExport } = await import('../onnx/run-export.ts')
        await runExport(model, options, terminal)
      })
  },
}
