/**
 * Writes the bytes of one WebAssembly module: types, memory, functions, globals and, on request, names.
 * Kernel emitters use it to turn a program into a module; the engine validates the result. Leaves out tables, data,
 * imported functions, multiple memories and a memory of its own: memory is always imported, so that workers share it.
 * Source: WebAssembly core specification 3.0, chapter "Binary Format".
 *
 * ```ts
 * const module = new ModuleBuilder()
 * module.importMemory('env', 'memory', { min: 1, shared: false })
 * module.function('twice', ['i32'], ['i32'], (f, x) => f.get(x).i32(2).op('i32.mul'), { export: true })
 * const bytes = module.finish()
 * ```
 */
import { at } from '../../../base/arrays.ts'
import { invariant } from '../../../base/errors.ts'
import { remembered } from '../../../base/remembered.ts'
import { ByteWriter } from './byte-writer.ts'
import { FunctionBuilder, type FunctionRef, type FunctionType, type GlobalRef, type Local } from './function-builder.ts'
import { type ValueType, valueTypeCode } from './instructions.ts'

export type { FunctionRef, FunctionType, GlobalRef, Label, Local } from './function-builder.ts'
export { doubleLanes, FunctionBuilder, floatLanes, integerLanes } from './function-builder.ts'
export type { LoadName, MemoryName, PlainName, StoreName, ValueType } from './instructions.ts'

/** Memory sizes in pages of 64 KiB; a shared memory needs `max`. */
export type MemoryLimits = { readonly min: number } & (
  | { readonly max: number; readonly shared: boolean }
  | { readonly max?: undefined; readonly shared: false }
)

/** One `Local` for each parameter type. */
export type Locals<P extends readonly ValueType[]> = { [K in keyof P]: Local<P[K]> }

const section = {
  custom: 0,
  functionNames: 1,
  type: 1,
  import: 2,
  function: 3,
  global: 6,
  export: 7,
  code: 10,
} as const
const kind = { function: 0, memory: 2 } as const
const mutable = 1
const functionTypeCode = 0x60
const endCode = 0x0b

/** Writes one entry of a section. */
type Entry = (out: ByteWriter) => void

interface Defined {
  readonly name: string
  readonly typeIndex: number
  body: FunctionBuilder | undefined
}

export class ModuleBuilder {
  /** Number of every function type by its signature. */
  readonly #typeIndices = new Map<string, number>()
  readonly #types: Entry[] = []
  readonly #imports: Entry[] = []
  readonly #globals: Entry[] = []
  readonly #exports: Entry[] = []
  readonly #functions: Defined[] = []

  importMemory(module: string, name: string, { min, max, shared }: MemoryLimits): void {
    this.#imports.push((out) => {
      out.text(module)
      out.text(name)
      out.byte(kind.memory)
      out.byte((max === undefined ? 0 : 1) | (shared ? 2 : 0))
      out.unsigned(min)
      if (max !== undefined) out.unsigned(max)
    })
  }

  /** A global that starts as zero. */
  global<T extends 'i32' | 'v128'>(type: T): GlobalRef<T> {
    this.#globals.push((out) => {
      out.byte(valueTypeCode[type])
      out.byte(mutable)
      out.bytes(type === 'i32' ? [0x41, 0] : [0xfd, 0x0c, ...new Uint8Array(16)])
      out.byte(endCode)
    })
    return { index: this.#globals.length - 1, type }
  }

  /** A function whose body follows later through `define`; lets functions call one another. */
  declare(
    name: string,
    params: readonly ValueType[],
    results: readonly ValueType[],
    options: { export?: boolean } = {},
  ): FunctionRef {
    const type = { params, results }
    const index = this.#functions.length
    this.#functions.push({ name, typeIndex: this.#typeIndex(type), body: undefined })
    if (options.export) {
      this.#exports.push((out) => {
        out.text(name)
        out.byte(kind.function)
        out.unsigned(index)
      })
    }
    return { ...type, index, name }
  }

  define(ref: FunctionRef, body: (f: FunctionBuilder) => void): void {
    const entry = at(this.#functions, ref.index)
    invariant(entry.body === undefined, `${ref.name} is already defined`)
    entry.body = new FunctionBuilder(ref.name, ref)
    body(entry.body)
  }

  /** Declares and defines a function; `body` gets the builder and one local for each parameter. */
  function<const P extends readonly ValueType[]>(
    name: string,
    params: P,
    results: readonly ValueType[],
    body: (f: FunctionBuilder, ...params: Locals<P>) => void,
    options: { export?: boolean } = {},
  ): FunctionRef {
    const ref = this.declare(name, params, results, options)
    this.define(ref, (f) => body(f, ...(f.params as unknown as Locals<P>)))
    return ref
  }

  /** The module's bytes; `names` adds the name section, so that profiles and stack traces show kernel names. */
  finish(options: { names?: boolean } = {}): Uint8Array<ArrayBuffer> {
    const types = this.#functions.map(
      ({ typeIndex }): Entry =>
        (out) =>
          out.unsigned(typeIndex),
    )
    const bodies = this.#functions.map(
      ({ name, body }): Entry =>
        (out) => {
          invariant(body, `${name} was declared but never defined`)
          body.writeTo(out)
        },
    )
    const out = new ByteWriter()
    out.bytes([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0])
    writeSection(out, section.type, this.#types)
    writeSection(out, section.import, this.#imports)
    writeSection(out, section.function, types)
    writeSection(out, section.global, this.#globals)
    writeSection(out, section.export, this.#exports)
    writeSection(out, section.code, bodies)
    if (options.names) this.#writeNames(out)
    return out.view()
  }

  #typeIndex({ params, results }: FunctionType): number {
    return remembered(this.#typeIndices, `${params}>${results}`, () => {
      const codes = (types: readonly ValueType[]): number[] => types.map((type) => valueTypeCode[type])
      this.#types.push((out) => {
        out.byte(functionTypeCode)
        out.block(codes(params))
        out.block(codes(results))
      })
      return this.#types.length - 1
    })
  }

  #writeNames(out: ByteWriter): void {
    const content = new ByteWriter()
    content.text('name')
    const names = this.#functions.map(
      ({ name }, index): Entry =>
        (entry) => {
          entry.unsigned(index)
          entry.text(name)
        },
    )
    writeSection(content, section.functionNames, names)
    out.byte(section.custom)
    out.block(content.view())
  }
}

function writeSection(out: ByteWriter, id: number, entries: readonly Entry[]): void {
  if (entries.length === 0) return
  const content = new ByteWriter()
  content.unsigned(entries.length)
  for (const write of entries) write(content)
  out.byte(id)
  out.block(content.view())
}
