/** The race as a program for the library. */
import type { Formula } from './formula.ts'
import { formulaCode } from './formula.ts'
import { type RacerName, type RaceSetup, racerNames, racersOf, ratesOf, startOf } from './setup.ts'
import { racerTitles } from './standing.ts'

const makers: Readonly<Record<RacerName, (rate: number, memory: number) => string>> = {
  sgd: (rate) => `new optim.SGD([point], { lr: ${rate} })`,
  momentum: (rate, memory) => `new optim.SGD([point], { lr: ${rate}, momentum: ${memory} })`,
  nesterov: (rate, memory) =>
    `new optim.SGD([point], { lr: ${rate}, momentum: ${memory}${memory > 0 ? ', nesterov: true' : ''} })`,
  adagrad: (rate) => `new optim.Adagrad([point], { lr: ${rate} })`,
  rmsprop: (rate, memory) => `new optim.RMSprop([point], { lr: ${rate}, alpha: ${memory} })`,
  adadelta: (rate, memory) => `new optim.Adadelta([point], { lr: ${rate}, rho: ${memory} })`,
  adam: (rate, memory) => `new optim.Adam([point], { lr: ${rate}, betas: [${memory}, 0.999] })`,
  adamw: (rate, memory) => `new optim.AdamW([point], { lr: ${rate}, betas: [${memory}, 0.999] })`,
}

export function raceCode(setup: RaceSetup, formula: Formula): string {
  const rates = ratesOf(setup)
  const racers = racersOf(setup).map((name) => {
    const at = racerNames.indexOf(name)
    return `  '${racerTitles[name]}': (point: Parameter) => ${makers[name](rates[at] ?? 0.01, setup.memories[at] ?? 0)},`
  })
  const expression = formulaCode(formula)
  const usesTensor = expression.includes('tensor(')
  return `import { compile, optim, Parameter, type Tensor${usesTensor ? ', tensor' : ''} } from 'cognitron'

const height = (x: Tensor, y: Tensor): Tensor => ${expression}

const racers = {
${racers.join('\n')}
}

for (const [name, make] of Object.entries(racers)) {
  const point = new Parameter(Float32Array.of(${startOf(setup).join(', ')}), [2])
  const optimizer = make(point)
  const step = compile(() => {
    const loss = height(point.slice(0, 0, 1), point.slice(0, 1, 2)).sum()
    optimizer.minimize(loss)
    return loss
  })
  for (let count = 0; count < ${setup.steps}; count++) await step()
  const [x, y] = await point.data()
  console.log(name, x, y)
}
`
}
