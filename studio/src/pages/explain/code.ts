/** The question of the page as a program for the library, and as a command. */
import type { NetworkInfo } from './protocol.ts'
import { type ExplainSetup, LIKELIEST, type Method, OWN } from './setup.ts'

const functions: Readonly<Record<Method, string>> = {
  'grad-cam': 'gradCam',
  occlusion: 'occlusion',
  saliency: 'saliency',
  'gradient-x-input': 'gradientTimesInput',
  'smooth-grad': 'smoothGrad',
  'integrated-gradients': 'integratedGradients',
  'guided-backprop': 'guidedBackprop',
}

/** The options that the method takes, beside the class. */
function optionsOf(setup: ExplainSetup): string[] {
  switch (setup.method) {
    case 'occlusion':
      return [`patch: ${setup.patch}`, `stride: ${setup.stride}`]
    case 'smooth-grad':
      return [`samples: ${setup.samples}`, `noise: ${setup.noise / 100}`]
    case 'integrated-gradients':
      return [`steps: ${setup.steps}`]
    case 'grad-cam':
      return setup.layer === '' ? [] : [`layer: '${setup.layer}'`]
    default:
      return []
  }
}

const trained = `manualSeed(1)
const net = new nn.Sequential(
  new nn.Conv2d(1, 8, 3, { padding: 1 }),
  new nn.ReLU(),
  new nn.MaxPool2d(2),
  new nn.Conv2d(8, 16, 3, { padding: 1 }),
  new nn.ReLU(),
  new nn.MaxPool2d(2),
  new nn.Flatten(),
  new nn.Linear(16 * 7 * 7, 10),
)
await train.fit(net, {
  train: data.syntheticDigits('train', { count: 4000, seed: 1 }),
  loss: loss.crossEntropy,
  optimizer: new optim.Adam(net.parameters(), { lr: 0.003 }),
  epochs: 3,
  batchSize: 50,
  seed: 1,
})
net.eval()`

/** A program that makes the map of the page; for networks of files it names where theirs come from. */
export function explainProgram(setup: ExplainSetup, info: NetworkInfo | undefined): string {
  const isDigits = setup.network === 'digits'
  const shape = info?.inputShape ?? [1, 28, 28]
  const set = isDigits
    ? "data.syntheticDigits('test', { count: 500, seed: 1 })"
    : "data.syntheticDigits('test', { count: 60 })"
  const picture = setup.picture === OWN ? 0 : setup.picture
  const target = setup.target === LIKELIEST ? [] : [`target: ${setup.target}`]
  const options = [...target, ...optionsOf(setup)]
  const given = options.length > 0 ? `, { ${options.join(', ')} }` : ''
  const complete = setup.method === 'integrated-gradients' ? '\nconsole.log(map.completeness)' : ''
  const imports = isDigits
    ? "import { data, explain, loss, manualSeed, nn, optim, tensor, train } from 'cognitron'"
    : "import { data, explain, models, tensor } from 'cognitron'\nimport { loadSafetensors } from 'cognitron/io/node'"
  return `${imports}

${isDigits ? trained : loaded(setup, info)}

const { input } = ${set}.get(${picture})
const image = tensor(input, { shape: [${shape.join(', ')}] })
const map = await explain.${functions[setup.method]}(net, image${given})
console.log(map.unit.channel, map.score, explain.strongestPlace(map))${complete}
`
}

function loaded({ network }: ExplainSetup, info: NetworkInfo | undefined): string {
  const run = network.startsWith('run:') ? network.slice(4) : undefined
  const path = run === undefined ? 'weights.safetensors' : `runs/${run.replaceAll("'", "\\'")}/best.safetensors`
  const { inputShape = [1, 28, 28], classNames = [], model } = info ?? {}
  const shape = `inputShape: [${inputShape.join(', ')}], classes: ${classNames.length}`
  const named = model ?? 'lenet5'
  const note = model ? '' : '// Put the layers here that the weights are of; the page Train images shows them.\n'
  return `${note}const net = models.modelNamed('${named}').create({ ${shape} })
net.loadStateDict((await loadSafetensors('${path}')).tensors)
net.eval()`
}

/** The same on the command line; it reads a picture file and a run. */
export function explainCommand(setup: ExplainSetup): string {
  const run = setup.network.startsWith('run:') ? `runs/${setup.network.slice(4)}` : 'runs/NAME'
  const word = /^[\w./-]+$/.test(run) ? run : `'${run.replaceAll("'", "'\\''")}'`
  const options = {
    occlusion: `--patch ${setup.patch} --stride ${setup.stride}`,
    'smooth-grad': `--samples ${setup.samples}`,
    'integrated-gradients': `--steps ${setup.steps}`,
    'grad-cam': setup.layer === '' ? '' : `--layer ${setup.layer}`,
    saliency: '',
    'gradient-x-input': '',
    'guided-backprop': '',
  }[setup.method]
  const target = setup.target === LIKELIEST ? '' : `--class ${setup.target}`
  return [`npx cognitron explain ${word} picture.png`, `--method ${setup.method}`, target, options, '--check']
    .filter((part) => part !== '')
    .join(' \\\n  ')
}
