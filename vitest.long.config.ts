/** The soak tests (`npm run test:long`): long training runs and memory over many steps. */
import { defineConfig, mergeConfig } from 'vitest/config'
import base, { longTests } from './vitest.config.ts'

const config = mergeConfig(base, defineConfig({ test: { testTimeout: 1_200_000, passWithNoTests: true } }))
config.test = { ...config.test, include: [longTests], exclude: ['**/node_modules/**'], maxWorkers: 1 }

export default config
