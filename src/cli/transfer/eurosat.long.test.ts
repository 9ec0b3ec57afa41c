/** What MobileNetV2, trained on photographs, is worth for satellite pictures: the figure that the lessons state, by the command itself. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { jsonLines } from '../../../test/support/command-line.ts'
import { memoryTerminal } from '../../../test/support/memory-terminal.ts'
import { sharedData } from '../../../test/support/shared-data.ts'
import { runTransfer } from './run-transfer.ts'

const pictures = sharedData('data/eurosat-rgb-subset')
const network = sharedData('data/pretrained/mobilenetv2-imagenet/mobilenetv2_1.0_224.onnx')

test.skipIf(!pictures || !network)('EuroSAT: a head alone recognises 93 % of 600 unseen pictures', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'cognitron-eurosat-'))
  const { terminal, output } = memoryTerminal()
  const options = { normalize: 'symmetric', runDir: join(folder, 'run'), features: folder, json: true } as const
  await runTransfer(pictures ?? '', { from: network ?? '', ...options }, terminal)
  const result = jsonLines(output()).at(-1)
  console.log(`test accuracy ${result?.testAccuracy}`)
  expect(result?.testAccuracy).toBeGreaterThanOrEqual(0.93)
  rmSync(folder, { recursive: true, force: true })
})
