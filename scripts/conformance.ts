/** Writes docs/conformance.md: which operation agrees with the oracle on which backend, with its gradients. `npm run conformance` */
import { writeFileSync } from 'node:fs'
import { check, conformanceBackends, hasOrder, orders } from '../test/conformance/run.ts'
import { allSamples, conformanceDocument, type Results, resultKey } from '../test/conformance/table.ts'

const backends = await conformanceBackends()
const results: Results = new Map()
let wrong = 0
for (const sample of allSamples) {
  for (const order of orders) {
    if (!hasOrder(sample, order)) continue
    const findings = check(sample, order, backends)
    results.set(resultKey(sample, order), findings)
    for (const [backend, message] of findings) {
      if (message === undefined) continue
      wrong += 1
      console.error(`${sample.name}, ${order}, ${backend}: ${message}`)
    }
  }
}
writeFileSync(
  new URL('../docs/conformance.md', import.meta.url),
  conformanceDocument(results, ['interpreter', ...backends.keys()]),
)
console.info(`${results.size} checks of ${allSamples.length} samples on ${backends.size + 1} backends, ${wrong} wrong`)
process.exitCode = wrong > 0 ? 1 : 0
