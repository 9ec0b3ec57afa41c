/**
 * Ctrl-C: the first asks the command to finish its step and save, a second one ends the program at once. The same goes for the signals
 * with which a system stops programs and for a terminal that is closed.
 */
import { status } from '../failure.ts'

/** npm passes a Ctrl-C on to a program that the terminal has told already; so close together they are one. */
const ONE_PRESS_MS = 400

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

export interface InterruptionWatch {
  /** Aborted by the first signal. */
  readonly signal: AbortSignal
  /** Lets signals end the program again as usual. */
  stop(): void
}

/** Watches until `stop` is called; `onFirst` says what happens now, `onSecond` tidies up before the end. */
export function watchInterruption(onFirst: () => void, onSecond: () => void): InterruptionWatch {
  const controller = new AbortController()
  let firstAt = Number.POSITIVE_INFINITY
  const hear = (): void => {
    if (!controller.signal.aborted) {
      firstAt = performance.now()
      controller.abort()
      onFirst()
      // Without a listener the system itself ends the program, even in the middle of a long step.
      setTimeout(stop, ONE_PRESS_MS).unref()
    } else if (performance.now() - firstAt > ONE_PRESS_MS) {
      onSecond()
      process.exit(status.interrupted)
    }
  }
  const stop = (): void => {
    for (const signal of signals) process.off(signal, hear)
  }
  for (const signal of signals) process.on(signal, hear)
  return { signal: controller.signal, stop }
}
