/**
 * The WebAssembly backend: compiles a graph to one module and runs it in one call. Buffers live in the same linear memory as the
 * arena; inputs are copied in and results out.
 */
import { at } from '../../base/arrays.ts'
import { byteSize, type DType, type TypedArray } from '../../base/dtype.ts'
import { ArgumentError, CognitronError, invariant } from '../../base/errors.ts'
import { type CompileOptions, compileGraph } from '../../compile/compile-graph.ts'
import type { Program } from '../../compile/kernel.ts'
import type { Graph } from '../../ir/node.ts'
import type { Backend, Buffer, Executable, KernelProfile, ProgramStatistics } from '../../runtime/backend.ts'
import { features } from './assembler/features.ts'
import { compileModule } from './compile-module.ts'
import { type EmittedProgram, emitProgram } from './kernels/emit-program.ts'
import { LinearMemory } from './memory.ts'
import { hardwareThreads, ThreadPool } from './threads/thread-pool.ts'
import type { RunFunction } from './threads/thread-protocol.ts'
import { widePays } from './vector-width.ts'

export interface WasmOptions extends CompileOptions {
  /** Use fused multiply-add. Default: where the engine has it. */
  readonly fma?: boolean
  /**
   * Write heavy programs for vectors of eight floats, which V8 in Node makes of pairs of neighbours. Results are the same to the bit.
   * Default: where a short measurement shows that it pays.
   */
  readonly wide?: boolean
  /** Threads that share the work of a program. Default: all of the machine, or 1 where memory cannot be shared. */
  readonly threads?: number | undefined
  /** Programs with less work than this many multiply-adds or elements run on one thread, where they are faster. */
  readonly sharedWork?: number
}

const SHARED_WORK = 200_000
/** Programs with fewer multiply-adds gain less from wide vectors than the thorough compilation costs. */
const WIDE_WORK = 1_000_000
const MAX_THREADS = 64

export class WasmBackend implements Backend {
  readonly name = 'wasm'
  readonly #memory: LinearMemory
  readonly #options: WasmOptions
  readonly #fma: boolean
  readonly #pool: ThreadPool | undefined
  /**
   * Write heavy programs for vectors of eight floats, which V8 in Node makes of pairs of neighbours. Results are the same to the bit.
   * Default: where a short measurement shows that it pays.
   */
  readonly wide?: boolean
  /** Threads that share the work of a program. */
  readonly threads: number

  /** Throws CognitronError where WebAssembly has no 128-bit vectors. */
  constructor(options: WasmOptions = {}) {
    if (!features.simd) {
      throw new CognitronError('this engine has no WebAssembly SIMD; use Node 22 or a browser from 2023 or later.')
    }
    this.#options = options
    this.#fma = options.fma ?? features.relaxedSimd
    this.threads = threadCount(options.threads)
    this.#memory = new LinearMemory({ shared: this.threads > 1 })
    this.#pool = this.threads > 1 ? new ThreadPool(this.#memory, this.threads) : undefined
  }

  /** Bytes of linear memory in use. */
  get usedBytes(): number {
    return this.#memory.usedBytes
  }

  /** Resolves when all threads serve; until then programs run on one, with the same results. */
  async whenReady(): Promise<void> {
    this.#pool?.start()
    while (this.#pool && !this.#pool.ready) await new Promise((resolve) => setTimeout(resolve, 1))
  }

  createBuffer(dtype: DType, data: TypedArray): Buffer {
    return new WasmBuffer(this.#memory, dtype, data)
  }

  compile(graph: Graph): Executable {
    const start = performance.now()
    const program = compileGraph(graph, this.#options)
    const pool = work(program) >= (this.#options.sharedWork ?? SHARED_WORK) ? this.#pool : undefined
    // Programs without much work never cost a thread; the others start it while they are written.
    pool?.start()
    const wide = this.#options.wide ?? (program.multiplyAdds >= WIDE_WORK && widePays())
    const emitted = emitProgram(program, {
      fma: this.#fma,
      wide,
      shared: this.threads > 1,
      barrier: pool?.barrier,
    })
    const module = compileModule(emitted.bytes, { wide })
    const instance = new WebAssembly.Instance(module, { env: { memory: this.#memory.memory } })
    const statistics: ProgramStatistics = {
      kernels: program.kernels.length,
      arenaBytes: program.arenaBytes,
      moduleBytes: emitted.bytes.length,
      multiplyAdds: program.multiplyAdds,
      compileMs: performance.now() - start,
    }
    return new WasmExecutable(this.#memory, pool, program, emitted, instance, statistics)
  }
}

/** The wanted number of threads, as far as this engine can share memory. Throws ArgumentError for less than one. */
function threadCount(wanted: number | undefined): number {
  if (wanted !== undefined && !(Number.isInteger(wanted) && wanted >= 1)) {
    throw new ArgumentError(`threads must be a whole number from 1 on, given ${wanted}.`)
  }
  if (!features.threads) {
    if (wanted !== 1) sayOnce()
    return 1
  }
  return Math.min(wanted ?? hardwareThreads(), MAX_THREADS)
}

let said = false

function sayOnce(): void {
  if (said) return
  said = true
  console.info('cognitron computes on one thread: memory cannot be shared here (a page must be cross-origin isolated).')
}

/** A rough measure of a program: multiply-adds and elements written. */
function work(program: Program): number {
  return program.buffers.reduce((sum, buffer) => sum + buffer.length, program.multiplyAdds)
}

class WasmBuffer implements Buffer {
  readonly dtype: DType
  readonly length: number
  readonly address: number
  readonly #memory: LinearMemory

  constructor(memory: LinearMemory, dtype: DType, data: TypedArray) {
    this.dtype = dtype
    this.length = data.length
    this.#memory = memory
    this.address = memory.allocate(this.#byteLength)
    this.write(data)
  }

  get #byteLength(): number {
    return this.length * byteSize[this.dtype]
  }

  read(): TypedArray {
    return readArray(this.#memory, this.dtype, this.address, this.length)
  }

  write(data: TypedArray): void {
    invariant(data.length === this.length, 'data of another length')
    writeArray(this.#memory, this.address, data)
  }

  release(): void {
    this.#memory.free(this.address, this.#byteLength)
  }
}

function writeArray(memory: LinearMemory, address: number, data: TypedArray): void {
  if (data instanceof Float32Array) memory.floats.set(data, address >>> 2)
  else memory.bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), address)
}

function readArray(memory: LinearMemory, dtype: DType, address: number, length: number): TypedArray {
  if (dtype === 'float32') {
    const result = new Float32Array(length)
    result.set(memory.floats.subarray(address >>> 2, (address >>> 2) + length))
    return result
  }
  const bytes = new Uint8Array(length * byteSize[dtype])
  bytes.set(memory.bytes.subarray(address, address + bytes.length))
  return dtype === 'int32' ? new Int32Array(bytes.buffer) : bytes
}

/** What a program holds outside the JavaScript heap; freed on request, or with the program. */
class ProgramStorage {
  readonly #memory: LinearMemory
  readonly #pool: ThreadPool | undefined
  /** Addresses of constant tables, by buffer. */
  readonly #tables = new Map<number, { address: number; byteLength: number }>()
  /** The program's number in the pool, once the workers have it. */
  #loaded: number | undefined

  constructor(memory: LinearMemory, pool: ThreadPool | undefined) {
    this.#memory = memory
    this.#pool = pool
  }

  addTable(buffer: number, data: Int32Array): void {
    const address = this.#memory.allocate(data.byteLength)
    writeArray(this.#memory, address, data)
    this.#tables.set(buffer, { address, byteLength: data.byteLength })
  }

  addressOfTable(buffer: number): number {
    const table = this.#tables.get(buffer)
    invariant(table, 'a program ran after its release')
    return table.address
  }

  /** The program's number with the workers, which get it now if they do not have it. */
  load(pool: ThreadPool, bytes: Uint8Array): number {
    this.#loaded ??= pool.load(bytes)
    return this.#loaded
  }

  release(): void {
    for (const { address, byteLength } of this.#tables.values()) this.#memory.free(address, byteLength)
    this.#tables.clear()
    if (this.#loaded !== undefined) this.#pool?.release(this.#loaded)
    this.#loaded = undefined
  }
}

const droppedPrograms = new FinalizationRegistry<ProgramStorage>((storage) => storage.release())

class WasmExecutable implements Executable {
  readonly statistics: ProgramStatistics
  readonly #memory: LinearMemory
  readonly #program: Program
  readonly #emitted: EmittedProgram
  readonly #exports: WebAssembly.Exports
  readonly #run: RunFunction
  readonly #pool: ThreadPool | undefined
  readonly #storage: ProgramStorage

  constructor(
    memory: LinearMemory,
    pool: ThreadPool | undefined,
    program: Program,
    emitted: EmittedProgram,
    instance: WebAssembly.Instance,
    statistics: ProgramStatistics,
  ) {
    this.statistics = statistics
    this.#memory = memory
    this.#program = program
    this.#emitted = emitted
    this.#exports = instance.exports
    this.#run = instance.exports.run as RunFunction
    this.#pool = pool
    this.#storage = new ProgramStorage(memory, pool)
    for (const buffer of emitted.pointerBuffers) {
      const { role } = at(program.buffers, buffer)
      if (role.kind === 'table') this.#storage.addTable(buffer, role.data)
    }
    droppedPrograms.register(this, this.#storage, this)
  }

  run(inputs: readonly TypedArray[], variables: readonly Buffer[]): TypedArray[] {
    const pool = this.#pool?.ready ? this.#pool : undefined
    const loaded = pool && this.#storage.load(pool, this.#emitted.bytes)
    const base = this.#memory.arena(this.#emitted.totalBytes(pool?.threads ?? 1))
    this.#bind(base, inputs, variables)
    if (pool && loaded !== undefined) pool.run(loaded, this.#run, base)
    else this.#run(base, 0, 1, 0)
    return this.#program.outputs.map((output) => {
      const { dtype, length, role } = at(this.#program.buffers, output)
      const address = role.kind === 'variable' ? this.#addressOf(at(variables, role.index)) : this.#place(base, output)
      return readArray(this.#memory, dtype, address, length)
    })
  }

  async profile(
    inputs: readonly TypedArray[],
    variables: readonly Buffer[],
    repeats: number,
  ): Promise<KernelProfile[]> {
    // Loaded on demand: what only trains does without.
    const { profileKernels } = await import('./profile.ts')
    const kept = variables.map((buffer) => buffer.read() as TypedArray)
    const base = this.#memory.arena(this.#emitted.totalBytes(1))
    this.#bind(base, inputs, variables)
    this.#run(base, 0, 1, 0)
    const profile = profileKernels(this.#program, this.#exports, repeats)
    variables.forEach((buffer, index) => {
      buffer.write(at(kept, index))
    })
    return profile
  }

  release(): void {
    droppedPrograms.unregister(this)
    this.#storage.release()
  }

  #bind(base: number, inputs: readonly TypedArray[], variables: readonly Buffer[]): void {
    const words = new Int32Array(this.#memory.memory.buffer, base, this.#emitted.pointerBuffers.length)
    this.#emitted.pointerBuffers.forEach((buffer, slot) => {
      const { role } = at(this.#program.buffers, buffer)
      if (role.kind === 'variable') words[slot] = this.#addressOf(at(variables, role.index))
      else words[slot] = this.#storage.addressOfTable(buffer)
    })
    inputs.forEach((data, index) => {
      invariant(data.length === at(this.#program.buffers, index).length, 'data of another length')
      writeArray(this.#memory, this.#place(base, index), data)
    })
  }

  #place(base: number, buffer: number): number {
    return base + this.#emitted.headerBytes + (this.#program.offsets.get(buffer) ?? 0)
  }

  #addressOf(buffer: Buffer): number {
    invariant(buffer instanceof WasmBuffer, 'a buffer of another backend')
    return buffer.address
  }
}
