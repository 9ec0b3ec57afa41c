/**
 * What the emitters of one module share: where buffers lie, functions that several kernels call, the instruction set in use.
 * Memory of a run: a table of pointers to variables and tables, the arena, then scratch space for each thread.
 */
import { at } from '../../../base/arrays.ts'
import { byteSize } from '../../../base/dtype.ts'
import { invariant } from '../../../base/errors.ts'
import { remembered } from '../../../base/remembered.ts'
import type { BufferId } from '../../../compile/expression.ts'
import type { Program } from '../../../compile/kernel.ts'
import type { FunctionBuilder, FunctionRef, GlobalRef, Local, ModuleBuilder } from '../assembler/assembler.ts'

const LINE = 64

/** An address: a local plus a constant. */
export interface Base {
  readonly pointer: Local<'i32'>
  readonly offset: number
}

export class KernelContext {
  readonly module: ModuleBuilder
  readonly program: Program
  readonly fma: boolean
  /** Registers hold eight numbers: the engine joins neighbouring vectors. */
  readonly wide: boolean
  /** Neighbouring vectors that code works on together, so that they can be joined. */
  readonly parts: 1 | 2
  /** Address of the pointer table; set at the start of every run. */
  readonly base: GlobalRef<'i32'>
  /** Bytes from `base` to the arena. */
  readonly headerBytes: number
  readonly #slots = new Map<BufferId, number>()
  readonly #functions = new Map<string, FunctionRef>()
  #scratchBytes = 0

  constructor(module: ModuleBuilder, program: Program, { fma, wide }: { fma: boolean; wide: boolean }) {
    this.module = module
    this.program = program
    this.fma = fma
    this.wide = wide
    this.parts = wide ? 2 : 1
    this.base = module.global('i32')
    program.buffers.forEach(({ role }, buffer) => {
      if (role.kind === 'variable' || role.kind === 'table') this.#slots.set(buffer, this.#slots.size)
    })
    this.headerBytes = align(4 * this.#slots.size)
  }

  /** Buffers whose pointers stand in the table, in its order. */
  get pointerBuffers(): readonly BufferId[] {
    return [...this.#slots.keys()]
  }

  /** Bytes from `base` to the first thread's scratch space. */
  get scratchStart(): number {
    return this.headerBytes + align(this.program.arenaBytes)
  }

  /** Scratch bytes per thread: the most that any kernel asked for. */
  get scratchBytes(): number {
    return this.#scratchBytes
  }

  /** Sees to it that every thread has at least `bytes` of scratch space. */
  reserveScratch(bytes: number): void {
    this.#scratchBytes = Math.max(this.#scratchBytes, align(bytes))
  }

  slot(buffer: BufferId): number | undefined {
    return this.#slots.get(buffer)
  }

  elementBytes(buffer: BufferId): number {
    return byteSize[at(this.program.buffers, buffer).dtype]
  }

  /** A function of the module that is added when first asked for. */
  shared(name: string, define: () => FunctionRef): FunctionRef {
    return remembered(this.#functions, name, define)
  }
}

export function align(bytes: number): number {
  return Math.ceil(bytes / LINE) * LINE
}

/** Which of how many threads runs a function. */
export interface Division {
  readonly thread: Local<'i32'>
  readonly threads: Local<'i32'>
}

/** One kernel's function, or one that it calls: the addresses it works on, and the share that it does. */
export class KernelFunction {
  readonly context: KernelContext
  readonly f: FunctionBuilder
  readonly base: Local<'i32'>
  readonly #divided: Division | undefined
  readonly #pointers = new Map<BufferId, Local<'i32'>>()

  /** Begins the body: `buffers` are all that it touches; `divided` is given to functions that do a thread's share. */
  constructor(context: KernelContext, f: FunctionBuilder, buffers: Iterable<BufferId>, divided?: Division) {
    this.context = context
    this.f = f
    this.#divided = divided
    this.base = f.local('i32')
    f.globalGet(context.base).set(this.base)
    for (const buffer of buffers) {
      const slot = context.slot(buffer)
      if (slot === undefined || this.#pointers.has(buffer)) continue
      const pointer = f.local('i32')
      f.get(this.base)
        .load('i32.load', 4 * slot)
        .set(pointer)
      this.#pointers.set(buffer, pointer)
    }
  }

  /** Which thread runs it. */
  get division(): Division {
    invariant(this.#divided, 'no share without threads')
    return this.#divided
  }

  /** Where this thread's scratch space begins. */
  scratch(): Local<'i32'> {
    const { f, context } = this
    const start = f.local('i32')
    f.get(this.base).plus(this.division.thread, context.scratchBytes).plus(context.scratchStart).set(start)
    return start
  }

  /** Where a buffer begins. */
  address(buffer: BufferId): Base {
    const pointer = this.#pointers.get(buffer)
    if (pointer) return { pointer, offset: 0 }
    const offset = this.context.program.offsets.get(buffer)
    invariant(offset !== undefined, `buffer ${buffer} has no place`)
    return { pointer: this.base, offset: this.context.headerBytes + offset }
  }

  /**
   * Sets `from` and `to` to this thread's share of 0 … count − 1, in multiples of `unit`. The cut depends on the number of threads,
   * so only work whose result does not depend on cuts may be divided by it.
   */
  share(count: number, unit: number, from: Local<'i32'>, to: Local<'i32'>): void {
    const { f } = this
    const { thread, threads } = this.division
    const units = Math.ceil(count / unit)
    const cut = (push: () => void, target: Local<'i32'>): void => {
      push()
      f.i32(units).op('i32.mul').get(threads).op('i32.div_u').i32(unit).op('i32.mul').set(target)
      f.get(target).atMost(count).set(target)
    }
    cut(() => f.get(thread), from)
    cut(() => f.get(thread).plus(1), to)
  }
}
