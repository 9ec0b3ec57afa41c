/** The set-up as a program for the library: same seed, same order of random numbers, so the same results to the bit. */
import { featureInfo } from './features.ts'
import { pointCount, trainCount, unpackPoints } from './points.ts'
import {
  type Activation,
  chosenFeatures,
  classCount,
  hiddenActivations,
  type Initialiser,
  manyClassSets,
  type OptimizerName,
  outputCount,
  outputKind,
  type Setup,
} from './setup.ts'

const toyNames = {
  circle: 'circle',
  xor: 'xor',
  gauss: 'gauss',
  spiral: 'spiral',
  moons: 'moons',
  checkerboard: 'checkerboard',
  'reg-plane': 'plane',
  'reg-gauss': 'multiGaussian',
} as const

const activationCode: Readonly<Record<Activation, string>> = {
  relu: 'new nn.ReLU()',
  tanh: 'new nn.Tanh()',
  sigmoid: 'new nn.Sigmoid()',
  linear: '',
  leakyRelu: 'new nn.LeakyReLU(0.01)',
  gelu: 'new nn.GELU()',
}

const initialiserCode: Readonly<Record<Initialiser, string>> = {
  playground: 'nn.init.uniform(weight, -0.5, 0.5)',
  xavier: 'nn.init.xavierUniform(weight)',
  he: "nn.init.kaimingNormal(weight, { nonlinearity: 'relu' })",
  small: 'nn.init.normal(weight, 0, 0.01)',
  large: 'nn.init.normal(weight, 0, 3)',
  zero: 'nn.init.zeros(weight)',
}

const optimizerCode: Readonly<Record<OptimizerName, (lr: number) => string>> = {
  sgd: (lr) => `new optim.SGD(net.parameters(), { lr: ${lr} })`,
  momentum: (lr) => `new optim.SGD(net.parameters(), { lr: ${lr}, momentum: 0.9 })`,
  nesterov: (lr) => `new optim.SGD(net.parameters(), { lr: ${lr}, momentum: 0.9, nesterov: true })`,
  adagrad: (lr) => `new optim.Adagrad(net.parameters(), { lr: ${lr} })`,
  rmsprop: (lr) => `new optim.RMSprop(net.parameters(), { lr: ${lr} })`,
  adam: (lr) => `new optim.Adam(net.parameters(), { lr: ${lr} })`,
  adamw: (lr) => `new optim.AdamW(net.parameters(), { lr: ${lr} })`,
}

export const CODE_EPOCHS = 100

/** A complete TypeScript program. */
export function playgroundCode(setup: Setup, epochs = setup.stopEpochs || CODE_EPOCHS): string {
  const parts = [header(setup), dataPart(setup), networkPart(setup), stepPart(setup), loopPart(setup, epochs)]
  return `${parts.join('\n\n')}\n`
}

function header(setup: Setup): string {
  const names = [
    'compile',
    'data',
    ...(usesLossModule(setup) ? ['loss'] : []),
    'manualSeed',
    'nn',
    'optim',
    'type Tensor',
    'tensor',
  ]
  const extra = setup.regularization === 'L1' ? ['where'] : []
  return `import { ${[...names, ...extra].join(', ')} } from 'cognitron'`
}

function usesLossModule(setup: Setup): boolean {
  return ['softmax', 'logit'].includes(outputKind(setup))
}

function pointsCode(setup: Setup): string {
  const name = setup.problem === 'regression' ? setup.regDataset : setup.dataset
  if (name !== 'own') {
    const classes =
      manyClassSets.includes(name) && setup.problem === 'classification' ? `, classes: ${setup.classes}` : ''
    const target = setup.problem === 'classification' ? `${classes}, target: 'class'` : ''
    return `const points = data.toys.${toyNames[name]}({ noise: ${setup.noise / 100}, seed: ${setup.seed}${target} })`
  }
  const { x, target } = unpackPoints(setup.points, setup.problem === 'regression', classCount(setup))
  const numbers = (values: Float32Array): string => Array.from(values, (value) => Number(value.toFixed(4))).join(', ')
  return `const points = new data.ArrayDataset({
  inputs: new Float32Array([${numbers(x)}]), inputShape: [2],
  targets: new Float32Array([${numbers(target)}]), targetShape: [1],
})`
}

function dataPart(setup: Setup): string {
  const chosen = chosenFeatures(setup)
  const signed = ['signed', 'logit'].includes(outputKind(setup))
  const own = (setup.problem === 'regression' ? setup.regDataset : setup.dataset) === 'own'
  const total = own ? pointCount(unpackPoints(setup.points, false, 5)) : setup.problem === 'regression' ? 1200 : 500
  const train = trainCount(total, setup.percTrainData)
  const target = signed ? '2 * target[0] - 1' : 'target[0]'
  return `${pointsCode(setup)}
const [train, test] = data.split(points, [${train}, ${total - train}], { seed: ${setup.seed} })

/** Rows \`from\` to \`to\` of a part: inputs and targets. */
function rows(part: data.Dataset, from: number, to: number): [Tensor, Tensor] {
  const samples = Array.from({ length: to - from }, (_, index) => part.get(from + index))
  const inputs = samples.map(({ input: [x1, x2] }) => [${chosen.map((name) => featureInfo[name].code).join(', ')}])
  return [tensor(inputs), tensor(samples.map(({ target }) => [${target}]))]
}`
}

function networkPart(setup: Setup): string {
  const sizes = [chosenFeatures(setup).length, ...setup.networkShape, outputCount(setup)]
  const hidden = hiddenActivations(setup)
  const lines = sizes.slice(1).flatMap((units, index) => {
    const linear = `new nn.Linear(${sizes[index]}, ${units})`
    const activation = hidden[index]
    if (activation === undefined) return [outputKind(setup) === 'signed' ? `${linear}, new nn.Tanh()` : linear]
    const parts = [linear, activationCode[activation], setup.dropout > 0 ? `new nn.Dropout(${setup.dropout})` : '']
    return [parts.filter(Boolean).join(', ')]
  })
  const bias = setup.initialiser === 'playground' ? 0.1 : 0
  return `manualSeed(${setup.seed})
const net = new nn.Sequential(
${lines.map((line) => `  ${line},`).join('\n')}
)
for (const layer of net.modules()) {
  if (!(layer instanceof nn.Linear)) continue
  const { weight, bias } = layer
  ${initialiserCode[setup.initialiser]}
  if (bias) nn.init.constant(bias, ${bias})
}`
}

function lossCode(setup: Setup): string {
  const kind = outputKind(setup)
  if (kind === 'softmax') return "loss.crossEntropy(net.forward(x), y.reshape(-1).to('int32'))"
  if (kind === 'logit') return 'loss.bceWithLogits(net.forward(x), y.add(1).mul(0.5))'
  return 'net.forward(x).sub(y).square().mean().mul(0.5)'
}

function penaltyCode(setup: Setup): string {
  if (setup.regularization === 'none') return ''
  const rate = `optimizer.lr * ${setup.regularizationRate}`
  const shrunk =
    setup.regularization === 'L2'
      ? `weight.sub(weight.mul(${rate}))`
      : `where(weight.abs().le(${rate}), 0, weight.sub(weight.sign().mul(${rate})))`
  return `
  for (const [name, weight] of net.namedParameters()) {
    if (name.endsWith('weight')) weight.assign(${shrunk})
  }`
}

function stepPart(setup: Setup): string {
  return `const optimizer = ${optimizerCode[setup.optimizer](setup.learningRate)}
const lossOf = (x: Tensor, y: Tensor) => ${lossCode(setup)}

// The whole training step becomes one program.
const step = compile((x: Tensor, y: Tensor) => {
  optimizer.minimize(lossOf(x, y))${penaltyCode(setup)}
})
const judge = compile(lossOf)`
}

function loopPart(setup: Setup, epochs: number): string {
  const evaluate = setup.dropout > 0
  return `const batches: [Tensor, Tensor][] = []
for (let from = 0; from < train.length; from += ${setup.batchSize}) {
  batches.push(rows(train, from, Math.min(from + ${setup.batchSize}, train.length)))
}
for (let epoch = 1; epoch <= ${epochs}; epoch++) {
  for (const [x, y] of batches) await step(x, y)
}
${evaluate ? 'net.eval()\n' : ''}const testLoss = await judge(...rows(test, 0, test.length))
console.log('test loss', await testLoss.item())`
}
