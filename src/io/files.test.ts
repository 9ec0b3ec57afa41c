/** Writing that never harms what is there: round trips, and failures at every step, a really full disk among them. */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  loadNpy,
  loadNpz,
  loadSafetensors,
  readBytes,
  saveNpy,
  saveNpz,
  saveSafetensors,
  writeFileAtomic,
} from './files.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cognitron-files-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe('writeFileAtomic', () => {
  test('makes folders, replaces, and leaves nothing else', async () => {
    const path = join(folder, 'a/b/c.txt')
    await writeFileAtomic(path, 'one')
    chmodSync(path, 0o640)
    await writeFileAtomic(path, Uint8Array.of(116, 119, 111))
    expect(readFileSync(path, 'utf8')).toBe('two')
    expect(statSync(path).mode & 0o777).toBe(0o640)
    expect(readdirSync(join(folder, 'a/b'))).toEqual(['c.txt'])
  })

  test.runIf(existsSync('/dev/full'))('a full disk leaves the previous file', async () => {
    const path = join(folder, 'best.bin')
    writeFileSync(path, 'previous')
    await expect(writeFileAtomic(path, 'new', { openFile: () => open('/dev/full', 'w') })).rejects.toThrow(
      `Cannot write ${path}: the disk is full; free some space and try again.`,
    )
    expect(readFileSync(path, 'utf8')).toBe('previous')
    expect(readdirSync(folder)).toEqual(['best.bin'])
  })

  test('a target that is a folder', async () => {
    mkdirSync(join(folder, 'x/y'), { recursive: true })
    await expect(writeFileAtomic(join(folder, 'x'), 'new')).rejects.toThrow(
      `Cannot write ${join(folder, 'x')}: it is a folder, not a file; give the path of a file.`,
    )
    expect(readdirSync(folder)).toEqual(['x'])
  })

  test('a path through a file', async () => {
    writeFileSync(join(folder, 'f'), '')
    await expect(writeFileAtomic(join(folder, 'f/g'), 'new')).rejects.toThrow(
      'a file stands where a folder is needed; check the path.',
    )
  })

  test('two writers at once: one of the two contents, whole', async () => {
    const path = join(folder, 'race')
    await Promise.all(['a', 'b'].map((letter) => writeFileAtomic(path, letter.repeat(100_000))))
    expect(['a'.repeat(100_000), 'b'.repeat(100_000)]).toContain(readFileSync(path, 'utf8'))
    expect(readdirSync(folder)).toEqual(['race'])
  })
})

test('a file that is not there', async () => {
  await expect(readBytes(join(folder, 'gone'))).rejects.toThrow(
    `Cannot read ${join(folder, 'gone')}: there is no such file or folder; check the path.`,
  )
})

test('every format to a file and back; errors name the file', async () => {
  const array = { shape: [2], dtype: 'float32', data: Float32Array.of(1, 2) } as const
  await saveSafetensors(join(folder, 'w.safetensors'), { w: array }, { metadata: { a: 'b' } })
  expect(await loadSafetensors(join(folder, 'w.safetensors'))).toEqual({
    tensors: new Map([['w', array]]),
    metadata: { a: 'b' },
  })
  await saveNpy(join(folder, 'w.npy'), array)
  expect(await loadNpy(join(folder, 'w.npy'))).toEqual(array)
  await saveNpz(join(folder, 'w.npz'), { w: array }, { compress: true })
  expect(await loadNpz(join(folder, 'w.npz'))).toEqual(new Map([['w', array]]))
  await expect(loadSafetensors(join(folder, 'w.npy'))).rejects.toThrow(
    `${join(folder, 'w.npy')} is not a safetensors file`,
  )
})
