/** Builds the studio to static files in `dist/`, which `cognitron studio` serves. The library is taken from its sources. */
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'

export const library = fileURLToPath(new URL('../src/', import.meta.url))

/** Only the public entry points of the library can be imported. */
export const libraryAlias = [
  { find: /^cognitron$/, replacement: `${library}index.ts` },
  { find: /^cognitron\/(.+)$/, replacement: `${library}$1/index.ts` },
]

/** What the server sends with every file; the development server sends the same. */
const isolation = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
}

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: '/',
  resolve: { alias: libraryAlias },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  // Layers tell of themselves by the names of their classes.
  worker: { format: 'es', rolldownOptions: { output: { keepNames: true } } },
  server: { host: '127.0.0.1', headers: isolation },
  build: {
    target: 'es2023',
    // Inlined files would need `data:` in the content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
})
