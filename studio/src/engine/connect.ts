/** The page's side of a contract. */
import type { Contract, Remote, Reply } from './contract.ts'

/** An error that arose in a worker, with the name and message it had there. */
export class WorkerFailure extends Error {
  constructor(name: string, message: string) {
    super(message)
    this.name = name
  }
}

export interface Connection<Methods> {
  readonly remote: Remote<Methods>
  /** Ends the worker; calls that are still open fail. */
  close(): void
}

interface Pending {
  readonly resolve: (value: unknown) => void
  readonly reject: (error: Error) => void
}

/** Calls the methods that `worker` serves. */
export function connect<Methods extends Contract<Methods>>(worker: Worker): Connection<Methods> {
  const pending = new Map<number, Pending>()
  let nextId = 0
  const failAll = (message: string): void => {
    for (const { reject } of pending.values()) reject(new WorkerFailure('WorkerFailure', message))
    pending.clear()
  }
  worker.onmessage = ({ data }: MessageEvent<Reply>) => {
    const call = pending.get(data.id)
    pending.delete(data.id)
    if ('error' in data) call?.reject(new WorkerFailure(data.error.name, data.error.message))
    else call?.resolve(data.value)
  }
  worker.onerror = (event) => failAll(event.message || 'the engine could not be started; reload the page.')
  const remote = new Proxy(
    {},
    {
      get: (_, method) => {
        // A promise resolved with the proxy asks for `then`.
        if (typeof method !== 'string' || method === 'then') return undefined
        return (...args: unknown[]) =>
          new Promise((resolve, reject) => {
            const id = nextId++
            pending.set(id, { resolve, reject })
            worker.postMessage({ id, method, args })
          })
      },
    },
  ) as Remote<Methods>
  return {
    remote,
    close() {
      worker.terminate()
      failAll('the engine was stopped.')
    },
  }
}
