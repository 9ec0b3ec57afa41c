/**
 * Lesson 4: what one neuron can do, and what it cannot. A perceptron learns AND and OR with Rosenblatt's rule, Δw = η (t − o) x, and
 * is done after a few passes, as its convergence theorem promises. XOR has no separating line, so the rule goes round in circles for
 * ever, and says so. Two hidden units bend the plane, and a multilayer perceptron solves XOR; without the bend a second layer is worth
 * nothing, for two linear layers are one.
 * Sources: Rosenblatt, "The perceptron", 1958; Minsky and Papert, "Perceptrons", 1969.
 */
import { compile, loss, manualSeed, models, nn, optim, randn, type Tensor, tensor } from 'cognitron'
import { colours, type Panel, type Point, saveFigure } from './figure.ts'

const corners: readonly Point[] = [
  [0, 0],
  [0, 1],
  [1, 0],
  [1, 1],
]
/** The answers at the four corners, −1 or 1. */
const problems = { AND: [-1, -1, -1, 1], OR: [-1, 1, 1, 1], XOR: [-1, 1, 1, -1] } as const
const passes = 12

/** The largest difference between two linear layers, W₂ (W₁ x + b₁) + b₂, and the one that they collapse into. */
async function collapse(): Promise<number> {
  manualSeed(7)
  const [first, second, one] = [new nn.Linear(2, 5), new nn.Linear(5, 3), new nn.Linear(2, 3)]
  const weight = second.weight.matmul(first.weight)
  const bias = second.forward((first.bias as Tensor).unsqueeze(0)).squeeze(0)
  one.weight.write(await weight.data())
  one.bias?.write(await bias.data())
  const x = randn([1000, 2])
  return second.forward(first.forward(x)).sub(one.forward(x)).abs().max().item()
}

/** The plane as a unit or network sees it, with the corners by their true answers. */
function plane(title: string, targets: readonly number[], ground: (x: number, y: number) => number): Panel {
  const having = (sign: number): Point[] => corners.filter((_, index) => targets[index] === sign)
  const range = [-0.4, 1.4] as const
  const series = [
    { name: 'true', dots: true, colour: colours[0], points: having(1) },
    { name: 'false', dots: true, colour: colours[1], points: having(-1) },
  ]
  return { title, xLabel: 'first input', yLabel: 'second input', xRange: range, yRange: range, ground, series }
}

/** Full-batch gradient descent with Adam on two hidden tanh units. */
async function multilayer(targets: readonly number[]): Promise<{ net: (x: Tensor) => Tensor; losses: Point[] }> {
  manualSeed(5)
  const net = models.mlp([2, 2, 1], { activation: 'tanh', outputActivation: 'tanh' })
  const adam = new optim.Adam(net.parameters(), { lr: 0.1 })
  const [x, y] = [tensor(corners), tensor(targets.map((target) => [target]))]
  const step = compile((inputs: Tensor, wanted: Tensor) => {
    const error = loss.mse(net.forward(inputs), wanted)
    adam.minimize(error)
    return error
  })
  const losses: Point[] = []
  for (let index = 1; index <= 150; index++) losses.push([index, await (await step(x, y)).item()])
  return { net: (inputs) => net.forward(inputs), losses }
}

const series = []
const panels: Panel[] = []
for (const [name, targets] of Object.entries(problems)) {
  const unit = new models.Perceptron(2)
  const { reason, epochs, mistakes, message } = await unit.fit(corners, targets, { maxEpochs: passes })
  const [w1 = 0, w2 = 0] = await unit.linear.weight.data()
  const [bias = 0] = (await unit.linear.bias?.data()) ?? []
  console.log(`${name}: ${message} ${bias} + ${w1} x1 + ${w2} x2 > 0`)
  const outcome = reason === 'separated' ? `no mistake from pass ${epochs} on` : `a circle after ${epochs} passes`
  series.push({ name, points: mistakes.map((wrong, index): Point => [index + 1, wrong]) })
  const answer = (x1: number, x2: number): number => (bias + w1 * x1 + w2 * x2 > 0 ? 1 : -1)
  panels.push(plane(`One unit, ${name}: ${outcome}`, targets, (x, y) => 0.8 * answer(x, y)))
}
console.log(`two linear layers and the one that they are: ${(await collapse()).toExponential(0)} apart at most`)

const { net, losses } = await multilayer(problems.XOR)
const outputs = await net(tensor(corners)).data()
console.log(`XOR with two hidden units: ${Array.from(outputs, (output) => output.toFixed(2)).join(', ')}`)
const side = 61
const places = Array.from({ length: side * side }, (_, index) => [
  -0.4 + (1.8 * (index % side)) / (side - 1),
  -0.4 + (1.8 * Math.floor(index / side)) / (side - 1),
])
const seen = await net(tensor(places)).data()
const cell = (value: number): number => Math.round(((value + 0.4) / 1.8) * (side - 1))

const figure = saveFigure('04-perceptron', 'One neuron draws a line; three can do XOR', [
  ...panels,
  plane('Two hidden units, XOR: solved', problems.XOR, (x, y) => 0.8 * Number(seen[cell(y) * side + cell(x)] ?? 0)),
  { title: 'Mistakes in each pass of the rule', xLabel: 'pass', yLabel: 'corners', yRange: [-0.2, 4], series },
  {
    title: 'Error of the multilayer perceptron on XOR',
    xLabel: 'step',
    yLabel: 'squared error',
    yScale: 'log',
    series: [{ name: 'XOR', points: losses, colour: colours[2] }],
  },
])
console.log(`figure: ${figure}`)
