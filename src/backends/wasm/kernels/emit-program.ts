/** From a program to the bytes of one module: a function for each kernel, and `run`, which calls them in order. */
import { buffersRead, buffersWritten, type Kernel, type Program } from '../../../compile/kernel.ts'
import { type FunctionRef, ModuleBuilder } from '../assembler/assembler.ts'
import { barrierFunction, barriersBefore } from '../threads/barriers.ts'
import { planContract } from './contract-plan.ts'
import { emitContract } from './emit-contract.ts'
import { emitMap } from './emit-map.ts'
import { emitReduce } from './emit-reduce.ts'
import { emitScatter } from './emit-scatter.ts'
import { emitWindow } from './emit-window.ts'
import { emitWinograd } from './emit-winograd.ts'
import { emitWinogradGrad, planWinogradGrad } from './emit-winograd-grad.ts'
import { KernelContext, KernelFunction } from './kernel-context.ts'
import { planWinograd } from './winograd-plan.ts'

export interface EmittedProgram {
  readonly bytes: Uint8Array<ArrayBuffer>
  /** Buffers whose addresses stand in the pointer table at the base, in order. */
  readonly pointerBuffers: readonly number[]
  /** Bytes from the base to the arena. */
  readonly headerBytes: number
  /** Bytes from the base to the end of the last thread's scratch space. */
  readonly totalBytes: (threads: number) => number
}

export interface EmitOptions {
  readonly fma: boolean
  /** Whether the engine joins pairs of vectors, so that its registers hold eight numbers. */
  readonly wide: boolean
  /** Whether the memory is shared among threads. */
  readonly shared: boolean
  /** Where the threads of the program meet; without it, it runs on one. */
  readonly barrier: number | undefined
}

/**
 * Writes the module of a program. It imports `env.memory` and exports `run(base, thread, threads, may sleep)` and, for profiles,
 * every kernel as `name(thread, threads)`.
 */
export function emitProgram(program: Program, options: EmitOptions): EmittedProgram {
  const module = new ModuleBuilder()
  const memory = { min: 1, max: 65536, shared: options.shared }
  module.importMemory('env', 'memory', memory)
  const context = new KernelContext(module, program, options)
  for (const kernel of program.kernels) {
    if (kernel.kind === 'contract') {
      const plan = planContract(kernel, options.wide)
      context.reserveScratch(plan.packedBytes + plan.sumBytes)
    } else if (kernel.kind === 'winograd') context.reserveScratch(planWinograd(kernel, options.wide).scratchBytes)
    else if (kernel.kind === 'winogradGrad') context.reserveScratch(planWinogradGrad(kernel, options.wide).scratchBytes)
  }
  const functions = program.kernels.map((kernel, index) => emitKernel(context, kernel, kernelName(kernel, index)))
  emitRun(context, functions, options.barrier)
  return {
    bytes: module.finish({ names: true }),
    pointerBuffers: context.pointerBuffers,
    headerBytes: context.headerBytes,
    totalBytes: (threads) => context.scratchStart + threads * context.scratchBytes,
  }
}

function emitRun(context: KernelContext, kernels: readonly FunctionRef[], barrierAddress: number | undefined): void {
  const { module, program } = context
  const barrier = barrierAddress === undefined ? undefined : barrierFunction(module)
  const meets = barriersBefore(program)
  module.function(
    'run',
    ['i32', 'i32', 'i32', 'i32'],
    [],
    (f, base, thread, threads, maySleep) => {
      const meet = (): void => {
        if (!barrier || barrierAddress === undefined) return
        f.get(threads)
          .i32(1)
          .op('i32.gt_s')
          .if(() => f.i32(barrierAddress).get(threads).get(maySleep).call(barrier))
      }
      f.get(base).globalSet(context.base)
      kernels.forEach((kernel, index) => {
        if (meets[index]) meet()
        f.get(thread).get(threads).call(kernel)
      })
      meet()
    },
    { export: true },
  )
}

function emitKernel(context: KernelContext, kernel: Kernel, name: string): FunctionRef {
  const touched = new Set(buffersWritten(kernel))
  buffersRead(kernel, (buffer) => touched.add(buffer))
  return context.module.function(
    name,
    ['i32', 'i32'],
    [],
    (f, thread, threads) => {
      const body = new KernelFunction(context, f, touched, { thread, threads })
      switch (kernel.kind) {
        case 'map':
          return emitMap(body, kernel)
        case 'reduce':
          return emitReduce(body, kernel)
        case 'contract':
          return emitContract(body, name, kernel)
        case 'winograd':
          return emitWinograd(body, name, kernel)
        case 'winogradGrad':
          return emitWinogradGrad(body, name, kernel)
        case 'window':
          return emitWindow(body, kernel)
        case 'scatter':
          return emitScatter(body, kernel)
      }
    },
    { export: true },
  )
}

/** The name under which kernel number `index` is exported, for profiles. */
export function kernelName(kernel: Kernel, index: number): string {
  return `${kernel.kind}${index}`
}
