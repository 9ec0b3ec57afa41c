/** The worker of the Convolution page. */
import { setBackend } from 'cognitron'
import { WasmBackend } from 'cognitron/backends/wasm'
import { type Port, serve } from '../../../engine/serve.ts'
import type { ConvolutionEngine, Picture } from '../protocol.ts'
import { compute } from './convolve.ts'

// Pictures of a few hundred pixels gain nothing from more threads.
setBackend(new WasmBackend({ threads: 1 }))

let own: Picture | undefined

serve<ConvolutionEngine>(
  {
    compute: (setup) => compute(setup, own),
    setOwn(picture) {
      own = picture
    },
  },
  self as unknown as Port,
)
