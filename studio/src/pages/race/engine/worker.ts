/** The worker of the Optimizer race. A newer request ends an older one. */
import { setBackend } from 'cognitron'
import { WasmBackend } from 'cognitron/backends/wasm'
import { Handover } from '../../../engine/contract.ts'
import { type Port, serve } from '../../../engine/serve.ts'
import type { RaceEngine } from '../protocol.ts'
import { bestRates, race } from './race.ts'

// Sixteen numbers are moved in a step.
setBackend(new WasmBackend({ threads: 1 }))

let newest = 0

/** Lets messages in; false when another request has come since. */
function turns(): () => Promise<boolean> {
  const own = ++newest
  const { port1, port2 } = new MessageChannel()
  return () =>
    new Promise((resolve) => {
      port1.onmessage = () => resolve(own === newest)
      port2.postMessage(null)
    })
}

serve<RaceEngine>(
  {
    async race(request) {
      const ways = (await race(request, turns())) ?? []
      return new Handover(
        ways,
        ways.flatMap(({ x, y, loss }) => [x.buffer, y.buffer, loss.buffer]),
      )
    },
    bestRates: async (request, rates, goal) => (await bestRates(request, rates, goal, turns())) ?? [],
  },
  self as unknown as Port,
)
