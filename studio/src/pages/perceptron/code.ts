/** The perceptron as a program for the library. */
import { examplesOf, firstWeights } from './rule.ts'
import type { PerceptronSetup } from './setup.ts'

export function perceptronCode({ targets, coding, rate, seed }: PerceptronSetup, passes = 50): string {
  const rows = examplesOf(targets, coding).map(({ x1, x2, target }) => `  { x: [1, ${x1}, ${x2}], target: ${target} },`)
  return `import { compile, type Tensor, tensor, VariableTensor, where } from 'cognitron'

// x₀ = 1 stands for the bias.
const examples = [
${rows.join('\n')}
]

const weights = new VariableTensor(Float32Array.of(${firstWeights(seed).join(', ')}), [3])

// o = 1 if w · x > 0, else −1;  w ← w + η (t − o) x
const update = compile((x: Tensor, target: Tensor) => {
  const output = where(weights.mul(x).sum().gt(0), 1, -1)
  weights.assign(weights.add(x.mul(target.sub(output)).mul(${rate})))
  return output
})

for (let pass = 1; pass <= ${passes}; pass++) {
  let mistakes = 0
  for (const { x, target } of examples) {
    const output = await update(tensor(x), tensor(target))
    if ((await output.item()) !== target) mistakes += 1
  }
  console.log(\`pass \${pass}: \${mistakes} mistakes\`)
  if (mistakes === 0) break
}
console.log('weights', await weights.data())
`
}
