/**
 * What passes between a page and its worker. A page declares its worker's methods as an interface; `serve` answers them in the worker,
 * `connect` calls them from the page. Both sides are checked against the same interface.
 */

/** Methods of a worker: plain data in, a promise of plain data out. */
export type Contract<Methods> = {
  readonly [Name in keyof Methods]: (...args: never[]) => unknown
}

export interface Request {
  readonly id: number
  readonly method: string
  readonly args: readonly unknown[]
}

export type Reply =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: { readonly name: string; readonly message: string } }

/** The worker as the page sees it: every method gives a promise. */
export type Remote<Methods> = {
  readonly [Name in keyof Methods]: Methods[Name] extends (...args: infer Args) => infer Result
    ? (...args: Args) => Promise<Awaited<Result>>
    : never
}

/** A reply whose buffers are handed over instead of copied. */
export class Handover<Value> {
  readonly value: Value
  readonly buffers: readonly ArrayBufferLike[]

  constructor(value: Value, buffers: readonly ArrayBufferLike[]) {
    this.value = value
    this.buffers = buffers
  }
}
