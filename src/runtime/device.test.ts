import { expect, test, vi } from 'vitest'

test('without a backend, computing says what to import; the entry of a backend makes it the default', async () => {
  vi.resetModules()
  const { getBackend } = await import('./device.ts')
  expect(() => getBackend()).toThrow(
    "there is no backend to compute on: import 'cognitron', or add import 'cognitron/backends/wasm' where you import only parts of it.",
  )
  await import('../backends/wasm/index.ts')
  expect(getBackend().name).toBe('wasm')
})
