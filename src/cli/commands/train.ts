/** `cognitron train`: words and options; the work is in `training/`, which is loaded when the command runs. */
import { Option } from 'commander'
import type { CommandFile } from '../command.ts'
import { dataDirOption, jsonOption, modelOption, oneOf, realNumber, threadsOption, wholeNumber } from '../options.ts'
import { optimizerNames, scheduleNames, type TrainOptions } from '../training/settings.ts'

export const trainCommand: CommandFile = {
  register(program, { terminal }) {
    program
      .command('train')
      .summary('train a network and keep the run in a folder')
      .description(
        'Trains a network on a data set (fashion-mnist, mnist, synthetic-digits), or runs the training job that a TypeScript or JavaScript ' +
          'file exports. The run goes to runs/NAME: the best weights, a checkpoint to resume from, the figures of every epoch and a report.',
      )
      .argument('[data]', 'name of a data set, or FILE.ts')
      .addOption(modelOption('network to train (default: fashion-simple-net); see summary'))
      .option('--epochs <number>', 'how often to go through the training set (default: 10)', wholeNumber({ min: 1 }))
      .option('--batch-size <number>', 'samples a step (default: 32)', wholeNumber({ min: 1 }))
      .addOption(new Option('--optimizer <name>', optimizerNames.join(', ')).argParser(oneOf(optimizerNames)))
      .option('--lr <rate>', 'learning rate (default: that of the optimizer)', realNumber({ min: 0 }))
      .addOption(
        new Option(
          '--schedule <name>',
          'learning rate over time: plateau lowers it when two epochs bring nothing (default), cosine falls to 0, constant stays',
        ).argParser(oneOf(scheduleNames)),
      )
      .option('--weight-decay <rate>', 'weight decay (default: that of the optimizer)', realNumber({ min: 0 }))
      .option(
        '--validation <fraction>',
        'part of the training set to judge by (default: 0.1)',
        realNumber({ min: 0, max: 0.9 }),
      )
      .option(
        '--patience <epochs>',
        'stop after so many epochs without improvement, 0: never (default: 5)',
        wholeNumber({ min: 0 }),
      )
      .option(
        '--seed <number>',
        'the same seed gives the same bits (default: 0)',
        wholeNumber({ min: 0, max: 2 ** 31 - 1 }),
      )
      .addOption(threadsOption())
      .addOption(dataDirOption())
      .option('--name <name>', 'name of the run: runs/NAME')
      .option('--run-dir <folder>', 'folder of the run')
      .option('--resume [run]', 'go on with a run, the newest one unless told')
      .option('--overwrite', 'replace a run of the same name')
      .option('--save-every <seconds>', 'checkpoints inside an epoch (default: 30)', realNumber({ min: 0 }))
      .addOption(jsonOption())
      .action(async (data: string | undefined, options: TrainOptions) => {
        const { runTraining } = await import('../training/run-training.ts')
        await runTraining(data, options, terminal)
      })
  },
}
