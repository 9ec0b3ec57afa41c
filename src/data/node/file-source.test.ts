/** Named data sets from a folder, the cache and a loopback server, and the published files where they are at hand. */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ArrayDataset } from '../array-dataset.ts'
import { classCounts } from '../dataset.ts'
import type { FileCollection, RemoteFile } from '../sets/entry.ts'
import { dataSetNamed } from '../sets/registry.ts'
import { fileSource } from './file-source.ts'
import { loadDataSet } from './load-data-set.ts'

const shared = process.env.COGNITRON_SHARED ?? fileURLToPath(new URL('../../../../shared', import.meta.url))
const published = join(shared, 'data')
if (!existsSync(published)) console.warn(`SKIPPED: the published MNIST files, because ${published} is absent`)

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cognitron-sets-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** Two pictures of 28 × 28 with labels, as the four files of an archive. */
function writeArchive(into: string, options: { pack?: boolean; labels?: number[] } = {}): void {
  mkdirSync(into, { recursive: true })
  const write = (name: string, bytes: Uint8Array) => {
    if (options.pack === false) writeFileSync(join(into, name), bytes)
    else writeFileSync(join(into, `${name}.gz`), gzipSync(bytes))
  }
  for (const part of ['train', 't10k']) {
    const images = new Uint8Array(16 + 2 * 784)
    images.set([0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 28, 0, 0, 0, 28])
    const labels = options.labels ?? [9, 0]
    write(`${part}-images-idx3-ubyte`, images)
    write(`${part}-labels-idx1-ubyte`, Uint8Array.of(0, 0, 8, 1, 0, 0, 0, labels.length, ...labels))
  }
}

describe('a folder', () => {
  test.each([
    ['of packed files', {}, ''],
    ['of unpacked files', { pack: false }, ''],
    ['that holds a folder of the name', {}, 'fashion-mnist'],
  ])('%s', async (_name, options, inner) => {
    writeArchive(join(folder, inner), options)
    const { train, test: held } = await loadDataSet('fashion-mnist', { dataDir: folder })
    expect([train.length, held.length, train.get(0).target[0]]).toEqual([2, 2, 9])
    expect(train.classNames?.[9]).toBe('Ankle boot')
  })

  test('without the files', async () => {
    await expect(loadDataSet('mnist', { dataDir: folder })).rejects.toThrow(
      `The folder ${folder} has no train-images-idx3-ubyte.gz (or train-images-idx3-ubyte); "mnist" needs ` +
        'train-images-idx3-ubyte.gz, train-labels-idx1-ubyte.gz, t10k-images-idx3-ubyte.gz, t10k-labels-idx1-ubyte.gz.',
    )
  })

  test('counts that differ name both files', async () => {
    writeArchive(folder, { labels: [1, 2, 3] })
    const [images, labels] = ['train-images-idx3-ubyte.gz', 'train-labels-idx1-ubyte.gz'].map((name) =>
      join(folder, name),
    )
    await expect(loadDataSet('mnist', { dataDir: folder })).rejects.toThrow(
      `${images} has 2 images but ${labels} has 3 labels`,
    )
  })
})

describe('the cache', () => {
  const bytes = Uint8Array.of(1, 2, 3)
  const file: RemoteFile = { name: 'a.bin', byteLength: 3, sha256: createHash('sha256').update(bytes).digest('hex') }
  const collection: FileCollection = { name: 'tiny', baseUrls: ['http://127.0.0.1:9/'], files: [file] }

  test('is filled from the network once, from the first address that works', async () => {
    let requests = 0
    const server = createServer((request, response) => {
      requests += 1
      if (request.url === '/sets/a.bin') response.end(bytes)
      else response.writeHead(404).end()
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const root = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const source = fileSource({ cacheDir: folder, baseUrls: [`${root}/old/`, `${root}/sets/`], attempts: 1 })
    const first = await source(file, collection)
    const second = await source(file, collection)
    await new Promise((resolve) => server.close(resolve))
    expect([...first.bytes, ...second.bytes]).toEqual([1, 2, 3, 1, 2, 3])
    expect(first.name).toBe(join(folder, 'tiny', 'a.bin'))
    expect(requests).toBe(2)
  })

  test('a file of the wrong length is fetched again', async () => {
    mkdirSync(join(folder, 'tiny'))
    writeFileSync(join(folder, 'tiny', 'a.bin'), 'ab')
    await expect(fileSource({ cacheDir: folder, attempts: 1 })(file, collection)).rejects.toThrow(
      'Could not download http://127.0.0.1:9/a.bin',
    )
  })
})

describe('names', () => {
  test('an unknown name lists the known ones', () => {
    expect(() => dataSetNamed('minst')).toThrow(
      'There is no data set "minst"; known are fashion-mnist, mnist, synthetic-digits.',
    )
    expect(() => dataSetNamed('toString')).toThrow('There is no data set "toString"')
  })

  test('a set of files needs a source', async () => {
    await expect(dataSetNamed('mnist').load()).rejects.toThrow('load needs a source')
  })

  test('the built-in set needs nothing', async () => {
    const { train, test: held } = await loadDataSet('synthetic-digits', { seed: 1 })
    expect([train.length, held.length]).toEqual([12_000, 2_000])
  })
})

describe.runIf(existsSync(published))('the published files', () => {
  test('Fashion-MNIST has 6,000 and 1,000 pictures a class and its known first labels', async () => {
    const { train, test: held } = await loadDataSet('fashion-mnist', { dataDir: join(published, 'fashion-mnist') })
    expect([...classCounts(train)]).toEqual(Array(10).fill(6000))
    expect([...classCounts(held)]).toEqual(Array(10).fill(1000))
    expect([0, 1, 2, 3, 4].map((index) => train.get(index).target[0])).toEqual([9, 0, 0, 3, 0])
  })

  test('MNIST unpacks to the published bytes', async () => {
    const { train } = await loadDataSet('mnist', { dataDir: published })
    const header = Uint8Array.of(0, 0, 8, 3, 0, 0, 0xea, 0x60, 0, 0, 0, 28, 0, 0, 0, 28)
    const pixels = train instanceof ArrayDataset ? (train.rawInputs as Uint8Array) : new Uint8Array()
    expect(createHash('md5').update(header).update(pixels).digest('hex')).toBe('6bbc9ace898e44ae57da46a324031adb')
    expect([0, 1, 2, 3, 4].map((index) => train.get(index).target[0])).toEqual([5, 0, 4, 1, 9])
  })
})
