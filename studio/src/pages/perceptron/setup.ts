/** The state of the Perceptron page and its address. */
import { type Codec, choice, entry, oneOfNumbers, type Schema, whole } from '../../base/address.ts'
import { type Coding, type GateName, gates, type Sign, type Targets } from './rule.ts'

export const rates = [0.05, 0.1, 0.2, 0.5, 1] as const
/** Updates a second. */
export const speeds = [0.5, 1, 2, 5, 20, 100] as const

export interface PerceptronSetup {
  readonly targets: Targets
  readonly coding: Coding
  readonly rate: number
  readonly seed: number
  readonly speed: number
}

/** The name of a known truth table, or its four bits. */
const targetsCodec: Codec<Targets> = {
  parse(text) {
    if (text in gates) return gates[text as GateName]
    if (!/^[01]{4}$/.test(text)) return undefined
    return [...text].map((bit): Sign => (bit === '1' ? 1 : -1)) as unknown as Targets
  },
  format: (targets) => gateName(targets) ?? targets.map((sign) => (sign === 1 ? '1' : '0')).join(''),
}

/** The name of a truth table, if it has one. */
export function gateName(targets: Targets): GateName | undefined {
  return (Object.keys(gates) as GateName[]).find((name) => gates[name].every((sign, index) => sign === targets[index]))
}

export const schema: Schema<PerceptronSetup> = {
  targets: entry('gate', gates.and, targetsCodec),
  coding: entry('inputs', 'zeroOne', choice(['zeroOne', 'plusMinus'])),
  rate: entry('rate', 0.1, oneOfNumbers(rates)),
  seed: entry('seed', 4, whole({ min: 0, max: 9999 })),
  speed: entry('speed', 2, whole({ min: 0, max: speeds.length - 1 })),
}
