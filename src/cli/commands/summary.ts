/** `cognitron summary`: words and options; the work is in `trained/`. */
import type { CommandFile } from '../command.ts'
import { jsonOption, shape, wholeNumber } from '../options.ts'
import type { SummaryOptions } from '../trained/run-summary.ts'

export const summaryCommand: CommandFile = {
  register(program, { terminal }) {
    program
      .command('summary')
      .summary('print the layers of a network')
      .description('Prints the layers of a network with output shapes, parameters, multiply-adds and receptive fields.')
      .argument('<model>', 'name of a model, a run (runs/NAME or NAME), or FILE.ts')
      .option('--input <shape>', 'shape of one input, such as 3x32x32 (default: that of the model)', shape())
      .option('--classes <number>', 'how many outputs (default: those of the model)', wholeNumber({ min: 1 }))
      .addOption(jsonOption())
      .action(async (model: string, options: SummaryOptions) => {
        const { runSummary } = await import('../trained/run-summary.ts')
        await runSummary(model, options, terminal)
      })
  },
}
