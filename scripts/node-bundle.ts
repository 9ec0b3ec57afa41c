/**
 * Bundles the library for Node into a few files. Hundreds of small modules take Node a fifth of a second to load, these a fifth
 * of that; pages get the single modules, from which their bundlers take what they use. Lines, and the names of classes and functions stay, for the sake of error messages.
 */
import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type OutputChunk, rolldown } from 'rolldown'

const source = fileURLToPath(new URL('../src/', import.meta.url))
const worker = join(source, 'backends/wasm/threads/thread-worker.ts')

/** What every program that computes and trains needs. */
const engine = ['base', 'shape', 'random', 'ir', 'grad', 'compile', 'runtime', 'tensor', 'backends/wasm']
const training = ['nn', 'optim', 'loss']

/** What only an `import()` loads, with the files that nothing else needs. */
const onDemand = /io\/onnx\/export\/(?!on-demand)|backends\/wasm\/profile\.ts$/

/** Writes one entry for each public part of the library to `folder`, laid out as `src/` is. */
export async function bundleForNode(folder: string): Promise<OutputChunk[]> {
  const parts = globSync('**/index.ts', { cwd: source }).filter((path) => !path.startsWith('cli'))
  const input = Object.fromEntries(parts.map((path) => [path.replace(/\.ts$/, ''), join(source, path)]))
  const build = await rolldown({
    // The worker's file is looked for beside the engine.
    input: { ...input, 'thread-worker': worker },
    platform: 'node',
  })
  const shared = (id: string) => id.startsWith(source) && id !== worker && !needsNode(id) && !onDemand.test(id)
  const inside = (folders: readonly string[]) => (id: string) =>
    shared(id) && folders.some((folder) => id.startsWith(join(source, folder, '/')))
  const { output } = await build.write({
    dir: folder,
    format: 'es',
    // Texts with characters beyond Latin-1 would make V8 keep and read the whole file in two bytes for each character.
    charset: 'ascii',
    comments: false,
    minify: {
      compress: true,
      mangle: { toplevel: true, keepNames: { class: true, function: true } },
      codegen: { removeWhitespace: false },
    },
    entryFileNames: '[name].js',
    chunkFileNames: '[name].js',
    codeSplitting: {
      groups: [
        { name: 'engine', test: inside([...engine, ...training]), priority: 2 },
        { name: 'library', test: shared, priority: 1 },
      ],
    },
  })
  await build.close()
  return output.filter((each) => each.type === 'chunk')
}

/** Whether a module imports one of Node's own; those are loaded only by who asks for them. */
function needsNode(path: string): boolean {
  return !existsSync(path) || path.includes('/node/') || /^import .* from 'node:/m.test(readFileSync(path, 'utf8'))
}
