/** The version of the package. */
import { createRequire } from 'node:module'

export function programVersion(): string {
  const manifest: unknown = createRequire(import.meta.url)('../../package.json')
  return (manifest as { version: string }).version
}
