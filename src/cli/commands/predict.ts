/** `cognitron predict`: words and options; the work is in `trained/`. */
import type { CommandFile } from '../command.ts'
import { jsonOption, modelOption, threadsOption, wholeNumber } from '../options.ts'
import type { PredictOptions } from '../trained/run-predict.ts'

export const predictCommand: CommandFile = {
  register(program, { terminal }) {
    program
      .command('predict')
      .summary('name what is in pictures')
      .description(
        'Prints the likeliest classes of PNG and JPEG pictures. A picture is cut to the proportions of the input, resized, and made ' +
          'grey where the network takes grey.',
      )
      .argument('<trained>', 'a run (runs/NAME or NAME), WEIGHTS.safetensors or MODEL.onnx')
      .argument('<image...>', 'PNG or JPEG files')
      .addOption(modelOption('model of a file of weights without a run'))
      .option('--data <name>', 'data set whose classes are meant (default: that of the run)')
      .option('--top <number>', 'how many classes to show (default: 3)', wholeNumber({ min: 1 }))
      .option('--invert', 'swap light and dark')
      .option('--stretch', 'change the proportions instead of cutting')
      .addOption(threadsOption())
      .addOption(jsonOption())
      .action(async (trained: string, images: string[], options: PredictOptions) => {
        const { runPredict } = await import('../trained/run-predict.ts')
        await runPredict(trained, images, options, terminal)
      })
  },
}
