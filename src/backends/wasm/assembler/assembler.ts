/**
 * Writes the bytes of one WebAssembly module: types, imports, functions, globals and, on request, names.
 * Kernel emitters use it to turn a program into a module; the engine validates the result. Leaves out tables, data,
 * multiple memories and a memory of its own: memory is always imported, so that workers share it.
 * Source: WebAssembly core specification 3.0, chapter "Binary Format".
 *
 * ```ts
 * const module = new ModuleBuilder()
 * module.importMemory('env', 'memory', { min: 1, shared: false })
 * module.function('twice', ['i32'], ['i32'], (f, x) => f.get(x).i32(2).op('i32.mul'), { export: true })
 * const bytes = module.finish()
 * ```
 */
import { invariant } from '../../../base/errors.ts'
import { ByteWriter } from './byte-writer.ts'
import { FunctionBuilder, type FunctionRef, type FunctionType, type GlobalRef, type Local } from './function-builder.ts'
import { type ValueType, valueTypeCode } from './instructions.ts'

export type { FunctionRef, FunctionType, GlobalRef, Label, Local } from './function-builder.ts'
export { FunctionBuilder } from './function-builder.ts'
export type { LoadName, MemoryName, PlainName, StoreName, ValueType } from './instructions.ts'

/** Memory sizes in pages of 64 KiB; a shared memory needs `max`. */
export interface MemoryLimits {
  readonly min: number
  readonly max?: number
  readonly shared: boolean
}

/** One `Local` for each parameter type. */
export type Locals<P extends readonly ValueType[]> = { [K in keyof P]: Local<P[K]> }

const section = { type: 1, import: 2, function: 3, global: 6, export: 7, code: 10 } as const
const kind = { function: 0, memory: 2, global: 3 } as const
const functionTypeCode = 0x60
const endCode = 0x0b

interface Defined {
  readonly typeIndex: number
  body: FunctionBuilder | undefined
}

export class ModuleBuilder {
  readonly #types = new Map<string, { index: number; type: FunctionType }>()
  readonly #imports = new ByteWriter(128)
  readonly #exports = new ByteWriter(128)
  readonly #globals = new ByteWriter(128)
  readonly #functions: Defined[] = []
  readonly #names: string[] = []
  #importCount = 0
  #importedFunctions = 0
  #exportCount = 0
  #definedGlobals = 0
  #finished = false

  importMemory(module: string, name: string, limits: MemoryLimits): void {
    invariant(!limits.shared || limits.max !== undefined, 'a shared memory needs a maximum size')
    this.#import(module, name, kind.memory)
    this.#imports.byte((limits.max === undefined ? 0 : 1) | (limits.shared ? 2 : 0))
    this.#imports.unsigned(limits.min)
    if (limits.max !== undefined) this.#imports.unsigned(limits.max)
  }

  /** Imports come before any function of the module, because they take the first numbers. */
  importFunction(module: string, name: string, type: FunctionType): FunctionRef {
    invariant(this.#functions.length === 0, `import ${name} before declaring functions`)
    this.#import(module, name, kind.function)
    this.#imports.unsigned(this.#typeIndex(type))
    this.#names.push(name)
    return { params: type.params, results: type.results, index: this.#importedFunctions++, name }
  }

  /** A global that starts as zero. */
  global<T extends 'i32' | 'v128'>(type: T): GlobalRef<T> {
    this.#globals.byte(valueTypeCode[type])
    this.#globals.byte(1)
    if (type === 'i32') this.#globals.bytes([0x41, 0])
    else {
      this.#globals.code(0xfd000c)
      this.#globals.bytes(new Uint8Array(16))
    }
    this.#globals.byte(endCode)
    return { index: this.#definedGlobals++, type }
  }

  /** A function whose body follows later through `define`; lets functions call one another. */
  declare(
    name: string,
    params: readonly ValueType[],
    results: readonly ValueType[],
    options: { export?: boolean } = {},
  ): FunctionRef {
    const type = { params, results }
    const index = this.#importedFunctions + this.#functions.length
    this.#functions.push({ typeIndex: this.#typeIndex(type), body: undefined })
    this.#names.push(name)
    if (options.export) this.#export(name, kind.function, index)
    return { ...type, index, name }
  }

  define(ref: FunctionRef, body: (f: FunctionBuilder) => void): void {
    const entry = this.#functions[ref.index - this.#importedFunctions]
    invariant(entry !== undefined, `${ref.name} is not a function of this module`)
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
    invariant(!this.#finished, 'the module is already finished')
    this.#finished = true
    const out = new ByteWriter(65536)
    out.bytes([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0])
    writeSection(out, section.type, this.#types.size, this.#typeBytes())
    writeSection(out, section.import, this.#importCount, this.#imports)
    writeSection(out, section.function, this.#functions.length, this.#functionBytes())
    writeSection(out, section.global, this.#definedGlobals, this.#globals)
    writeSection(out, section.export, this.#exportCount, this.#exports)
    writeSection(out, section.code, this.#functions.length, this.#codeBytes())
    if (options.names) this.#writeNames(out)
    return out.view()
  }

  #import(module: string, name: string, importKind: number): void {
    this.#importCount++
    this.#imports.text(module)
    this.#imports.text(name)
    this.#imports.byte(importKind)
  }

  #export(name: string, exportKind: number, index: number): void {
    this.#exportCount++
    this.#exports.text(name)
    this.#exports.byte(exportKind)
    this.#exports.unsigned(index)
  }

  #typeIndex(type: FunctionType): number {
    const key = `${type.params.join()}>${type.results.join()}`
    const known = this.#types.get(key)
    if (known) return known.index
    const index = this.#types.size
    this.#types.set(key, { index, type })
    return index
  }

  #typeBytes(): ByteWriter {
    const out = new ByteWriter(256)
    for (const { type } of this.#types.values()) {
      out.byte(functionTypeCode)
      out.block(type.params.map((param) => valueTypeCode[param]))
      out.block(type.results.map((result) => valueTypeCode[result]))
    }
    return out
  }

  #functionBytes(): ByteWriter {
    const out = new ByteWriter(64)
    for (const { typeIndex } of this.#functions) out.unsigned(typeIndex)
    return out
  }

  #codeBytes(): ByteWriter {
    const out = new ByteWriter(65536)
    for (const [position, { body }] of this.#functions.entries()) {
      invariant(body !== undefined, `${this.#names[this.#importedFunctions + position]} was declared but never defined`)
      body.writeTo(out)
    }
    return out
  }

  #writeNames(out: ByteWriter): void {
    const functions = new ByteWriter(1024)
    functions.unsigned(this.#names.length)
    for (const [index, name] of this.#names.entries()) {
      functions.unsigned(index)
      functions.text(name)
    }
    const content = new ByteWriter(1024)
    content.text('name')
    content.byte(1)
    content.block(functions.view())
    out.byte(0)
    out.block(content.view())
  }
}

function writeSection(out: ByteWriter, id: number, count: number, content: ByteWriter): void {
  if (count === 0) return
  const size = new ByteWriter(8)
  size.unsigned(count)
  out.byte(id)
  out.unsigned(size.length + content.length)
  out.bytes(size.view())
  out.bytes(content.view())
}
