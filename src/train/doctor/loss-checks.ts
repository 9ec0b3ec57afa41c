/** Checks around the loss: is it what chance gives at the start, do its gradients agree with differences, can it fall to nothing. */
import { at } from '../../base/arrays.ts'
import { Adam } from '../../optim/adam.ts'
import { RandomSequence } from '../../random/threefry.ts'
import { compile } from '../../tensor/compile.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { type Finding, share, shown } from './finding.ts'
import { gradientsOf, leavingNoTrace, type Trial } from './trial.ts'

/**
 * Whether an untrained classifier starts at the loss of pure chance, −ln(1/C). A much higher loss means confident wrong answers: weights
 * or inputs are too large. Only for cross-entropy on C classes.
 *
 * @example
 * import { data, loss, nn, train } from 'cognitron'
 * const net = new nn.Sequential(new nn.Linear(2, 8), new nn.ReLU(), new nn.Linear(8, 2))
 * const set = data.toys.circle({ count: 32, seed: 1, target: 'class' })
 * const trial = await train.doctor.takeBatch(net, { train: set, loss: loss.crossEntropy })
 * console.log((await train.doctor.checkInitialLoss(trial)).message) // near ln 2
 */
export async function checkInitialLoss<Output>(trial: Trial<Output>): Promise<Finding> {
  const { model, judge, x, y } = trial
  const check = 'initial loss'
  const loss = await leavingNoTrace(model, async () => {
    const judged = await compile((input: Tensor, target: Tensor) => judge.judge(model.forward(input), target).loss)(
      x,
      y,
    )
    return judged.item()
  })
  const count = judge.classes
  if (count === undefined) {
    return { check, status: 'ok', message: `The loss starts at ${shown(loss)}.`, figures: { loss } }
  }
  const expected = Math.log(count)
  const figures = { loss, expected, classes: count }
  const start = `The loss starts at ${shown(loss)}; chance among ${count} classes gives −ln(1/${count}) = ${shown(expected)}.`
  if (!Number.isFinite(loss) || loss > 2 * expected + 0.5) {
    const advice =
      'The untrained network is sure of wrong answers: standardise the inputs or start from smaller weights.'
    return { check, status: 'problem', message: `${start} ${advice}`, figures }
  }
  if (Math.abs(loss - expected) > 0.35 * expected) {
    return { check, status: 'warning', message: `${start} Look at the scale of inputs and weights.`, figures }
  }
  return { check, status: 'ok', message: start, figures }
}

/**
 * Whether the gradients agree with differences of the loss: for every parameter, along the gradient on a random half of its elements,
 * (f(w + h) − f(w − h)) / 2 against ⟨gradient, h⟩. Finds layers of one's own whose values are wrong in a way that breaks differentiation.
 * The network is put in evaluation mode, for random draws would make both sides differ.
 *
 * @example
 * import { data, loss, nn, train } from 'cognitron'
 * const net = new nn.Sequential(new nn.Linear(2, 8), new nn.ReLU(), new nn.Linear(8, 2))
 * const set = data.toys.circle({ count: 32, seed: 1, target: 'class' })
 * const trial = await train.doctor.takeBatch(net, { train: set, loss: loss.crossEntropy })
 * console.log((await train.doctor.checkGradients(trial)).status) // ok
 */
export function checkGradients<Output>(trial: Trial<Output>, options: { seed?: number } = {}): Promise<Finding> {
  const { model, judge, x, y } = trial
  return leavingNoTrace(model, async () => {
    model.eval()
    const { gradients } = await gradientsOf(trial)
    const value = compile((input: Tensor, target: Tensor) => judge.judge(model.forward(input), target).loss)
    const loss = async (): Promise<number> => (await value(x, y)).item()
    const random = new RandomSequence(options.seed ?? 0)
    let worst = { key: '', error: 0 }
    for (const [key, parameter] of model.namedParameters()) {
      const gradient = gradients.get(key)
      if (!gradient) continue
      const direction = gradient.map((g) => (random.uniform() < 0.5 ? g : 0))
      const weights = Float32Array.from(await parameter.data())
      const error = await disagreement(weights, direction, loss, (values) => parameter.write(values))
      parameter.write(weights)
      if (error > worst.error) worst = { key, error }
    }
    return gradientFinding(worst, gradients.size)
  })
}

function gradientFinding({ key, error }: { key: string; error: number }, parameters: number): Finding {
  const check = 'gradients'
  const figures = { worst: error, parameters }
  const seen = `The gradients of ${parameters} parameters agree with differences of the loss to ${share(error)}`
  if (error < 0.03) return { check, status: 'ok', message: `${seen}.`, figures }
  return {
    check,
    status: error < 0.2 ? 'warning' : 'problem',
    message: `${seen}, the worst is "${key}". A kink of the loss nearby can be the cause; if it stays with other batches, look for values that are rounded, cut off or computed outside the graph.`,
    figures,
  }
}

/** The smallest relative disagreement over a few step sizes: large ones suffer from curvature, small ones from rounding. */
async function disagreement(
  weights: Float32Array,
  direction: Float32Array,
  loss: () => Promise<number>,
  write: (values: Float32Array) => void,
): Promise<number> {
  const slope = direction.reduce((sum, g) => sum + g * g, 0)
  if (slope < 1e-12) return 0
  let best = Number.POSITIVE_INFINITY
  for (const change of [3e-3, 1e-2, 3e-2]) {
    // A step that changes the loss by about `change`.
    const h = change / slope
    const difference: number[] = []
    for (const sign of [1, -1]) {
      write(weights.map((w, index) => w + sign * h * at(direction, index)))
      difference.push(await loss())
    }
    const measured = (at(difference, 0) - at(difference, 1)) / (2 * h)
    best = Math.min(best, Math.abs(measured - slope) / slope)
    if (best < 1e-2) break
  }
  return best
}

/**
 * Whether the network can learn a handful of samples by heart. If not, something between data and loss is broken, or the network is too
 * small. Trains on the one batch with Adam, then puts everything back.
 *
 * @example
 * import { data, loss, nn, train } from 'cognitron'
 * const net = new nn.Sequential(new nn.Linear(2, 8), new nn.ReLU(), new nn.Linear(8, 2))
 * const set = data.toys.circle({ count: 32, seed: 1, target: 'class' })
 * const trial = await train.doctor.takeBatch(net, { train: set, loss: loss.crossEntropy })
 * console.log((await train.doctor.checkOverfit(trial, { steps: 50 })).message)
 */
export function checkOverfit<Output>(
  trial: Trial<Output>,
  options: { steps?: number; lr?: number } = {},
): Promise<Finding> {
  const { model, judge, x, y } = trial
  const { steps = 200, lr = 0.01 } = options
  return leavingNoTrace(model, async () => {
    model.train()
    const adam = new Adam(model.parameters(), { lr })
    const step = compile((input: Tensor, target: Tensor): Tensor => {
      const { loss } = judge.judge(model.forward(input), target)
      adam.minimize(loss)
      return loss
    })
    const first = await (await step(x, y)).item()
    let lowest = first
    let taken = 1
    while (taken < steps && lowest > 0.02 * first) {
      lowest = Math.min(lowest, await (await step(x, y)).item())
      taken += 1
    }
    const figures = { first, lowest, steps: taken }
    const seen = `On one batch the loss falls from ${shown(first)} to ${shown(lowest)} in ${taken} steps`
    const check = 'learning one batch by heart'
    if (lowest < 0.1 * first) return { check, status: 'ok' as const, message: `${seen}.`, figures }
    const status = lowest < 0.5 * first ? ('warning' as const) : ('problem' as const)
    const advice =
      'Check that targets belong to their inputs, that gradients reach every layer, and that the network is large enough.'
    return { check, status, message: `${seen}; it should fall to almost nothing. ${advice}`, figures }
  })
}
