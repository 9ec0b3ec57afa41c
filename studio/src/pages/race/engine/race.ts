/** The race by the library: every racer is one of its optimizers with a point of its own, and one program moves them all a step on. */
import { compile, optim, Parameter, stack, type Tensor, tensor } from 'cognitron'
import { type Arithmetic, evaluate, type Formula } from '../formula.ts'
import type { RaceRequest, RacerSettings, Way } from '../protocol.ts'
import type { RacerName } from '../setup.ts'

const arithmetic: Arithmetic<Tensor> = {
  number: (value) => tensor(value),
  negative: (value) => value.neg(),
  binary: (operator, left, right) => {
    if (operator === '+') return left.add(right)
    if (operator === '-') return left.sub(right)
    return operator === '*' ? left.mul(right) : left.div(right)
  },
  power: (base, exponent) => base.pow(exponent),
  call: (name, value) => value[name](),
}

/** The height at `[2]` as a scalar. */
function height(formula: Formula, point: Tensor): Tensor {
  const x = point.slice(0, 0, 1)
  const y = point.slice(0, 1, 2)
  return evaluate(formula, x, y, arithmetic).add(x.mul(0)).sum()
}

type Maker = (point: Parameter, settings: RacerSettings) => optim.Optimizer

const makers: Readonly<Record<RacerName, Maker>> = {
  sgd: (point, { rate }) => new optim.SGD([point], { lr: rate }),
  momentum: (point, { rate, memory }) => new optim.SGD([point], { lr: rate, momentum: memory }),
  nesterov: (point, { rate, memory }) => new optim.SGD([point], { lr: rate, momentum: memory, nesterov: memory > 0 }),
  adagrad: (point, { rate }) => new optim.Adagrad([point], { lr: rate }),
  rmsprop: (point, { rate, memory }) => new optim.RMSprop([point], { lr: rate, alpha: memory }),
  adadelta: (point, { rate, memory }) => new optim.Adadelta([point], { lr: rate, rho: memory }),
  adam: (point, { rate, memory }) => new optim.Adam([point], { lr: rate, betas: [memory, 0.999] }),
  adamw: (point, { rate, memory }) => new optim.AdamW([point], { lr: rate, betas: [memory, 0.999] }),
}

interface Racer {
  readonly point: Parameter
  readonly optimizer: optim.Optimizer
}

/** Runs the whole race; a hundred steps at most pass before `turn` lets requests be heard, and `false` from it ends the race. */
export async function race(request: RaceRequest, turn: () => Promise<boolean>): Promise<Way[] | undefined> {
  const { formula, start, racers, steps } = request
  const field: Racer[] = racers.map((settings) => {
    const point = new Parameter(Float32Array.from(start), [2])
    return { point, optimizer: makers[settings.name](point, settings) }
  })
  const step = compile((): readonly Tensor[] => {
    const before = field.map(({ point }) => point.add(0))
    const heights = field.map(({ point, optimizer }) => {
      const found = height(formula, point)
      optimizer.minimize(found)
      return found
    })
    return [stack(before), stack(heights)]
  })
  const ways = racers.map(({ name }) => ({
    name,
    x: new Float32Array(steps + 1),
    y: new Float32Array(steps + 1),
    loss: new Float32Array(steps + 1),
  }))
  if (racers.length === 0) return ways
  // The last call only reads where everybody is.
  for (let at = 0; at <= steps; at++) {
    const [places, heights] = await step()
    const where = (await places?.data()) as Float32Array
    const high = (await heights?.data()) as Float32Array
    ways.forEach((way, index) => {
      way.x[at] = where[2 * index] as number
      way.y[at] = where[2 * index + 1] as number
      way.loss[at] = high[index] as number
    })
    if (at % 50 === 49 && !(await turn())) return undefined
  }
  return ways
}

/** The step at which a way first is at `goal` or below; undefined when never. */
export function arrival(losses: ArrayLike<number>, goal: number): number | undefined {
  for (let step = 0; step < losses.length; step++) if ((losses[step] as number) <= goal) return step
  return undefined
}

/** Rates with which each racer arrives first; among those that never do, the one that ends lowest. */
export async function bestRates(
  request: RaceRequest,
  rates: readonly number[],
  goal: number,
  turn: () => Promise<boolean>,
): Promise<number[] | undefined> {
  const best = request.racers.map(({ rate }) => ({ rate, score: Number.POSITIVE_INFINITY }))
  for (const rate of rates) {
    const ways = await race({ ...request, racers: request.racers.map((each) => ({ ...each, rate })) }, turn)
    if (!ways) return undefined
    ways.forEach(({ loss }, index) => {
      const last = loss.at(-1) ?? Number.NaN
      const arrived = arrival(loss, goal)
      // Who arrives and is thrown out again has not arrived.
      const stays = last <= goal + 0.1 * ((loss[0] ?? 0) - goal)
      const score = arrived !== undefined && stays ? arrived : request.steps + (Number.isFinite(last) ? last : 1e30)
      const known = best[index]
      if (known && score < known.score) best[index] = { rate, score }
    })
  }
  return best.map(({ rate }) => rate)
}
