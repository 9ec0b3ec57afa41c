/** `cognitron eval`: words and options; the work is in `trained/`. */
import type { CommandFile } from '../command.ts'
import { dataDirOption, jsonOption, modelOption, threadsOption, wholeNumber } from '../options.ts'
import type { EvalOptions } from '../trained/run-eval.ts'

export const evalCommand: CommandFile = {
  register(program, { terminal }) {
    program
      .command('eval')
      .summary('test a trained network')
      .description('Judges a trained network on its test set: accuracy, loss, and precision and recall of every class.')
      .argument('<trained>', 'a run (runs/NAME or NAME), or WEIGHTS.safetensors')
      .addOption(modelOption('model of a file of weights without a run'))
      .option('--data <name>', 'data set to judge by (default: that of the run), or FILE.ts')
      .addOption(dataDirOption())
      .option('--batch-size <number>', 'samples at once (default: 256)', wholeNumber({ min: 1 }))
      .addOption(threadsOption())
      .addOption(jsonOption())
      .action(async (trained: string, options: EvalOptions) => {
        const { runEval } = await import('../trained/run-eval.ts')
        await runEval(trained, options, terminal)
      })
  },
}
