/** The worker of the Train images page. */
import { io, setBackend } from 'cognitron'
import { WasmBackend } from 'cognitron/backends/wasm'
import { list } from '../../../base/address.ts'
import { layerCodec, MOST_LAYERS } from '../../../base/layer-spec.ts'
import { Handover } from '../../../engine/contract.ts'
import { type Port, serve } from '../../../engine/serve.ts'
import type { DataInfo, TrainEngine } from '../protocol.ts'
import { describeSets, drawnDigits, type PictureSets, readOwnFiles } from './pictures.ts'
import { TrainSession } from './session.ts'

// One core is left to the page.
setBackend(new WasmBackend({ threads: Math.max(1, Math.min(8, navigator.hardwareConcurrency - 1)) }))

let sets: PictureSets | undefined
let session: TrainSession | undefined
let readShare = 0

function current(): TrainSession {
  if (!session) throw new Error('There is no network yet.')
  return session
}

function take(next: PictureSets | undefined): Handover<DataInfo | undefined> {
  session?.dispose()
  session = undefined
  sets = next
  const info = next && describeSets(next)
  return new Handover(info, info ? [info.test.values.buffer, info.test.labels.buffer] : [])
}

serve<TrainEngine>(
  {
    prepare: (setup) => take(setup.data === 'digits' ? drawnDigits(setup) : undefined),
    async read(files, setup) {
      readShare = 0
      const read = await readOwnFiles(files, setup, (share) => {
        readShare = share
      })
      return take(read) as Handover<DataInfo>
    },
    progress: () => readShare,
    build(setup) {
      session?.dispose()
      session = undefined
      if (sets) session = new TrainSession(setup, sets)
    },
    adjust: (setup) => session?.adjust(setup),
    start: () => current().start(),
    stop: () => session?.stop(),
    step: (batches) => current().step(batches),
    frame: (knownCurves) => current().frame(knownCurves),
    async look(picture) {
      const look = await session?.look(picture)
      return new Handover(look, look?.layers.map(({ values }) => values.buffer) ?? [])
    },
    judge: () => session?.judge(),
    samples: (count, epoch) => current().samples(count, epoch),
    findRate: () => current().findRate(),
    record: () => current().record(),
    weights: () => current().weights(),
    inspect(bytes, name) {
      const { metadata } = io.readSafetensors(bytes, name)
      const { layers } = metadata
      return layers === undefined ? {} : { layers: list(layerCodec, { most: MOST_LAYERS }).parse(layers) ?? [] }
    },
    load: (bytes, name) => current().load(bytes, name),
  },
  self as unknown as Port,
)
