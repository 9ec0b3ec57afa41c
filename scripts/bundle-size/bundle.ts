/** Bundles an entry as a page would get it and says what is in it. */
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { type OutputChunk, rolldown } from 'rolldown'

const root = fileURLToPath(new URL('../../', import.meta.url))

export interface Bundle {
  /** The code of every file by its name; `page.js` is the first to load. */
  readonly files: ReadonlyMap<string, string>
  /** Of all that the page loads before it trains. */
  readonly bytes: number
  readonly gzipBytes: number
  /** Of the worker that a page loads besides where it may use several threads. */
  readonly workerGzipBytes: number
  /** Sources with code in the bundle, by path from the root of the repository, with their bytes before minification. */
  readonly sources: ReadonlyMap<string, number>
  /** Modules that it still imports when it runs. */
  readonly imports: readonly string[]
}

/** Bundles and minifies for browsers, with the worker beside; `cognitron` and its parts come from the sources. */
export async function bundle(entry: string): Promise<Bundle> {
  const page = await build('page', fileURLToPath(new URL(entry, import.meta.url)))
  const worker = await build('thread-worker', `${root}src/backends/wasm/threads/thread-worker.ts`)
  const chunks = [...page, ...worker]
  const sources = new Map<string, number>()
  for (const [path, { renderedLength }] of chunks.flatMap(({ modules }) => Object.entries(modules))) {
    if (renderedLength > 0) sources.set(path.replace(root, ''), renderedLength)
  }
  const sum = (some: readonly OutputChunk[], size: (code: string) => number) =>
    some.reduce((total, { code }) => total + size(code), 0)
  const compressed = (code: string) => gzipSync(code, { level: 9 }).length
  return {
    files: new Map(chunks.map(({ fileName, code }) => [fileName, code])),
    bytes: sum(page, (code) => Buffer.byteLength(code)),
    gzipBytes: sum(page, compressed),
    workerGzipBytes: sum(worker, compressed),
    sources,
    imports: chunks
      .flatMap(({ imports }) => imports)
      .filter((name) => !chunks.some(({ fileName }) => fileName === name)),
  }
}

async function build(name: string, file: string): Promise<OutputChunk[]> {
  const made = await rolldown({
    input: { [name]: file },
    platform: 'browser',
    plugins: [
      {
        name: 'cognitron',
        resolveId: {
          filter: { id: /^cognitron(\/|$)/ },
          handler: (id) => `${root}src/${id.slice('cognitron'.length + 1)}/index.ts`.replace('//', '/'),
        },
      },
    ],
  })
  const { output } = await made.generate({ format: 'es', minify: true, comments: false, entryFileNames: '[name].js' })
  await made.close()
  // What is imported on demand (the profiler) a page that only trains never loads.
  return output.filter((each) => each.type === 'chunk').filter((chunk) => !chunk.isDynamicEntry)
}

/** Folders under src/ that have no place in a page that trains. */
export const strangers = ['backends/interpreter', 'cli', 'data', 'explain', 'io', 'metrics', 'models', 'train']

/** In bytes, compressed; the worker comes on top. */
export const ceiling = 62 * 1024

/** What is wrong with the bundle of a page that trains; empty where nothing is. */
export function findFaults({ gzipBytes, sources, imports, files }: Bundle): string[] {
  const faults = imports.map((name) => `imports ${name} when it runs`)
  for (const path of sources.keys()) {
    const folder = strangers.find((each) => path.startsWith(`src/${each}/`))
    if (folder !== undefined) faults.push(`holds ${path}`)
  }
  // `process.getBuiltinModule` is asked for by that name where there is one; no bundler follows it.
  for (const [name, code] of files) {
    const node = /\b(?:from|import|require)\s*\(?\s*["'`]node:[a-z/_]+/.exec(code)
    if (node) faults.push(`imports from Node in ${name}: ${node[0]}`)
  }
  if (gzipBytes > ceiling) faults.push(`takes ${gzipBytes} bytes compressed, more than ${ceiling}`)
  return faults
}
