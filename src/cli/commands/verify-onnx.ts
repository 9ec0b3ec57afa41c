/** `cognitron verify-onnx`: words and options; the work is in `onnx/`. */
import type { CommandFile } from '../command.ts'
import type { VerifyOptions } from '../onnx/verify.ts'

export const verifyOnnxCommand: CommandFile = {
  register(program, { terminal }) {
    program
      .command('verify-onnx')
      .summary('run a folder of ONNX test cases')
      .description(
        'Runs every case of a folder in the layout of the ONNX backend tests (model.onnx, test_data_set_*/input_*.pb, output_*.pb) ' +
          'and compares the outputs. Ends with status 1 when one of them is wrong.',
      )
      .argument('<folder>', 'folder of cases, or of one case')
      .option('--only <text>', 'only cases with this in their name')
      .action(async (folder: string, options: VerifyOptions) => {
        const { verifyFolder } = await import('../onnx/verify.ts')
        await verifyFolder(folder, options, terminal)
      })
  },
}
