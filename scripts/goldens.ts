/**
 * Compares layers, losses, optimizers, schedules and networks with reference values of PyTorch.
 * Usage: npm run goldens -- FOLDER [PART-OF-A-NAME]
 */
import { existsSync } from 'node:fs'
import { listCases, runCase } from './goldens/run-case.ts'

const [folder, part] = process.argv.slice(2)
if (folder === undefined || !existsSync(folder)) {
  const problem = folder === undefined ? 'no folder was given' : `the folder ${folder} does not exist`
  console.error(`${problem}; usage: npm run goldens -- FOLDER [PART-OF-A-NAME]`)
  process.exit(2)
}
const paths = listCases(folder, part)
if (paths.length === 0) {
  console.error(
    `${folder} holds no reference files such as layer-linear.safetensors${part ? ` with '${part}' in the name` : ''}.`,
  )
  process.exit(2)
}

const counts = { pass: 0, fail: 0, unsupported: 0 }
for (const path of paths) {
  const { name, status, detail } = await runCase(path)
  counts[status] += 1
  console.log(`${status} ${name}  ${detail}`)
}
console.log(`${counts.pass} pass, ${counts.fail} fail, ${counts.unsupported} unsupported`)
process.exitCode = counts.fail > 0 ? 1 : 0
