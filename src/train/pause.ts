/**
 * Lets the surroundings breathe: a page redraws, a program hears its signals. Awaiting computed values alone never gives way, for they
 * are there at once. Pauses depend on the clock and change no result.
 */

/** Milliseconds of work between two pauses. */
const WORK_MS = 40

/** Waits for one turn of the event loop. */
export function nextTurn(): Promise<void> {
  const { setImmediate } = globalThis as { setImmediate?: (resume: () => void) => unknown }
  return new Promise((resume) => {
    if (setImmediate) {
      setImmediate(resume)
      return
    }
    const channel = new MessageChannel()
    channel.port1.onmessage = () => {
      channel.port1.close()
      resume()
    }
    channel.port2.postMessage(null)
  })
}

/** Pauses when enough time has passed since the last pause. */
export class Breather {
  readonly #now: () => number
  #last: number

  constructor(now: () => number = () => performance.now()) {
    this.#now = now
    this.#last = now()
  }

  /** A promise when it is time for a pause, else undefined, so that a hot loop need not await. */
  pause(): Promise<void> | undefined {
    if (this.#now() - this.#last < WORK_MS) return undefined
    return nextTurn().then(() => {
      this.#last = this.#now()
    })
  }
}
