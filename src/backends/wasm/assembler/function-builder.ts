/**
 * Writes the body of one WebAssembly function: typed locals, instructions in stack order, structured control flow.
 * Kernel emitters drive it; `ModuleBuilder` collects the bodies. It checks labels, locals, lanes and alignment, and
 * leaves operand types to the engine's own validation.
 */
import { fault, invariant } from '../../../base/errors.ts'
import { remembered } from '../../../base/remembered.ts'
import { ByteWriter } from './byte-writer.ts'
import {
  type AtomicName,
  type ExtractLaneName,
  type LoadName,
  laneTable,
  type MemoryLaneName,
  type MemoryName,
  memoryTable,
  type PlainName,
  plainTable,
  type ReplaceLaneName,
  type StoreName,
  type ValueType,
  valueTypeCode,
} from './instructions.ts'

export interface FunctionType {
  readonly params: readonly ValueType[]
  readonly results: readonly ValueType[]
}

/** A function of the module, imported or defined; `index` is what `call` writes. */
export interface FunctionRef extends FunctionType {
  readonly index: number
  readonly name: string
}

export interface GlobalRef<T extends ValueType = ValueType> {
  readonly index: number
  readonly type: T
}

/** A local variable or parameter of one function. */
export interface Local<T extends ValueType = ValueType> {
  readonly type: T
  readonly index: number
  readonly owner: FunctionBuilder
}

/** The target of a branch: the end of a block or `if`, the start of a loop. */
export interface Label {
  readonly height: number
}

const code = {
  block: 0x02,
  loop: 0x03,
  if: 0x04,
  else: 0x05,
  end: 0x0b,
  br: 0x0c,
  brIf: 0x0d,
  call: 0x10,
  get: 0x20,
  set: 0x21,
  tee: 0x22,
  globalGet: 0x23,
  globalSet: 0x24,
  i32: 0x41,
  i64: 0x42,
  f32: 0x43,
  f64: 0x44,
  v128: 0xfd000c,
  shuffle: 0xfd000d,
} as const
const emptyBlock = 0x40

/** Lanes of one value, for vector constants. */
export const floatLanes = (value: number): Float32Array => new Float32Array(4).fill(value)
export const integerLanes = (value: number): Int32Array => new Int32Array(4).fill(value)
export const doubleLanes = (value: number): Float64Array => new Float64Array(2).fill(value)

function sixteenBytes({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  if (byteLength !== 16) fault(`a vector has 16 bytes, not ${byteLength}`)
  return new Uint8Array(buffer, byteOffset, byteLength)
}

export class FunctionBuilder {
  readonly params: readonly Local[]
  readonly #name: string
  readonly #body = new ByteWriter(256)
  readonly #prologue = new ByteWriter(16)
  readonly #localTypes: ValueType[] = []
  readonly #open: Label[] = []
  readonly #free = new Map<ValueType, Local[]>()
  readonly #hoisted = new Map<string, Local<'v128'>>()
  #borrowed: Local[] | undefined
  #localCount: number

  constructor(name: string, type: FunctionType) {
    this.#name = name
    this.params = type.params.map((param, index) => ({ type: param, index, owner: this }))
    this.#localCount = type.params.length
  }

  // ---- locals

  /** A local: zero at entry, or with an old value when it was given back by an earlier `scope`. */
  local<T extends ValueType>(type: T): Local<T> {
    const local = (this.#free.get(type)?.pop() as Local<T> | undefined) ?? this.#newLocal(type)
    this.#borrowed?.push(local)
    return local
  }

  /** Several locals at once: `const [i, sum] = f.locals('i32', 'v128')`. */
  locals<const T extends readonly ValueType[]>(...types: T): { [K in keyof T]: Local<T[K]> } {
    return types.map((type) => this.local(type)) as { [K in keyof T]: Local<T[K]> }
  }

  /** Runs `body`; the locals it made may be used again afterwards, which keeps frames small. */
  scope(body: () => void): this {
    const outer = this.#borrowed
    const borrowed: Local[] = []
    this.#borrowed = borrowed
    body()
    this.#borrowed = outer
    for (const local of borrowed.reverse()) {
      remembered(this.#free, local.type, () => []).push(local)
    }
    return this
  }

  get(local: Local): this {
    return this.#localInstruction(code.get, local)
  }

  set(local: Local): this {
    return this.#localInstruction(code.set, local)
  }

  /** Stores the top of the stack in the local and leaves it on the stack. */
  tee(local: Local): this {
    return this.#localInstruction(code.tee, local)
  }

  /** local ← local + amount. */
  addImmediate(local: Local<'i32'>, amount: number): this {
    return amount === 0 ? this : this.get(local).plus(amount).set(local)
  }

  globalGet(global: GlobalRef): this {
    return this.#indexed(code.globalGet, global.index)
  }

  globalSet(global: GlobalRef): this {
    return this.#indexed(code.globalSet, global.index)
  }

  // ---- constants

  /** An i32 constant; values from 2³¹ to 2³² − 1 are taken as unsigned. */
  i32(value: number): this {
    this.#body.byte(code.i32)
    this.#body.signed32(value)
    return this
  }

  /** An i64 constant below 2³¹ in magnitude. */
  i64(value: number): this {
    this.#body.byte(code.i64)
    this.#body.signed32(value)
    return this
  }

  f32(value: number): this {
    return this.#constant(code.f32, Float32Array.of(value))
  }

  f64(value: number): this {
    return this.#constant(code.f64, Float64Array.of(value))
  }

  /** The elements of a typed array of 16 bytes. */
  v128(lanes: ArrayBufferView): this {
    return this.#constant(code.v128, sixteenBytes(lanes))
  }

  i32x4(a: number, b: number, c: number, d: number): this {
    return this.v128(Int32Array.of(a, b, c, d))
  }

  f32x4splat(value: number): this {
    return this.v128(floatLanes(value))
  }

  i32x4splat(value: number): this {
    return this.v128(integerLanes(value))
  }

  /**
   * Pushes a v128 constant that is loaded once at function entry and lives in a local; for constants inside loops,
   * where engines would otherwise build them anew each time round.
   */
  hoistedV128(lanes: ArrayBufferView): this {
    const bytes = sixteenBytes(lanes)
    const local = remembered(this.#hoisted, bytes.join(), () => {
      // Not through `local()`: a scope must not hand this one to somebody else.
      const made = this.#newLocal('v128')
      this.#prologue.code(code.v128)
      this.#prologue.bytes(bytes)
      this.#prologue.byte(code.set)
      this.#prologue.unsigned(made.index)
      return made
    })
    return this.get(local)
  }

  hoistedF32x4(value: number): this {
    return this.hoistedV128(floatLanes(value))
  }

  hoistedI32x4(value: number): this {
    return this.hoistedV128(integerLanes(value))
  }

  // ---- addresses

  /** Adds `term · factor` to the i32 on the stack. */
  plus(term: number | Local<'i32'>, factor = 1): this {
    this.#integer(term)
    if (factor !== 1) this.i32(factor).op('i32.mul')
    return this.op('i32.add')
  }

  /** The smaller of the i32 on the stack and `limit`, signed. */
  atMost(limit: number | Local<'i32'>): this {
    return this.scope(() => {
      const value = this.local('i32')
      this.tee(value).#integer(limit).get(value).#integer(limit).op('i32.lt_s').op('select')
    })
  }

  // ---- instructions

  /** An instruction without immediates. */
  op(name: PlainName): this {
    this.#body.code(plainTable[name])
    // The number of the memory.
    if (name === 'memory.fill') this.#body.byte(0)
    return this
  }

  /** A load, store or atomic; `alignment` is the power of two that the address promises, by default the natural one. */
  memory(name: MemoryName, offset = 0, alignment?: number): this {
    this.#memoryAccess(name, offset, alignment)
    return this
  }

  load(name: LoadName, offset = 0, alignment?: number): this {
    return this.memory(name, offset, alignment)
  }

  store(name: StoreName, offset = 0, alignment?: number): this {
    return this.memory(name, offset, alignment)
  }

  atomic(name: AtomicName, offset = 0): this {
    return this.memory(name, offset)
  }

  /** `v128.load32_lane` and its kin: stack [address, vector]. */
  lane(name: MemoryLaneName, offset: number, lane: number): this {
    const natural = this.#memoryAccess(name, offset)
    invariant(lane >= 0 && lane < 16 >> natural, `${name} has no lane ${lane}`)
    this.#body.byte(lane)
    return this
  }

  extractLane(name: ExtractLaneName, lane: number): this {
    return this.#laneAccess(name, lane)
  }

  replaceLane(name: ReplaceLaneName, lane: number): this {
    return this.#laneAccess(name, lane)
  }

  /** `i8x16.shuffle`: byte i of the result is byte `bytes[i]` of the 32 bytes of both operands. */
  shuffle(bytes: ArrayLike<number>): this {
    return this.#constant(code.shuffle, sixteenBytes(Uint8Array.from(bytes)))
  }

  /** A shuffle of 32-bit lanes: 0–3 are those of the first operand, 4–7 those of the second. */
  shuffle32(a: number, b: number, c: number, d: number): this {
    return this.shuffle([a, b, c, d].flatMap((lane) => [4 * lane, 4 * lane + 1, 4 * lane + 2, 4 * lane + 3]))
  }

  call(ref: FunctionRef): this {
    return this.#indexed(code.call, ref.index)
  }

  // ---- control

  /** A block; a branch to its label leaves it. */
  block(body: (exit: Label) => void, result?: ValueType): this {
    this.#nest(code.block, result, body)
    return this.#end()
  }

  /** A loop; a branch to its label starts the next round, falling off the end leaves it. */
  loop(body: (again: Label) => void, result?: ValueType): this {
    this.#nest(code.loop, result, body)
    return this.#end()
  }

  /** Takes an i32 from the stack; non-zero runs `then`. A branch to the label leaves the `if`. */
  if(then: (exit: Label) => void, otherwise?: (exit: Label) => void, result?: ValueType): this {
    const label = this.#nest(code.if, result, then)
    if (otherwise) {
      this.#body.byte(code.else)
      otherwise(label)
    }
    return this.#end()
  }

  /** Branches to a label, or outwards by a number of enclosing blocks (0 is the innermost). */
  br(target: Label | number): this {
    return this.#indexed(code.br, this.#depth(target))
  }

  /** Takes an i32 from the stack and branches when it is not zero. */
  brIf(target: Label | number): this {
    return this.#indexed(code.brIf, this.#depth(target))
  }

  /**
   * for (i = from; step > 0 ? i < to : i > to; i += step), signed. The test stands at the bottom, once per round; a
   * test at the top is written only when the range may be empty. A local `to` is read each round.
   */
  forRange(
    i: Local<'i32'>,
    from: number | Local<'i32'>,
    to: number | Local<'i32'>,
    step: number,
    body: (exit: Label) => void,
  ): this {
    if (step === 0 || !Number.isInteger(step)) fault(`a loop cannot go in steps of ${step}`)
    this.#integer(from).set(i)
    const constant = typeof from === 'number' && typeof to === 'number'
    if (constant && (step > 0 ? from >= to : from <= to)) return this
    return this.block((exit) => {
      if (!constant) {
        this.get(i)
          .#integer(to)
          .op(step > 0 ? 'i32.ge_s' : 'i32.le_s')
        this.brIf(exit)
      }
      this.loop((again) => {
        body(exit)
        this.get(i).plus(step).tee(i)
        this.#integer(to).op(step > 0 ? 'i32.lt_s' : 'i32.gt_s')
        this.brIf(again)
      })
    })
  }

  /** Writes the finished function: locals, prologue, body, end. */
  writeTo(out: ByteWriter): void {
    const locals = this.#localDeclarations()
    const prologue = this.#prologue.view()
    const body = this.#body.view()
    out.unsigned(locals.length + prologue.length + body.length + 1)
    out.bytes(locals)
    out.bytes(prologue)
    out.bytes(body)
    out.byte(code.end)
  }

  #localDeclarations(): Uint8Array {
    const runs: { type: ValueType; count: number }[] = []
    for (const type of this.#localTypes) {
      const last = runs.at(-1)
      if (last?.type === type) last.count++
      else runs.push({ type, count: 1 })
    }
    const out = new ByteWriter(64)
    out.unsigned(runs.length)
    for (const { type, count } of runs) {
      out.unsigned(count)
      out.byte(valueTypeCode[type])
    }
    return out.view()
  }

  #localInstruction(instruction: number, local: Local): this {
    if (local.owner !== this) fault(`${this.#name}: local ${local.index} belongs to another function`)
    return this.#indexed(instruction, local.index)
  }

  #indexed(instruction: number, index: number): this {
    this.#body.byte(instruction)
    this.#body.unsigned(index)
    return this
  }

  #constant(instruction: number, elements: ArrayBufferView): this {
    this.#body.code(instruction)
    this.#body.elements(elements)
    return this
  }

  #newLocal<T extends ValueType>(type: T): Local<T> {
    this.#localTypes.push(type)
    return { type, index: this.#localCount++, owner: this }
  }

  #integer(value: number | Local<'i32'>): this {
    if (typeof value === 'number') return this.i32(value)
    return this.get(value)
  }

  #memoryAccess(name: MemoryName | MemoryLaneName, offset: number, alignment?: number): number {
    const [instruction, natural] = memoryTable[name]
    if (alignment !== undefined && alignment > natural) fault(`${name} is aligned to 2^${natural} at most`)
    this.#body.code(instruction)
    this.#body.unsigned(alignment ?? natural)
    this.#body.unsigned(offset)
    return natural
  }

  #laneAccess(name: ExtractLaneName | ReplaceLaneName, lane: number): this {
    const [instruction, lanes] = laneTable[name]
    if (!(lane >= 0 && lane < lanes)) fault(`${name} has no lane ${lane}`)
    this.#body.code(instruction)
    this.#body.byte(lane)
    return this
  }

  #nest(instruction: number, result: ValueType | undefined, body: (label: Label) => void): Label {
    this.#body.byte(instruction)
    this.#body.byte(result === undefined ? emptyBlock : valueTypeCode[result])
    const label = { height: this.#open.length }
    this.#open.push(label)
    body(label)
    return label
  }

  #end(): this {
    this.#open.pop()
    this.#body.byte(code.end)
    return this
  }

  #depth(target: Label | number): number {
    if (typeof target === 'number') {
      // The function body itself counts as the outermost block.
      invariant(target >= 0 && target <= this.#open.length, `${this.#name}: no block ${target} levels out`)
      return target
    }
    if (this.#open[target.height] !== target) fault(`${this.#name}: branch to a block that is not open`)
    return this.#open.length - 1 - target.height
  }
}
