/** `cognitron transfer`: words and options; the work is in `transfer/`. */
import type { CommandFile } from '../command.ts'
import { jsonOption, realNumber, threadsOption, wholeNumber } from '../options.ts'
import type { TransferOptions } from '../transfer/run-transfer.ts'
import { pictureModelOptions } from './picture-model-options.ts'

export const transferCommand: CommandFile = {
  register(program, { terminal }) {
    const command = program
      .command('transfer')
      .summary('teach a trained network the classes of a folder of pictures')
      .description(
        'Puts a new last layer on a trained network and trains it on a folder that has one folder of pictures for each class. The layers ' +
          'below stay as they are; what they make of each picture is computed once and kept. The run folder gets the whole network as ONNX and a report.',
      )
      .argument('<folder>', 'one folder of PNG or JPEG files for each class')
      .requiredOption('--from <model>', 'a run (runs/NAME or NAME), WEIGHTS.safetensors or MODEL.onnx')
      .option(
        '--size <pixels>',
        'side of the pictures (default: twice their own, at most that of the network)',
        wholeNumber({ min: 8, max: 1024 }),
      )
      .option(
        '--levels <layers>',
        'layers whose means the head sees besides the last: auto (default), none, or names with commas',
      )
      .option('--epochs <number>', 'passes over the training part (default: 30)', wholeNumber({ min: 1 }))
      .option('--batch-size <number>', 'samples a step (default: 64)', wholeNumber({ min: 1 }))
      .option('--lr <rate>', 'highest learning rate of the head (default: 0.003)', realNumber({ min: 0 }))
      .option(
        '--validation <fraction>',
        'part to choose the best epoch by (default: 0.1)',
        realNumber({ min: 0.02, max: 0.5 }),
      )
      .option('--test <fraction>', 'part to judge by at the end (default: 0.2)', realNumber({ min: 0.02, max: 0.5 }))
      .option('--unfreeze <layers>', 'layers that learn too when the head is trained, names with commas')
      .option(
        '--fine-tune <epochs>',
        'so many epochs more with those layers, at a tenth of the rate',
        wholeNumber({ min: 1 }),
      )
      .option('--features <folder>', 'where features are kept (default: in the cache)')
      .option(
        '--seed <number>',
        'the same seed gives the same bits (default: 0)',
        wholeNumber({ min: 0, max: 2 ** 31 - 1 }),
      )
      .option('--name <name>', 'name of the run: runs/NAME')
      .option('--run-dir <folder>', 'folder of the run')
      .option('--overwrite', 'replace a run of the same name')
      .option('--skip-broken', 'leave pictures out that cannot be read, instead of stopping at them')
    for (const option of pictureModelOptions()) command.addOption(option)
    command
      .addOption(threadsOption())
      .addOption(jsonOption())
      .action(async (folder: string, options: TransferOptions) => {
        const { runTransfer } = await import('../transfer/run-transfer.ts')
        await runTransfer(folder, options, terminal)
      })
  },
}
