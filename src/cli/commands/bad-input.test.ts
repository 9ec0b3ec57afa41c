/** What cannot work ends with one clear sentence and status 2, and leaves what was there. */
import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { BinaryWriter } from '@bufbuild/protobuf/wire'
import { PNG } from 'pngjs'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type Outcome, runProgram } from '../../../test/support/command-line.ts'
import { barPictures, idxBytes, writeBarArchive } from '../../../test/support/idx-files.ts'
import { io } from '../../index.ts'

/** Starting a process takes seconds on a busy machine. */
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

const folder = mkdtempSync(join(tmpdir(), 'cognitron-bad-'))
const inFolder = (line: string): Promise<Outcome> => runProgram(line.split(' '), folder)
const hash = (path: string) =>
  createHash('sha256')
    .update(readFileSync(join(folder, path)))
    .digest('hex')

/** One sentence on the error stream, status 2, nothing else said. */
function expectRefusal({ output, error, status }: Outcome, pattern: RegExp): void {
  expect(error).toMatch(pattern)
  expect(error).toMatch(/^cognitron: .*[.?]\n$/)
  expect(status).toBe(2)
  expect(output).not.toContain('"type":"result"')
}

const network = (layers: string, more = '') => `
import { data, nn, optim } from 'cognitron'
export default {
  model: () => new nn.Sequential(${layers}),
  train: data.toys.circle({ count: 40, seed: 1, target: 'class' }),
  ${more}
}
`

const pictures = (layers: string) => `
import { data, nn } from 'cognitron'
export default { model: () => new nn.Sequential(${layers}), train: data.syntheticDigits('train', { count: 20 }) }
`

const images = 'train-images-idx3-ubyte.gz'
const labels = 'train-labels-idx1-ubyte.gz'
const packed = gzipSync(idxBytes([120, 28, 28], barPictures(120).images))

/** Data folders in which one file is wrong. */
const archives: Record<string, Record<string, Uint8Array>> = {
  good: {},
  truncated: { [images]: packed.subarray(0, packed.length - 20) },
  corrupt: { [images]: packed.map((byte, index) => (index > 30 && index < 60 ? byte ^ 0x5a : byte)) },
  magic: { [images]: gzipSync(idxBytes([120, 28, 28], barPictures(120).images, 0x1234)) },
  short: { [images]: gzipSync(idxBytes([120, 28, 28], barPictures(100).images)) },
  count: { [labels]: gzipSync(idxBytes([119], barPictures(119).labels)) },
  class: { [labels]: gzipSync(idxBytes([120], barPictures(120).labels.fill(11, 5, 6))) },
}

const jobs: Record<string, string> = {
  'good.ts': network('new nn.Linear(2, 4), new nn.Tanh(), new nn.Linear(4, 2)'),
  'shapes.ts': network('new nn.Linear(2, 8), new nn.ReLU(), new nn.Linear(9, 2)'),
  'narrow.ts': network('new nn.Linear(2, 1)'),
  'nan.ts': network(
    'new nn.Linear(2, 4), new nn.ReLU(), new nn.Linear(4, 2)',
    'optimizer: (p) => new optim.SGD(p, { lr: 1e20 })',
  ),
  'throws.ts': '\nconst x = null\nx.y\n',
  'syntax.ts': 'export default {',
  'empty.ts': 'export const x = 1\n',
  'no-train.ts': "import { nn } from 'cognitron'\nexport default { model: new nn.Linear(2, 2) }\n",
  'no-module.ts': 'export default { model: 3, train: 4 }\n',
  'text.ts': `
import { data, nn } from 'cognitron'
const table = data.parseTable('size,price\\n1,2\\n3,cheap\\n', { name: 'houses.csv', numeric: ['price'] })
export default { model: () => new nn.Linear(1, 1), train: data.tableDataset(table, { target: 'price' }) }
`,
  'label.ts': network('new nn.Linear(2, 1)'),
  'kernel.ts': pictures('new nn.Conv2d(1, 4, 40), new nn.Flatten(), new nn.Linear(4, 10)'),
  'pool.ts': pictures('new nn.MaxPool2d(29), new nn.Flatten(), new nn.Linear(1, 10)'),
  'groups.ts': pictures('new nn.Conv2d(1, 4, 3, { groups: 2 }), new nn.Flatten(), new nn.Linear(2704, 10)'),
  'size.ts': pictures('new nn.AdaptiveAvgPool2d(2.5), new nn.Flatten(), new nn.Linear(4, 10)'),
}

/** A safetensors file of two tensors of two numbers each, whose data begins at the given places, and twelve bytes of data. */
function safetensors(...starts: readonly number[]): Buffer {
  const entries = starts.map((start, index) => [
    'ab'.charAt(index),
    { dtype: 'F32', shape: [2], data_offsets: [start, start + 8] },
  ])
  const header = Buffer.from(JSON.stringify(Object.fromEntries(entries)))
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(header.length))
  return Buffer.concat([length, header, Buffer.alloc(12)])
}

function unknownOperator(): Uint8Array {
  const node = { operator: 'Frobnicate', name: 'middle', inputs: ['x'], outputs: ['y'] }
  const file = io.onnx.makeOnnxFile({ nodes: [node], inputs: { x: [1, 3, 8, 8] }, outputs: { y: [1, 10] } })
  return io.onnx.writeOnnxFile(file, new BinaryWriter())
}

beforeAll(async () => {
  for (const [name, replaced] of Object.entries(archives)) writeBarArchive(join(folder, name), replaced)
  for (const [name, text] of Object.entries(jobs)) writeFileSync(join(folder, name), text)
  writeFileSync(join(folder, 'text.png'), 'not a picture')
  writeFileSync(join(folder, 'damaged.safetensors'), 'nonsense')
  writeFileSync(join(folder, 'overlap.safetensors'), safetensors(0, 4))
  writeFileSync(join(folder, 'beyond.safetensors'), safetensors(0, 8))
  writeFileSync(join(folder, 'unknown.onnx'), unknownOperator())
  writeFileSync(join(folder, 'black.png'), PNG.sync.write(new PNG({ width: 8, height: 8 })))
  const [job, bars] = await Promise.all([
    inFolder('train good.ts --epochs 1 --name job'),
    inFolder('train mnist --data-dir good --model linear --epochs 1 --name bars'),
  ])
  expect([job.error, bars.error]).toEqual(['', ''])
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe.concurrent('names and numbers', () => {
  test.each([
    [
      'train fashion-mnst',
      /There is no data set "fashion-mnst"; known are fashion-mnist, .*Did you mean fashion-mnist\?/,
    ],
    ['train mnist --model lenet', /There is no model "lenet"; known are .*Did you mean lenet5\?/],
    ['train mnist --epochs -3', /argument '-3' is invalid\. It takes a whole number of at least 1\./],
    ['train mnist --lr fast', /argument 'fast' is invalid\. It takes a number of at least 0\./],
    ['train mnist --validation 2', /It takes a number from 0 to 0\.9\./],
    ['train', /train needs a data set \(fashion-mnist, .*\) or the file of a training job/],
    ['train gone.ts', /Cannot read gone\.ts: there is no such file/],
    ['train good.ts --model mlp', /good\.ts brings its own model, so --model mlp has no meaning/],
    ['train good.ts --name a/b', /--name takes a plain name, given "a\/b"/],
    ['train --resume gone', /There is no run in gone \(a folder with run\.json\); runs\/ has /],
    ['eval nothing', /There is no run in nothing .*runs\/ has /],
    ['eval jobb', /Did you mean runs\/job\?/],
    ['summary lenet', /There is no model "lenet"/],
    ['summary mlp --input 3x0', /It takes whole numbers of at least 1 joined by x, such as 3x32x32\./],
  ] as const)('%s', async (line, pattern) => {
    expectRefusal(await inFolder(line), pattern)
  })
})

describe.concurrent('files of data', () => {
  test.each([
    [
      'truncated',
      /truncated\/train-images-idx3-ubyte\.gz: the compressed data is cut short; fetch or write the file again\./,
    ],
    ['corrupt', /train-images-idx3-ubyte\.gz: .*(?:damaged|corrupt|broken)/],
    [
      'magic',
      /magic\/train-images-idx3-ubyte\.gz is not an IDX file: it starts with the number 4660; files of images start with 2051/,
    ],
    ['short', /short\/train-images-idx3-ubyte\.gz is cut short: its header promises 94096 bytes, the file has 78416/],
    ['count', /120 .* 119/],
    ['class', /train-labels-idx1-ubyte\.gz: label 5 is 11, but there are 10 classes/],
    ['missing', /The folder .*missing has no train-images-idx3-ubyte\.gz/],
  ] as const)('%s', async (name, pattern) => {
    expectRefusal(await inFolder(`train mnist --data-dir ${name} --name ${name}`), pattern)
    expect(existsSync(join(folder, 'runs', name))).toBe(false)
  })
})

describe.concurrent('training jobs', () => {
  test.each([
    ['shapes.ts', /2 \(Linear 9 → 2\): .*\[8, 8\].*|2 \(Linear 9 → 2\): .*8.*9/],
    ['narrow.ts', /has the class 1, but the network gives scores for 1 classes/],
    ['throws.ts', /throws\.ts:3 does not run: TypeError: Cannot read properties of null/],
    ['syntax.ts', /syntax\.ts.* does not run: /],
    ['empty.ts', /empty\.ts exports no training job by default; it needs "export default/],
    ['no-train.ts', /no-train\.ts: the training job has no train;/],
    ['no-module.ts', /no-module\.ts: model is not a network;/],
    ['text.ts', /houses\.csv, line 3, column 2 \("price"\): "cheap" is not a number/],
    ['label.ts', /Sample \d+ of .* has the class 1, but the network gives scores for 1 classes/],
    [
      'kernel.ts',
      /0 \(Conv2d 1 → 4\): conv2d: the kernel reaches over 40 × 40 elements, more than the padded input of 28 × 28/,
    ],
    [
      'pool.ts',
      /0 \(MaxPool2d\): maxPool2d: a window of 29 × 29 does not fit into an input of shape \[\d+, 1, 28, 28\]/,
    ],
    ['groups.ts', /Conv2d with groups 2 needs numbers of channels that 2 divides, given 1 input/],
    ['size.ts', /0 \(AdaptiveAvgPool2d\): outputSize must be a whole number of at least 1, .*given \[2\.5,2\.5\]/],
  ] as const)('%s', async (name, pattern) => {
    expectRefusal(await inFolder(`train ${name} --batch-size 8`), pattern)
  })
})

describe.concurrent('files of networks', () => {
  test.each([
    ['predict unknown.onnx black.png', /operator Frobnicate \(node 'middle'\) is not supported\./],
    ['explain unknown.onnx black.png', /operator Frobnicate \(node 'middle'\) is not supported\./],
    [
      'eval overlap.safetensors --model mlp --data mnist --data-dir good',
      /overlap\.safetensors, tensor "b" overlaps tensor "a" \(bytes 4 to 8\)\./,
    ],
    [
      'eval beyond.safetensors --model mlp --data mnist --data-dir good',
      /beyond\.safetensors, tensor "b" ends at byte 16 of the data, but the file has 12;/,
    ],
    ['summary alexnet --input 3x20x20', /features\.5 \(MaxPool2d\): .* does not fit into an input of shape/],
  ] as const)('%s', async (line, pattern) => {
    expectRefusal(await inFolder(line), pattern)
  })
})

describe('what was learned stays', () => {
  test('a loss that turns NaN: the layer is named, the best is kept', async () => {
    const outcome = await inFolder('train nan.ts --name nan --batch-size 8 --json')
    expectRefusal(outcome, /became (?:NaN|Infinity|inf).*(?:weights|output|gradient|loss)/i)
    expect(existsSync(join(folder, 'runs/nan/run.json'))).toBe(true)
  })

  test('a checkpoint of another model, by name and by shape', async () => {
    const before = hash('runs/bars/last.ckpt')
    const named = await inFolder('train mnist --data-dir good --model mlp --resume bars')
    expectRefusal(named, /runs\/bars was started with --model linear, now it is mlp; .*train anew without --resume/)
    const job = hash('runs/job/last.ckpt')
    writeFileSync(join(folder, 'good.ts'), network('new nn.Linear(2, 5), new nn.Tanh(), new nn.Linear(5, 2)'))
    const changed = await inFolder('train --resume job --epochs 2')
    expectRefusal(
      changed,
      /The checkpoint is of another model: "0\.weight" has shape \[4, 2\] in the checkpoint and \[5, 2\]/,
    )
    expect([hash('runs/bars/last.ckpt'), hash('runs/job/last.ckpt')]).toEqual([before, job])
  })

  test('weights of another network', async () => {
    const [other, bare, damaged] = await Promise.all([
      inFolder('eval runs/bars/best.safetensors --model lenet5 --data-dir good'),
      inFolder('eval damaged.safetensors --model mlp --data mnist --data-dir good'),
      inFolder('predict runs/bars text.png'),
    ])
    expectRefusal(
      other,
      /runs\/bars\/best\.safetensors holds the weights of another network \(it begins with 1\.weight \[10, 784\]/,
    )
    expectRefusal(bare, /damaged\.safetensors/)
    expectRefusal(damaged, /text\.png: this is no picture in a known format; pictures are read as PNG or JPEG\./)
  })

  test('a damaged checkpoint', async () => {
    const path = join(folder, 'runs/bars/last.ckpt')
    const bytes = readFileSync(path)
    writeFileSync(path, bytes.subarray(0, bytes.length >> 1))
    expectRefusal(await inFolder('train --resume bars --epochs 2'), /last\.ckpt/)
    writeFileSync(path, bytes)
  })

  test('a disk that takes no more: the previous best stays', async () => {
    const best = hash('runs/bars/best.safetensors')
    // A limit on the size of files fails writes as a full disk does; the weights alone need 31 kB.
    const { spawnSync } = await import('node:child_process')
    const program = new URL('../main.ts', import.meta.url).pathname
    const script = `trap '' XFSZ; ulimit -f 16; "${process.execPath}" "${program}" train --resume bars --epochs 3 --save-every 0`
    const { status, stderr } = spawnSync('bash', ['-c', script], { cwd: folder, encoding: 'utf8' })
    expect(stderr).toMatch(/^cognitron: Cannot write runs\/bars\/.*The previous best weights are kept\.\n$/)
    expect(status).toBe(2)
    expect(hash('runs/bars/best.safetensors')).toBe(best)
  })
})
