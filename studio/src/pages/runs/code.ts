/** The compared runs as commands and as a program. */
import type { RunEntry } from './records.ts'

/** Options of `cognitron train` by the setting that they make. */
const options: Readonly<Record<string, string>> = {
  model: '--model',
  epochs: '--epochs',
  batchSize: '--batch-size',
  lr: '--lr',
  optimizer: '--optimizer',
  weightDecay: '--weight-decay',
  schedule: '--schedule',
  patience: '--patience',
  validation: '--validation',
  seed: '--seed',
}

function word(text: string): string {
  return /^[\w./@%+=:-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}

/** How a run is made again; undefined when its settings are not those of the command line. */
export function trainCommand({ settings }: RunEntry): string | undefined {
  const data = settings.get('settings.data')
  // Networks of own layers are made on the page Train images.
  if (data === undefined || settings.has('settings.layers')) return undefined
  const typed = Object.entries(options).flatMap(([name, option]) => {
    const value = settings.get(`settings.${name}`)
    return value === undefined ? [] : [`${option} ${word(value)}`]
  })
  return ['npx cognitron train', word(data), ...typed].join(' ')
}

export function runCommands(runs: readonly RunEntry[]): string {
  const lines = runs.flatMap((run) => {
    const command = trainCommand(run)
    const folder = word(`runs/${run.name}`)
    return [
      `# ${run.name}`,
      ...(command === undefined ? [] : [command]),
      ...(run.files.includes('last.ckpt') ? [`npx cognitron train --resume ${folder}`] : []),
      ...(run.files.includes('best.safetensors') && command !== undefined ? [`npx cognitron eval ${folder}`] : []),
      '',
    ]
  })
  return lines.join('\n').trimEnd()
}

export function runProgram(runs: readonly RunEntry[]): string {
  const names = runs.map(({ name }) => `  ${JSON.stringify(name).replaceAll("'", "\\'").replace(/^"|"$/g, "'")},`)
  return `import { readFile } from 'node:fs/promises'
import { readRun } from 'cognitron/train/node'

const names = [
${names.join('\n')}
]

for (const name of names) {
  const run = await readRun(\`runs/\${name}\`).catch(() => ({}))
  const text = await readFile(\`runs/\${name}/metrics.jsonl\`, 'utf8')
  // A line that is being written has no end yet.
  const lines = text.slice(0, text.lastIndexOf('\\n')).split('\\n')
  const epochs = lines.map((line) => JSON.parse(line))
  const best = epochs.findLast((epoch) => epoch.best)
  console.log(name, run.settings, best)
}
`
}
