/** The worker of the Explain page. */
import { setBackend } from 'cognitron'
import { WasmBackend } from 'cognitron/backends/wasm'
import { Handover } from '../../../engine/contract.ts'
import { type Port, serve } from '../../../engine/serve.ts'
import type { ExplainEngine, Progress } from '../protocol.ts'
import { openNetwork } from './networks.ts'
import { ExplainSession } from './session.ts'

// One core is left to the page.
setBackend(new WasmBackend({ threads: Math.max(1, Math.min(4, navigator.hardwareConcurrency - 1)) }))

let session: ExplainSession | undefined
let progress: Progress | undefined

function current(): ExplainSession {
  if (!session) throw new Error('There is no network yet.')
  return session
}

serve<ExplainEngine>(
  {
    async open(source) {
      session = undefined
      progress = undefined
      const network = await openNetwork(source, (now) => {
        progress = now
      })
      session = new ExplainSession(network)
      const info = await session.info()
      progress = undefined
      return new Handover(info, [info.pictures.buffer, info.labels.buffer, info.answers.buffer])
    },
    progress: () => progress,
    look: (picture) => current().look(picture),
    explain: (question) => current().explain(question),
    check: (question) => current().check(question),
    setOwn: (picture) => current().setOwn(picture),
    weights: () => current().weights(),
  },
  self as unknown as Port,
)
