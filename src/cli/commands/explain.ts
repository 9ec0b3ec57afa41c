/** `cognitron explain`: words and options; the work is in `explain/`. */
import { Option } from 'commander'
import type { CommandFile } from '../command.ts'
import { methodNames } from '../explain/method-names.ts'
import type { ExplainOptions } from '../explain/run-explain.ts'
import { jsonOption, oneOf, threadsOption, wholeNumber } from '../options.ts'
import { pictureModelOptions } from './picture-model-options.ts'

export const explainCommand: CommandFile = {
  register(program, { terminal }) {
    const command = program
      .command('explain')
      .summary('show which places of a picture speak for a class')
      .description(
        'Draws which places of a picture speak for a class, or excite a unit of a layer, over the picture, as PNG or SVG. Works for runs, ' +
          '.safetensors files of known models and .onnx files.',
      )
      .argument('<model>', 'a run (runs/NAME or NAME), WEIGHTS.safetensors or MODEL.onnx')
      .argument('<image>', 'a PNG or JPEG file')
      .addOption(
        new Option('--method <name>', `${methodNames.join(', ')}, or all (default: grad-cam)`).argParser(
          oneOf([...methodNames, 'all'] as const),
        ),
      )
      .option('--class <name>', 'number or name of a class (default: the likeliest)')
      .option('--unit <unit>', 'LAYER:CHANNEL or LAYER:CHANNEL:ROW,COLUMN instead of a class')
      .option('--layer <path>', 'the layer that Grad-CAM looks at (default: the last with height and width)')
      .option('--patch <pixels>', 'side of the covering patch of occlusion', wholeNumber({ min: 1 }))
      .option('--stride <pixels>', 'how far that patch moves', wholeNumber({ min: 1 }))
      .option('--steps <number>', 'points of integrated gradients (default: 32)', wholeNumber({ min: 1 }))
      .option('--samples <number>', 'noisy copies of SmoothGrad (default: 25)', wholeNumber({ min: 1 }))
      .option('--seed <number>', 'of that noise (default: 0)', wholeNumber({ min: 0 }))
      .option('--out <file>', 'what to write, .png or .svg (default: IMAGE.METHOD.png here)')
      .option('--check', 'also check the map: shuffled weights, deletion and insertion')
    for (const option of pictureModelOptions()) command.addOption(option)
    command
      .addOption(threadsOption())
      .addOption(jsonOption())
      .action(async (model: string, image: string, options: ExplainOptions) => {
        const { runExplain } = await import('../explain/run-explain.ts')
        await runExplain(model, image, options, terminal)
      })
  },
}
