/** Prints how large the library is in a page that trains, and which folders the bytes come from. Usage: npm run size */
import { bundle, ceiling, findFaults } from './bundle-size/bundle.ts'

const kilo = (bytes: number) => `${(bytes / 1024).toFixed(1)} KiB`

const built = await bundle('./entry.ts')
const folders = new Map<string, number>()
for (const [path, bytes] of built.sources) {
  const folder = path.slice(0, path.lastIndexOf('/'))
  folders.set(folder, (folders.get(folder) ?? 0) + bytes)
}
for (const [folder, bytes] of [...folders].sort((a, b) => b[1] - a[1])) {
  console.log(`${folder.padEnd(24)} ${kilo(bytes).padStart(10)} before minification`)
}
console.log(`${kilo(built.bytes)} minified, ${kilo(built.gzipBytes)} compressed (at most ${kilo(ceiling)})`)
console.log(`${kilo(built.workerGzipBytes)} compressed for the worker, where a page may use threads`)
const faults = findFaults(built)
for (const fault of faults) console.error(`the bundle ${fault}`)
process.exitCode = faults.length > 0 ? 1 : 0
