/** `cognitron bench`: words and options; the work is in `bench/`. */
import type { BenchOptions } from '../bench/run-bench.ts'
import type { CommandFile } from '../command.ts'
import { jsonOption, realNumber, threadsOption } from '../options.ts'

export const benchCommand: CommandFile = {
  register(program, { terminal }) {
    program
      .command('bench')
      .summary('measure the speed of fixed workloads')
      .description(
        'Measures fixed workloads: the best of three means of one run, the time to compile its program and what the program consists of.',
      )
      .argument('[name...]', 'workloads, by the beginning of their names (default: all)')
      .option('--list', 'list the workloads instead')
      .option('--profile', 'time by kernel instead, against the most that this machine does')
      .option('--memory', 'every workload in a process of its own, with the most memory it had')
      .option('--seconds <number>', 'how long each is measured (default: 3)', realNumber({ min: 0.01, max: 3600 }))
      .addOption(threadsOption())
      .addOption(jsonOption())
      .action(async (names: string[], options: BenchOptions) => {
        const { runBench } = await import('../bench/run-bench.ts')
        await runBench(names, options, terminal)
      })
  },
}
