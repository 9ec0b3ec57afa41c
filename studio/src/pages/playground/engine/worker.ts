/** The Playground's worker: trains between requests and answers them. */
import { setBackend } from 'cognitron'
import { WasmBackend } from 'cognitron/backends/wasm'
import { defaultState } from '../../../base/address.ts'
import { Handover } from '../../../engine/contract.ts'
import { type Port, serve } from '../../../engine/serve.ts'
import type { PlaygroundEngine } from '../protocol.ts'
import { schema } from '../setup.ts'
import { readCsvPoints, thumbnails } from './points-data.ts'
import { PlaygroundSession } from './session.ts'

// Steps of a few hundred multiply-adds are over before a second thread would have woken up.
setBackend(new WasmBackend({ threads: 1 }))

let session: PlaygroundSession | undefined
let looping = false

/** A message to oneself comes back after those that wait already, which a timer of 0 ms does only after 4 ms. */
const turn = new MessageChannel()
turn.port1.onmessage = () => void loop()

async function loop(): Promise<void> {
  if (!session?.running) {
    looping = false
    return
  }
  const waitMs = await session.slice()
  if (waitMs > 1) setTimeout(loop, waitMs)
  else turn.port2.postMessage(null)
}

function current(): PlaygroundSession {
  session ??= new PlaygroundSession(defaultState(schema))
  return session
}

serve<PlaygroundEngine>(
  {
    configure(setup) {
      if (!session) {
        session = new PlaygroundSession(setup)
        return { change: 'data', plan: session.plan() }
      }
      return { change: session.configure(setup), plan: session.plan() }
    },
    reset: () => current().reset(),
    start() {
      current().start()
      if (looping) return
      looping = true
      void loop()
    },
    stop: () => session?.stop(),
    step: (batches) => current().train(batches),
    async frame(request) {
      const frame = await current().frame(request)
      return new Handover(frame, [frame.weights.buffer, ...frame.maps.map((map) => map.buffer)])
    },
    setWeight: (place, value) => current().setWeight(place, value),
    goBack: () => current().goBack(),
    thumbnails,
    readCsv: readCsvPoints,
  },
  self as unknown as Port,
)
