/** The tests of the studio (`npm run test:studio`): its logic, and the built application in a browser. */
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { libraryAlias } from './vite.config.ts'

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  resolve: { alias: libraryAlias },
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    pool: 'forks',
    // Browser tests measure speed and smoothness, so nothing runs beside them.
    maxWorkers: 1,
    // On a busy machine a browser may miss its moment; what fails three times is broken.
    retry: 2,
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
})
