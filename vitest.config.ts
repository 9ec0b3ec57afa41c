/** The suite that `npm test` runs: everything but the soak tests, which vitest.long.config.ts adds. */
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const source = fileURLToPath(new URL('./src/', import.meta.url))

export const longTests = '**/*.long.test.ts'

export default defineConfig({
  resolve: {
    alias: [
      { find: /^cognitron$/, replacement: `${source}index.ts` },
      { find: /^cognitron\/(.+)$/, replacement: `${source}$1/index.ts` },
    ],
  },
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts', 'examples/**/*.test.ts'],
    exclude: [longTests, '**/node_modules/**'],
    // Processes, not threads: tests of the command line change the working folder and handle signals.
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    unstubGlobals: true,
    restoreMocks: true,
  },
})
