/** `cognitron doctor`: words and options; the work is in `doctor/`, which is loaded when the command runs. */
import { Option } from 'commander'
import type { CommandFile } from '../command.ts'
import type { DoctorOptions } from '../doctor/run-doctor.ts'
import { dataDirOption, jsonOption, modelOption, oneOf, realNumber, threadsOption, wholeNumber } from '../options.ts'
import { optimizerNames } from '../training/settings.ts'

export const doctorCommand: CommandFile = {
  register(program, { terminal }) {
    program
      .command('doctor')
      .summary('examine a network and its data before training')
      .description(
        'Looks for what spoils training: labels and inputs, test samples among the training samples, the loss at the start against chance, ' +
          'gradients against differences, gradients by layer, dead and saturated units, the size of the steps, whether one batch can be learned ' +
          'by heart; and tries learning rates. Trains nothing for good. Ends with status 1 when it finds a problem.',
      )
      .argument('<data>', 'name of a data set, or FILE.ts')
      .addOption(modelOption('network to examine (default: fashion-simple-net); see summary'))
      .option('--batch-size <number>', 'samples in the batch that is tried (default: 64)', wholeNumber({ min: 1 }))
      .addOption(new Option('--optimizer <name>', optimizerNames.join(', ')).argParser(oneOf(optimizerNames)))
      .option(
        '--lr <rate>',
        'learning rate to judge the steps by (default: that of the optimizer)',
        realNumber({ min: 0 }),
      )
      .option('--weight-decay <rate>', 'weight decay (default: that of the optimizer)', realNumber({ min: 0 }))
      .option(
        '--seed <number>',
        'of the first weights and the batch (default: 0)',
        wholeNumber({ min: 0, max: 2 ** 31 - 1 }),
      )
      .addOption(threadsOption())
      .addOption(dataDirOption())
      .addOption(jsonOption())
      .action(async (data: string, options: DoctorOptions) => {
        const { runDoctor } = await import('../doctor/run-doctor.ts')
        await runDoctor(data, options, terminal)
      })
  },
}
