/** Features of frozen layers kept as files: one for each pair of weights and data. */
import { mkdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { fileError } from '../../base/file-errors.ts'
import { readBytes, writeFileAtomic } from '../../io/files.ts'
import type { FeatureStore } from '../transfer/feature-cache.ts'

/**
 * A store of features in `folder`, which is made when something is written. Files of other weights or data stay until they are removed.
 *
 * @throws FileError when a file cannot be read or written.
 * @example
 * import { featureFolder } from 'cognitron/train/node'
 * const store = featureFolder('features')
 * await store.write('a', new Uint8Array([1, 2]))
 * console.log((await store.read('a'))?.length) // 2
 */
export function featureFolder(folder: string): FeatureStore {
  const pathOf = (key: string): string => join(folder, `features-${key.replace(/[^\w-]/g, '_')}.safetensors`)
  return {
    async read(key) {
      const found = await stat(pathOf(key)).catch(() => undefined)
      return found ? readBytes(pathOf(key)) : undefined
    },
    async write(key, bytes) {
      await mkdir(folder, { recursive: true }).catch((error: unknown) => {
        throw fileError(error, 'make the folder', folder)
      })
      await writeFileAtomic(pathOf(key), bytes)
    },
  }
}
