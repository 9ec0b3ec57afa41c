/** `cognitron filters`: words and options; the work is in `explain/`. */
import type { CommandFile } from '../command.ts'
import type { FiltersOptions } from '../explain/run-filters.ts'
import { jsonOption, threadsOption, wholeNumber } from '../options.ts'
import { pictureModelOptions } from './picture-model-options.ts'

export const filtersCommand: CommandFile = {
  register(program, { terminal }) {
    const command = program
      .command('filters')
      .summary('show what the filters of a network look like')
      .description(
        'Draws the filters of a convolution as PNG or SVG; with --image what the channels of a layer show for a picture, with --top the nine ' +
          'pieces of the pictures in a folder that excite each channel most.',
      )
      .argument('<model>', 'a run (runs/NAME or NAME), WEIGHTS.safetensors or MODEL.onnx')
      .option('--layer <path>', 'which layer (default: the first convolution; the last one with --top)')
      .option('--image <file>', 'show feature maps for this picture')
      .option('--top <folder>', 'show the top patches of the pictures in this folder')
      .option('--most <number>', 'at most so many (default: 256; 9 with --top)', wholeNumber({ min: 1 }))
      .option('--zoom <number>', 'each pixel becomes so many', wholeNumber({ min: 1, max: 64 }))
      .option('--out <file>', 'what to write, .png or .svg (default: MODEL.filters.png here)')
    for (const option of pictureModelOptions()) command.addOption(option)
    command
      .addOption(threadsOption())
      .addOption(jsonOption())
      .action(async (model: string, options: FiltersOptions) => {
        const { runFilters } = await import('../explain/run-filters.ts')
        await runFilters(model, options, terminal)
      })
  },
}
