/**
 * What the library asks of a backend: keep buffers, turn a graph into an executable, run it. `tensor` sees only this;
 * the composition root chooses the implementation.
 */
import type { DType, TypedArray } from '../base/dtype.ts'
import type { Graph } from '../ir/node.ts'

/** Storage on the backend that outlives programs. */
export interface Buffer {
  readonly dtype: DType
  readonly length: number
  /** A copy of the content. */
  read(): TypedArray | Promise<TypedArray>
  /** Replaces the content; `data` has `length` elements. */
  write(data: TypedArray): void
  /** Gives the storage back; the buffer must not be used afterwards. */
  release(): void
}

/** Counters of a compiled program; deterministic, so that tests may bound them. Times are for people. */
export interface ProgramStatistics {
  readonly kernels: number
  /** Scratch memory for intermediate values. */
  readonly arenaBytes: number
  /** Size of the generated code. */
  readonly moduleBytes: number
  /** Multiply-adds of all contractions in one run. */
  readonly multiplyAdds: number
  readonly compileMs: number
}

/** What one kernel of a program took on one thread. */
export interface KernelProfile {
  readonly name: string
  /** What it does, in a few words. */
  readonly description: string
  /** Least time of one run. */
  readonly ms: number
  /** Multiply-adds that it carries out, which for a faster algorithm are fewer than in the textbook. */
  readonly multiplyAdds: number
  /** Bytes of all buffers that it reads or writes, each once. */
  readonly bytes: number
}

/** A graph made ready to run. */
export interface Executable {
  readonly statistics: ProgramStatistics
  /**
   * Runs once: `inputs` and `variables` in the order of `graphLeaves(graph)`, results in the order of `graph.outputs`.
   * Updates of variables have been submitted when the call returns; only the results may take longer.
   */
  run(inputs: readonly TypedArray[], variables: readonly Buffer[]): TypedArray[] | Promise<TypedArray[]>
  /** Times every kernel by itself, `repeats` times, and leaves the variables as they were. Absent where a backend cannot tell. */
  profile?(inputs: readonly TypedArray[], variables: readonly Buffer[], repeats: number): Promise<KernelProfile[]>
  /** Frees what belongs to the program alone; it does not run afterwards. A program that is dropped is freed by a finaliser. */
  release(): void
}

export interface Backend {
  readonly name: string
  createBuffer(dtype: DType, data: TypedArray): Buffer
  compile(graph: Graph): Executable
}
