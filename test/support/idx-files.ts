/** Small IDX files in the names of MNIST, for tests of what reads them. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'

/** An IDX file of bytes with the given sizes (http://yann.lecun.com/exdb/mnist). */
export function idxBytes(sizes: readonly number[], values: Uint8Array, magic = 0x0800 + sizes.length): Uint8Array {
  const header = new DataView(new ArrayBuffer(4 + 4 * sizes.length))
  header.setUint32(0, magic)
  sizes.forEach((size, index) => {
    header.setUint32(4 + 4 * index, size)
  })
  return new Uint8Array([...new Uint8Array(header.buffer), ...values])
}

/** Pictures of 28 × 28 in which class c is a bright bar in rows 2c + 4 and 2c + 5, and their labels. */
export function barPictures(count: number): { images: Uint8Array; labels: Uint8Array } {
  const labels = Uint8Array.from({ length: count }, (_, index) => index % 10)
  const images = new Uint8Array(count * 784)
  labels.forEach((label, index) => {
    images.fill(255, index * 784 + (2 * label + 4) * 28, index * 784 + (2 * label + 6) * 28)
  })
  return { images, labels }
}

/** The four packed files of a data set of bars in `folder`; `replace` puts other bytes in place of some. */
export function writeBarArchive(folder: string, replace: Readonly<Record<string, Uint8Array>> = {}): string {
  mkdirSync(folder, { recursive: true })
  const files: Record<string, Uint8Array> = {}
  for (const [part, count] of [['train', 120] as const, ['t10k', 40] as const]) {
    const { images, labels } = barPictures(count)
    files[`${part}-images-idx3-ubyte.gz`] = gzipSync(idxBytes([count, 28, 28], images))
    files[`${part}-labels-idx1-ubyte.gz`] = gzipSync(idxBytes([count], labels))
  }
  for (const [name, bytes] of Object.entries({ ...files, ...replace })) writeFileSync(join(folder, name), bytes)
  return folder
}
