/** Checks of single layers: units that are always off, units at their limits, gradients that fade or grow, steps too small or large. */
import { at } from '../../base/arrays.ts'
import { ELU, GELU, Hardtanh, LeakyReLU, ReLU, ReLU6, Sigmoid, SiLU, Tanh } from '../../nn/index.ts'
import type { Optimizer } from '../../optim/optimizer.ts'
import { compile } from '../../tensor/compile.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { type Finding, share, shown } from './finding.ts'
import { gradientsOf, leavingNoTrace, type SeenOutput, type Trial, watchOutputs } from './trial.ts'

const rectifiers = [ReLU, ReLU6, ELU, GELU, SiLU, LeakyReLU] as const
const switches = [ReLU, ReLU6] as const
/** Activations with the values at which their slope ends. */
const limits = [
  { kind: Sigmoid, low: 0, high: 1 },
  { kind: Tanh, low: -1, high: 1 },
  { kind: Hardtanh, low: -1, high: 1 },
] as const

/**
 * Units (features, or channels of a picture) that are 0 for every sample and place of the batch, after each rectifier.
 *
 * @example
 * import { data, loss, nn, train } from 'cognitron'
 * const net = new nn.Sequential(new nn.Linear(2, 8), new nn.ReLU(), new nn.Linear(8, 2))
 * const set = data.toys.circle({ count: 32, seed: 1, target: 'class' })
 * const trial = await train.doctor.takeBatch(net, { train: set, loss: loss.crossEntropy })
 * console.log((await train.doctor.checkDeadUnits(trial)).message)
 */
export async function checkDeadUnits<Output>(trial: Trial<Output>): Promise<Finding> {
  const outputs = await watchOutputs(trial)
  const layers = outputs.filter(({ module }) => switches.some((kind) => module instanceof kind))
  const counted = layers.map((layer) => ({ layer, dead: shareOfUnits(layer, (value) => value === 0) }))
  const worst = counted.reduce((a, b) => (b.dead > a.dead ? b : a), {
    layer: undefined as SeenOutput | undefined,
    dead: 0,
  })
  const check = 'dead units'
  const figures = Object.fromEntries(counted.map(({ layer, dead }) => [layer.path, dead]))
  if (counted.length === 0) {
    const soft = outputs.some(({ module }) => rectifiers.some((kind) => module instanceof kind))
    const why = soft
      ? 'The activations of this network never switch off for good.'
      : 'There are no rectifiers in this network.'
    return { check, status: 'ok', message: why, figures }
  }
  const seen = `At most ${share(worst.dead)} of the units of a layer are off for every sample${worst.layer ? ` (${worst.layer.path})` : ''}`
  if (worst.dead < 0.3) return { check, status: 'ok', message: `${seen}.`, figures }
  return {
    check,
    status: worst.dead < 0.7 ? 'warning' : 'problem',
    message: `${seen}; they learn nothing. Try a lower learning rate, another initialisation or LeakyReLU.`,
    figures,
  }
}

/**
 * The share of values at the flat ends of sigmoid and tanh layers, where no gradient passes.
 *
 * @example
 * import { data, loss, nn, train } from 'cognitron'
 * const net = new nn.Sequential(new nn.Linear(2, 8), new nn.ReLU(), new nn.Linear(8, 2))
 * const set = data.toys.circle({ count: 32, seed: 1, target: 'class' })
 * const trial = await train.doctor.takeBatch(net, { train: set, loss: loss.crossEntropy })
 * console.log((await train.doctor.checkSaturation(trial)).message)
 */
export async function checkSaturation<Output>(trial: Trial<Output>): Promise<Finding> {
  const outputs = await watchOutputs(trial)
  const check = 'saturated units'
  const found = outputs.flatMap((output) => {
    const limit = limits.find(({ kind }) => output.module instanceof kind)
    if (!limit) return []
    const margin = 0.02 * (limit.high - limit.low)
    const flat = output.data.filter((value) => value < limit.low + margin || value > limit.high - margin).length
    return [{ path: output.path, part: flat / Math.max(1, output.data.length) }]
  })
  const figures = Object.fromEntries(found.map(({ path, part }) => [path, part]))
  const worst = found.reduce((a, b) => (b.part > a.part ? b : a), { path: '', part: 0 })
  if (found.length === 0) return { check, status: 'ok', message: 'There are no saturating activations.', figures }
  const seen = `At most ${share(worst.part)} of the values of a layer lie at the flat ends of its activation${worst.path ? ` (${worst.path})` : ''}`
  if (worst.part < 0.3) return { check, status: 'ok', message: `${seen}.`, figures }
  return {
    check,
    status: worst.part < 0.7 ? 'warning' : 'problem',
    message: `${seen}; hardly any gradient passes. Use smaller initial weights, standardised inputs or a normalisation.`,
    figures,
  }
}

/**
 * Gradient norms by parameter: whether they fade or grow from the output to the input.
 *
 * @example
 * import { data, loss, nn, train } from 'cognitron'
 * const net = new nn.Sequential(new nn.Linear(2, 8), new nn.ReLU(), new nn.Linear(8, 2))
 * const set = data.toys.circle({ count: 32, seed: 1, target: 'class' })
 * const trial = await train.doctor.takeBatch(net, { train: set, loss: loss.crossEntropy })
 * console.log((await train.doctor.checkGradientFlow(trial)).message)
 */
export async function checkGradientFlow<Output>(trial: Trial<Output>): Promise<Finding> {
  const { gradients } = await gradientsOf(trial)
  const check = 'gradients by layer'
  // Biases and scales are few and of other sizes; weights tell the story.
  const shapes = new Map(trial.model.namedParameters().map(([key, { shape }]) => [key, shape.length]))
  const norms = [...gradients]
    .filter(([key]) => (shapes.get(key) ?? 0) > 1)
    .map(([key, g]) => [key, rootMeanSquare(g)] as const)
  const figures = Object.fromEntries(norms)
  const [first, last] = [norms[0], norms.at(-1)]
  if (!first || !last) return { check, status: 'ok', message: 'There are no weights with a gradient.', figures }
  const bad = norms.find(([, norm]) => !Number.isFinite(norm))
  if (bad) {
    return {
      check,
      status: 'problem',
      message: `The gradient of "${bad[0]}" is not finite; see where values overflow.`,
      figures,
    }
  }
  const none = norms.find(([, norm]) => norm === 0)
  if (none) {
    const message = `No gradient reaches "${none[0]}"; it is not connected to the loss, or all units behind it are off.`
    return { check, status: 'problem', message, figures }
  }
  const ratio = first[1] / last[1]
  const seen = `The gradient of the first weights is ${shown(ratio)} times that of the last`
  if (ratio < 1e-3) {
    const advice =
      'It fades on its way back: use rectifiers, a normalisation, residual connections or another initialisation.'
    return { check, status: ratio < 1e-5 ? 'problem' : 'warning', message: `${seen}. ${advice}`, figures }
  }
  if (ratio > 1e3) {
    const advice = 'It grows on its way back: use smaller initial weights, a normalisation or clipping.'
    return { check, status: ratio > 1e5 ? 'problem' : 'warning', message: `${seen}. ${advice}`, figures }
  }
  return { check, status: 'ok', message: `${seen}.`, figures }
}

/**
 * How far one step of the optimizer moves each weight tensor, ‖Δw‖ / ‖w‖; about 10⁻³ is usual. The optimizer's first step is not typical
 * for the Adam family, so a few are taken. Everything is put back.
 *
 * @example
 * import { data, loss, nn, optim, train } from 'cognitron'
 * const net = new nn.Sequential(new nn.Linear(2, 8), new nn.ReLU(), new nn.Linear(8, 2))
 * const set = data.toys.circle({ count: 32, seed: 1, target: 'class' })
 * const trial = await train.doctor.takeBatch(net, { train: set, loss: loss.crossEntropy })
 * const optimizer = new optim.Adam(net.parameters())
 * console.log((await train.doctor.checkUpdateRatio(trial, optimizer)).message)
 */
export function checkUpdateRatio<Output>(
  trial: Trial<Output>,
  optimizer: Optimizer,
  options: { steps?: number } = {},
): Promise<Finding> {
  const { model, judge, x, y } = trial
  const { steps = 5 } = options
  return leavingNoTrace(model, async () => {
    const slots = await optimizer.stateDict()
    try {
      model.train()
      const step = compile((input: Tensor, target: Tensor): Tensor => {
        const { loss } = judge.judge(model.forward(input), target)
        optimizer.minimize(loss)
        return loss
      })
      for (let done = 1; done < steps; done++) await step(x, y)
      const before = await weightsOf(trial)
      await step(x, y)
      const after = await weightsOf(trial)
      const ratios = [...before].map(([key, weights]) => {
        const moved = (after.get(key) as Float32Array).map((value, index) => value - at(weights, index))
        return [key, rootMeanSquare(moved) / Math.max(rootMeanSquare(weights), 1e-12)] as const
      })
      return updateFinding(ratios)
    } finally {
      optimizer.loadStateDict(slots)
    }
  })
}

function updateFinding(ratios: readonly (readonly [string, number])[]): Finding {
  const check = 'size of the steps'
  const figures = Object.fromEntries(ratios)
  const sorted = ratios.map(([, ratio]) => ratio).sort((a, b) => a - b)
  const middle = sorted[Math.floor(sorted.length / 2)]
  if (middle === undefined) return { check, status: 'ok', message: 'There are no weights to move.', figures }
  const seen = `A step moves the weights by ${shown(middle)} of their size (about 0.001 is usual)`
  if (!Number.isFinite(middle) || middle > 0.05) {
    return {
      check,
      status: middle > 0.5 ? 'problem' : 'warning',
      message: `${seen}; lower the learning rate.`,
      figures,
    }
  }
  if (middle < 1e-5) return { check, status: 'warning', message: `${seen}; raise the learning rate.`, figures }
  return { check, status: 'ok', message: `${seen}.`, figures }
}

async function weightsOf<Output>({ model }: Trial<Output>): Promise<Map<string, Float32Array>> {
  const weights = new Map<string, Float32Array>()
  for (const [key, parameter] of model.namedParameters()) {
    if (parameter.rank > 1) weights.set(key, Float32Array.from(await parameter.data()))
  }
  return weights
}

/** The share of units for which all values of the batch satisfy `test`; axis 1 holds the units. */
function shareOfUnits({ data, shape }: SeenOutput, test: (value: number) => boolean): number {
  const units = shape[1] ?? 1
  const inner = shape.slice(2).reduce((count, size) => count * size, 1)
  const alive = new Uint8Array(units)
  for (let index = 0; index < data.length; index++) {
    if (!test(data[index] as number)) alive[Math.floor(index / inner) % units] = 1
  }
  return alive.filter((flag) => flag === 0).length / units
}

function rootMeanSquare(values: Float32Array): number {
  let sum = 0
  for (const value of values) sum += value * value
  return Math.sqrt(sum / Math.max(1, values.length))
}
