/** `cognitron sweep`: words and options; the work is in `sweep/`, which is loaded when the command runs. */
import { Option } from 'commander'
import type { CommandFile } from '../command.ts'
import { dataDirOption, jsonOption, oneOf, realNumber, threadsOption, wholeNumber } from '../options.ts'
import type { SweepOptions } from '../sweep/run-sweep.ts'
import { choice, type RangeDraw } from '../sweep/space.ts'
import { optimizerNames } from '../training/settings.ts'

/** An option that takes one value, several, or a range that is drawn from. */
function several<Value extends string | number>(
  flags: string,
  text: string,
  parse: (text: string) => Value,
  draw?: RangeDraw,
): Option {
  return new Option(flags, text).argParser(choice(parse, draw))
}

const words = (text: string): string => text

export const sweepCommand: CommandFile = {
  register(program, { terminal }) {
    program
      .command('sweep')
      .summary('train with many settings, one run after another, and compare')
      .description(
        'Trains every combination of the listed settings (--lr 1e-3,1e-2 --batch-size 32,64), or with --random as many as wanted, drawn from ' +
          'lists and ranges (--lr 1e-4..1e-1). Each run is kept like one of train; the table of all, best first, goes to runs/NAME.csv.',
      )
      .argument('<data>', 'name of a data set, or FILE.ts')
      .addOption(several('--model <names>', 'networks; see summary', words))
      .addOption(several('--epochs <numbers>', 'epochs (default: 10)', wholeNumber({ min: 1 }), 'whole'))
      .addOption(
        several('--batch-size <numbers>', 'samples a step (default: 32)', wholeNumber({ min: 1 }), 'power of two'),
      )
      .addOption(several('--optimizer <names>', optimizerNames.join(', '), oneOf(optimizerNames)))
      .addOption(several('--lr <rates>', 'learning rates', realNumber({ min: 0 }), 'logarithmic'))
      .addOption(several('--weight-decay <rates>', 'weight decay', realNumber({ min: 0 }), 'logarithmic'))
      .option('--random <runs>', 'draw so many combinations instead of all', wholeNumber({ min: 1, max: 10_000 }))
      .option(
        '--validation <fraction>',
        'part of the training set to judge by (default: 0.1)',
        realNumber({ min: 0, max: 0.9 }),
      )
      .option(
        '--patience <epochs>',
        'stop a run after so many epochs without improvement, 0: never (default: 5)',
        wholeNumber({ min: 0 }),
      )
      .option(
        '--seed <number>',
        'of every run and of the draws (default: 0)',
        wholeNumber({ min: 0, max: 2 ** 31 - 1 }),
      )
      .addOption(threadsOption())
      .addOption(dataDirOption())
      .option('--name <name>', 'runs go to runs/NAME-01, runs/NAME-02, …')
      .option('--overwrite', 'replace the runs of a sweep of the same name')
      .addOption(jsonOption())
      .action(async (data: string, options: SweepOptions) => {
        const { runSweep } = await import('../sweep/run-sweep.ts')
        await runSweep(data, options, terminal)
      })
  },
}
