/** The worker's side of a contract. */
import { type Contract, Handover, type Reply, type Request } from './contract.ts'

/** Where messages come from and go to: the worker's own scope. */
export interface Port {
  onmessage: ((event: MessageEvent<Request>) => void) | null
  postMessage(message: Reply, transfer?: Transferable[]): void
}

/** A method's answer, its promise, or either with buffers to hand over. */
export type Served<Methods> = {
  readonly [Name in keyof Methods]: Methods[Name] extends (...args: infer Args) => infer Result
    ? (
        ...args: Args
      ) => Awaited<Result> | Handover<Awaited<Result>> | Promise<Awaited<Result> | Handover<Awaited<Result>>>
    : never
}

/** Answers requests with `methods`; an error becomes an error on the other side. */
export function serve<Methods extends Contract<Methods>>(methods: Served<Methods>, port: Port): void {
  const table = methods as unknown as Record<string, (...args: readonly unknown[]) => unknown>
  port.onmessage = async ({ data: { id, method, args } }) => {
    try {
      const result = await table[method]?.(...args)
      if (result instanceof Handover)
        port.postMessage({ id, value: result.value }, [...result.buffers] as ArrayBuffer[])
      else port.postMessage({ id, value: result })
    } catch (error) {
      const { name, message } = error instanceof Error ? error : new Error(String(error))
      port.postMessage({ id, error: { name, message } })
    }
  }
}
