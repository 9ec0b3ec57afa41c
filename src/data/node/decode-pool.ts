/**
 * Decodes pictures on worker threads, so that a `DataLoader` prepares the next batches while the network learns from this one. The
 * decoder is named by its module, because functions cannot be sent to threads; the library brings none. Fed by `openClassFolder` or
 * `ClassFolderDataset`; Node only.
 */
import { Worker } from 'node:worker_threads'
import { at } from '../../base/arrays.ts'
import { ArgumentError, FormatError } from '../../base/errors.ts'
import type { Raster } from '../image/raster.ts'

export interface DecodePoolOptions {
  /** The name of the exported function `(bytes, name) → Raster`. Default `decode`. */
  readonly name?: string
  /** Default 2. */
  readonly workers?: number
}

/** A decoder on worker threads. */
export interface DecodePool {
  /** As the module's function; a broken picture rejects with a FormatError of its message. */
  readonly decode: (bytes: Uint8Array, name: string) => Promise<Raster>
  /** Ends the threads; pictures that are being decoded reject. They do not keep the program running when idle. */
  close(): Promise<void>
}

interface Request {
  readonly resolve: (raster: Raster) => void
  readonly reject: (error: Error) => void
}

/** What a thread answers: a picture, or why there is none. */
type Answer = { readonly id: number; readonly raster: Raster } | { readonly id: number; readonly problem: string }

const PROGRAM = `
const { parentPort, workerData } = require('node:worker_threads')
const decoder = import(workerData.module).then((module) => {
  const found = module[workerData.name]
  if (typeof found !== 'function') throw new Error(workerData.module + ' exports no function "' + workerData.name + '"')
  return found
})
decoder.catch(() => undefined)
parentPort.on('message', async ({ id, bytes, name }) => {
  try {
    const decode = await decoder
    const { width, height, channels, pixels } = await decode(bytes, name)
    const own = Uint8Array.from(pixels)
    parentPort.postMessage({ id, raster: { width, height, channels, pixels: own } }, [own.buffer])
  } catch (error) {
    parentPort.postMessage({ id, problem: error instanceof Error ? error.message : String(error) })
  }
})
`

/**
 * Decodes on worker threads with a function of the module at `url`; they start when there is work.
 *
 * @throws ArgumentError for a number of workers below 1; pictures that are asked for after `close` fail with
 * FormatError.
 * @throws ArgumentError unless there is a whole number of at least one worker.
 * @example
 * ```ts
 * import { decodePool } from 'cognitron/data/node'
 * const module = 'data:text/javascript,export const decode = (pixels) => ({ width: 2, height: 1, channels: 1, pixels })'
 * const pool = decodePool(module)
 * console.log((await pool.decode(Uint8Array.of(3, 4), 'two.raw')).pixels) // Uint8Array(2) [ 3, 4 ]
 * await pool.close()
 * ```
 */
export function decodePool(url: string | URL, options: DecodePoolOptions = {}): DecodePool {
  const { name = 'decode', workers: count = 2 } = options
  if (!Number.isInteger(count) || count < 1) {
    throw new ArgumentError(`A pool of decoders needs a whole number of workers from 1 on; given ${count}.`)
  }
  const threads: DecodeThread[] = []
  let closed = false
  /** A thread without work, a new one while there may be more, else the one with least work. */
  const pick = (): DecodeThread => {
    const idle = threads.find((thread) => thread.waiting === 0)
    if (idle) return idle
    if (threads.length < count) threads.push(new DecodeThread(String(url), name))
    return threads.reduce((a, b) => (b.waiting < a.waiting ? b : a), at(threads, 0))
  }
  const decode = async (bytes: Uint8Array, picture: string): Promise<Raster> => {
    if (closed) throw new FormatError(`${picture} cannot be decoded: the pool of decoders is closed.`)
    return pick().decode(bytes, picture)
  }
  return {
    decode,
    close: async () => {
      closed = true
      await Promise.all(threads.map((thread) => thread.close()))
    },
  }
}

class DecodeThread {
  readonly #worker: Worker
  readonly #requests = new Map<number, Request>()
  #next = 0
  #ended = false

  constructor(module: string, name: string) {
    this.#worker = new Worker(PROGRAM, { eval: true, workerData: { module, name } })
    this.#worker.unref()
    this.#worker.on('message', (answer: Answer) => this.#settle(answer))
    this.#worker.on('error', (error: Error) => this.#end(error.message))
    this.#worker.on('exit', () => this.#end('its thread has ended'))
  }

  /** Pictures on their way. */
  get waiting(): number {
    return this.#requests.size
  }

  decode(bytes: Uint8Array, name: string): Promise<Raster> {
    if (this.#ended)
      return Promise.reject(new FormatError(`${name} cannot be decoded: the pool of decoders is closed.`))
    const id = this.#next++
    return new Promise<Raster>((resolve, reject) => {
      this.#requests.set(id, { resolve, reject })
      this.#worker.ref()
      this.#worker.postMessage({ id, bytes, name })
    })
  }

  async close(): Promise<void> {
    await this.#worker.terminate()
  }

  #settle(answer: Answer): void {
    const request = this.#requests.get(answer.id)
    this.#requests.delete(answer.id)
    if (this.#requests.size === 0) this.#worker.unref()
    if ('raster' in answer) request?.resolve(answer.raster)
    else request?.reject(new FormatError(answer.problem))
  }

  #end(reason: string): void {
    this.#ended = true
    for (const { reject } of this.#requests.values()) reject(new FormatError(`A picture was not decoded: ${reason}.`))
    this.#requests.clear()
  }
}
