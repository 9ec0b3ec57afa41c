/**
 * Code for the expressions of a kernel: four neighbouring points of the innermost loop at a time (`vector`), or one point in lane 0
 * (`lane`) for what is left over. Parts that do not change in the innermost loop are computed before it.
 */
import { at } from '../../../base/arrays.ts'
import type { DType } from '../../../base/dtype.ts'
import { invariant } from '../../../base/errors.ts'
import { type Affine, affineOf, type Expression, partsOf, visitExpressions } from '../../../compile/expression.ts'
import type { Store } from '../../../compile/kernel.ts'
import type { Local } from '../assembler/assembler.ts'
import type { KernelFunction } from './kernel-context.ts'
import type { Access, Pointers } from './pointers.ts'
import { emitUniform } from './random.ts'
import { emitMultiplyAdd } from './vector-math.ts'
import { vectorOps } from './vector-ops.ts'

export type Mode = 'vector' | 'lane'

/** Every address that expressions and stores need. */
export function accessesOf(values: readonly Expression[], stores: readonly Store[] = []): Access[] {
  const accesses: Access[] = stores.map(({ buffer, at: place }) => ({ buffer, at: place }))
  visitExpressions([...values, ...stores.map((store) => store.value)], (expression) => {
    if (expression.kind === 'load' || expression.kind === 'gather') {
      accesses.push({ buffer: expression.buffer, at: expression.at })
    } else if (expression.kind === 'index' || expression.kind === 'random') accesses.push({ at: expression.at })
  })
  return accesses
}

/** Whether stores may be done twice: none changes what one reads. */
export function isRepeatable(stores: readonly Store[]): boolean {
  const written = new Set(stores.map((store) => store.buffer))
  return accessesOf(stores.map((store) => store.value)).every(
    ({ buffer }) => buffer === undefined || !written.has(buffer),
  )
}

export interface EmitterOptions {
  /** The loop that vectors run along. */
  readonly loop: number
  /** Values of accumulators, each a v128. */
  readonly accumulators?: readonly Local<'v128'>[]
  /** Write mathematical functions in place. Default true. */
  readonly inline?: boolean
  /** Loads that the kernel does in a way of its own: leaves the value on the stack and returns true. */
  readonly load?: (expression: Expression & { readonly kind: 'load' }) => boolean
}

/** Emits expressions at one place of the code; what it computed once there it reuses. */
export class ExpressionEmitter {
  readonly #kernel: KernelFunction
  readonly #pointers: Pointers
  readonly #options: EmitterOptions
  readonly #hoisted: ReadonlyMap<Expression, Local<'v128'>>
  readonly #uses = new Map<Expression, number>()
  #computed = new Map<Expression, Local<'v128'>>()

  constructor(
    kernel: KernelFunction,
    pointers: Pointers,
    options: EmitterOptions,
    hoisted: ReadonlyMap<Expression, Local<'v128'>> = new Map(),
  ) {
    this.#kernel = kernel
    this.#pointers = pointers
    this.#options = options
    this.#hoisted = hoisted
  }

  /**
   * Computes here all largest parts of `roots` that stay the same along the loop, and gives an emitter that uses them further in.
   */
  hoist(roots: readonly Expression[]): ExpressionEmitter {
    const { loop } = this.#options
    const varying = new Set<Expression>()
    const constants = new Set<Expression>()
    visitExpressions(roots, (expression) => {
      const own = expression.kind === 'accumulator' || (affineOf(expression)?.strides[loop] ?? 0) !== 0
      const parts = partsOf(expression)
      if (own || parts.some((part) => varying.has(part))) varying.add(expression)
      else if (expression.kind === 'constant') constants.add(expression)
    })
    const hoisted = new Map(this.#hoisted)
    const visit = (expression: Expression): void => {
      if (hoisted.has(expression) || constants.has(expression)) return
      if (varying.has(expression)) {
        partsOf(expression).forEach(visit)
        return
      }
      const local = this.#kernel.f.local('v128')
      this.push(expression, 'lane')
      splatLane(this.#kernel, expression.dtype)
      this.#kernel.f.set(local)
      hoisted.set(expression, local)
    }
    roots.forEach(visit)
    return new ExpressionEmitter(this.#kernel, this.#pointers, this.#options, hoisted)
  }

  /** The same emitter with the values of accumulators in these vectors. */
  withAccumulators(accumulators: readonly Local<'v128'>[]): ExpressionEmitter {
    return new ExpressionEmitter(this.#kernel, this.#pointers, { ...this.#options, accumulators }, this.#hoisted)
  }

  /** Writes all stores of one point or four; call once for each place in the code. */
  store(stores: readonly Store[], mode: Mode): void {
    this.begin(stores.map((store) => store.value))
    this.#loadOverwritten(stores, mode)
    for (const store of stores) this.#storeOne(store, mode, () => this.push(store.value, mode))
  }

  /**
   * Writes all stores of eight neighbouring points. All values come before the first store, and the two halves of a store follow one
   * another, so that engines can join them; `second` gives the other four points' accumulators.
   */
  storePair(stores: readonly Store[], second: ExpressionEmitter = this): void {
    const { f } = this.#kernel
    const { loop } = this.#options
    const halves = [this, second].map((emitter, half) => {
      const values: Local<'v128'>[] = []
      this.#pointers.ahead(loop, 4 * half, () => {
        emitter.begin(stores.map((store) => store.value))
        for (const { value } of stores) {
          const local = f.local('v128')
          emitter.push(value, 'vector')
          f.set(local)
          values.push(local)
        }
      })
      return values
    })
    stores.forEach((store, index) => {
      halves.forEach((values, half) => {
        this.#pointers.ahead(loop, 4 * half, () => {
          this.#storeOne(store, 'vector', () => f.get(at(values, index)))
        })
      })
    })
  }

  /** Loads now what a store changes before a later one reads it: variables updated in place. */
  #loadOverwritten(stores: readonly Store[], mode: Mode): void {
    const { f } = this.#kernel
    const written = new Set<number>()
    const read = new Set<Expression>()
    for (const store of stores) {
      visitExpressions([store.value], (expression) => {
        const late = expression.kind === 'load' && written.has(expression.buffer) && !read.has(expression)
        read.add(expression)
        if (!late || this.#hoisted.has(expression)) return
        const local = f.local('v128')
        this.#emit(expression, mode)
        f.set(local)
        this.#computed.set(expression, local)
      })
      written.add(store.buffer)
    }
  }

  /** Starts a new place in the code: nothing is computed yet; counts how often each part of `roots` is needed. */
  begin(roots: readonly Expression[]): void {
    this.#computed = new Map()
    this.#uses.clear()
    for (const root of roots) this.#uses.set(root, (this.#uses.get(root) ?? 0) + 1)
    visitExpressions(roots, (expression) => {
      for (const part of partsOf(expression)) this.#uses.set(part, (this.#uses.get(part) ?? 0) + 1)
    })
  }

  /** Leaves the value of an expression on the stack. */
  push(expression: Expression, mode: Mode): void {
    const { f } = this.#kernel
    const known = this.#hoisted.get(expression) ?? this.#computed.get(expression)
    if (known) {
      f.get(known)
      return
    }
    this.#emit(expression, mode)
    const cheap = expression.kind === 'constant' || expression.kind === 'accumulator'
    if (!cheap && (this.#uses.get(expression) ?? 0) > 1) {
      const local = f.local('v128')
      f.tee(local)
      this.#computed.set(expression, local)
    }
  }

  #emit(expression: Expression, mode: Mode): void {
    const { f } = this.#kernel
    switch (expression.kind) {
      case 'constant':
        if (expression.dtype === 'float32') f.hoistedF32x4(expression.value)
        else f.hoistedI32x4(expression.dtype === 'bool' ? -Number(expression.value !== 0) : expression.value)
        return
      case 'load':
        if (!this.#options.load?.(expression)) this.#load(expression, expression.dtype, mode)
        return
      case 'index':
        this.#index(expression, mode)
        return
      case 'random':
        this.#index(expression, mode)
        emitUniform(this.#kernel, expression.counter, expression.stream)
        return
      case 'gather':
        this.#gather(expression, mode)
        return
      case 'accumulator': {
        const local = this.#options.accumulators?.[expression.index]
        invariant(local, 'an accumulator outside its kernel')
        f.get(local)
        return
      }
      case 'op':
        this.#operation(expression, mode)
    }
  }

  #operation(expression: Expression & { kind: 'op' }, mode: Mode): void {
    const { f, context } = this.#kernel
    const { op, operands } = expression
    if (op === 'where') {
      const [condition, a, b] = operands as readonly [Expression, Expression, Expression]
      this.push(a, mode)
      this.push(b, mode)
      this.push(condition, mode)
    } else if (this.#multiplyAdd(expression, mode)) return
    else for (const operand of operands) this.push(operand, mode)
    const types = { result: expression.dtype, operand: at(operands, 0).dtype }
    vectorOps[op](f, context, { ...types, inline: mode === 'vector' && this.#options.inline !== false })
  }

  /** a · b + c in one instruction, where the product is needed nowhere else. */
  #multiplyAdd(expression: Expression & { kind: 'op' }, mode: Mode): boolean {
    if (expression.op !== 'add' || expression.dtype !== 'float32') return false
    const [first, second] = expression.operands as readonly [Expression, Expression]
    const product = [first, second].find((each) => each.kind === 'op' && each.op === 'mul' && this.#isFresh(each))
    if (product?.kind !== 'op') return false
    const addend = product === first ? second : first
    const [a, b] = product.operands as readonly [Expression, Expression]
    this.push(a, mode)
    emitMultiplyAdd(
      this.#kernel.f,
      this.#kernel.context.fma,
      () => this.push(b, mode),
      () => this.push(addend, mode),
    )
    return true
  }

  #isFresh(expression: Expression): boolean {
    return (this.#uses.get(expression) ?? 0) === 1 && !this.#hoisted.has(expression)
  }

  /** The value of an affine function of the loop indices in every lane. */
  #index(access: Access, mode: Mode): void {
    const { f } = this.#kernel
    const { pointer, offset } = this.#pointers.address({ at: access.at })
    f.get(pointer)
    if (offset !== 0) f.plus(offset)
    f.op('i32x4.splat')
    const stride = this.#strideOf(access.at)
    if (mode === 'vector' && stride !== 0) f.i32x4(0, stride, 2 * stride, 3 * stride).op('i32x4.add')
  }

  /** The step along the vectors; a single point has no loop. */
  #strideOf({ strides }: Affine): number {
    return strides.length === 0 ? 0 : at(strides, this.#options.loop)
  }

  #load(access: Access & { readonly buffer: number }, dtype: DType, mode: Mode): void {
    const { f } = this.#kernel
    const { pointer, offset } = this.#pointers.address(access)
    const stride = this.#strideOf(access.at)
    const single = mode === 'lane' || stride === 0
    if (dtype === 'float32' || dtype === 'int32') {
      if (single) f.get(pointer).load('v128.load32_splat', offset)
      else if (stride === 1) f.get(pointer).load('v128.load', offset, 2)
      else this.#loadLanes(access, stride)
      return
    }
    if (single) f.get(pointer).load('i32.load8_u', offset).op('i32x4.splat')
    else if (stride === 1) {
      f.get(pointer).load('v128.load32_zero', offset, 0)
      f.op('i16x8.extend_low_i8x16_u').op('i32x4.extend_low_i16x8_u')
    } else {
      f.i32x4splat(0)
      for (let lane = 0; lane < 4; lane++) {
        this.#pushLaneAddress(access, stride, lane)
        f.load('i32.load8_u', this.#laneOffset(access, stride, lane)).replaceLane('i32x4.replace_lane', lane)
      }
    }
    if (dtype === 'bool') f.op('i32x4.neg')
  }

  #loadLanes(access: Access, stride: number): void {
    const { f } = this.#kernel
    this.#pushLaneAddress(access, stride, 0)
    f.load('v128.load32_zero', this.#laneOffset(access, stride, 0))
    const vector = f.local('v128')
    f.set(vector)
    for (let lane = 1; lane < 4; lane++) {
      this.#pushLaneAddress(access, stride, lane)
      f.get(vector)
        .lane('v128.load32_lane', this.#laneOffset(access, stride, lane), lane)
        .set(vector)
    }
    f.get(vector)
  }

  /** Lanes ahead of the pointer are constants in the instruction; lanes behind it need an addition. */
  #pushLaneAddress(access: Access, stride: number, lane: number): void {
    const { f } = this.#kernel
    f.get(this.#pointers.address(access).pointer)
    if (stride < 0 && lane > 0) f.plus(this.#laneBytes(access, stride, lane))
  }

  #laneOffset(access: Access, stride: number, lane: number): number {
    const { offset } = this.#pointers.address(access)
    return stride < 0 ? offset : offset + this.#laneBytes(access, stride, lane)
  }

  #laneBytes(access: Access, stride: number, lane: number): number {
    return lane * stride * (access.buffer === undefined ? 1 : this.#kernel.context.elementBytes(access.buffer))
  }

  #gather(expression: Expression & { kind: 'gather' }, mode: Mode): void {
    const { f, context } = this.#kernel
    const { dtype, size, stride } = expression
    const bytes = context.elementBytes(expression.buffer)
    const along = this.#strideOf(expression.at)
    const index = f.local('v128')
    this.push(expression.index, mode)
    f.i32x4splat(0)
      .op('i32x4.max_s')
      .i32x4splat(size - 1)
      .op('i32x4.min_s')
    f.i32x4splat(stride * bytes)
      .op('i32x4.mul')
      .set(index)
    f.i32x4splat(0)
    for (let lane = 0; lane < (mode === 'lane' ? 1 : 4); lane++) {
      this.#pushLaneAddress(expression, along, lane)
      f.get(index).extractLane('i32x4.extract_lane', lane).op('i32.add')
      f.load(bytes === 4 ? 'i32.load' : 'i32.load8_u', this.#laneOffset(expression, along, lane))
      f.replaceLane('i32x4.replace_lane', lane)
    }
    if (dtype === 'bool') f.op('i32x4.neg')
  }

  #storeOne(store: Store, mode: Mode, push: () => void): void {
    const { f } = this.#kernel
    const { dtype } = store.value
    const { pointer, offset } = this.#pointers.address(store)
    const stride = this.#strideOf(store.at)
    const wide = dtype === 'float32' || dtype === 'int32'
    if (mode === 'vector' && stride === 1) {
      f.get(pointer)
      push()
      if (wide) f.store('v128.store', offset, 2)
      else {
        if (dtype === 'bool') f.op('i32x4.neg')
        const narrow = f.local('v128')
        f.tee(narrow).get(narrow).op('i16x8.narrow_i32x4_s').tee(narrow).get(narrow).op('i8x16.narrow_i16x8_u')
        f.lane('v128.store32_lane', offset, 0)
      }
      return
    }
    const value = f.local('v128')
    push()
    if (dtype === 'bool') f.op('i32x4.neg')
    f.set(value)
    for (let lane = 0; lane < (mode === 'lane' ? 1 : 4); lane++) {
      this.#pushLaneAddress(store, stride, lane)
      f.get(value).extractLane('i32x4.extract_lane', lane)
      f.store(wide ? 'i32.store' : 'i32.store8', this.#laneOffset(store, stride, lane))
    }
  }
}

/** Copies lane 0 to all lanes. */
export function splatLane({ f }: KernelFunction, dtype: DType): void {
  if (dtype === 'float32') f.extractLane('f32x4.extract_lane', 0).op('f32x4.splat')
  else f.extractLane('i32x4.extract_lane', 0).op('i32x4.splat')
}
