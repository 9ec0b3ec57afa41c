/**
 * What forward pass and weight gradient of Winograd convolutions share: reading tiles, and the transforms of F(4×4, 3×3) on vectors
 * whose lanes are tiles or channels. Each transform is one row of arithmetic, applied to the rows and then to the columns
 * of a tile. The points are those of `winograd-scheme`; points of opposite sign share their even and odd parts.
 */
import { at, range } from '../../../base/arrays.ts'
import { atFar, atNear, atZero, FAR, NEAR, SPAN, TAPS, TILE } from '../../../compile/winograd-scheme.ts'
import type { FunctionBuilder, Local } from '../assembler/assembler.ts'
import type { KernelFunction } from './kernel-context.ts'
import { turn } from './turn.ts'
import { emitMultiplyAdd } from './vector-math.ts'

/**
 * Bytes between the positions of transformed tiles beyond their size: stores a power of two apart would all fall into one set of the
 * cache and push each other out.
 */
export const SKEW = 64

/** Four lanes, or eight as two neighbours that wide engines join. */
export type Vector = readonly Local<'v128'>[]
type Three = readonly [Vector, Vector, Vector]
type Four = readonly [Vector, Vector, Vector, Vector]
type Six = readonly [Vector, Vector, Vector, Vector, Vector, Vector]

/** Byte offsets of four tiles from a table of element offsets, from `first` + `skip` on. */
export function loadOffsets(kernel: KernelFunction, table: number, first: Local<'i32'>, skip = 0): Local<'i32'>[] {
  const { f } = kernel
  return range(4).map((lane) => {
    const local = f.local('i32')
    const offset = pushEntry(kernel, table, first)
    f.load('i32.load', offset + 4 * (skip + lane))
      .i32(2)
      .op('i32.shl')
      .set(local)
    return local
  })
}

/** Pushes the address of the entry `index` of an int32 table without its constant part, which is returned. */
export function pushEntry(kernel: KernelFunction, table: number, index: Local<'i32'>): number {
  const { pointer, offset } = kernel.address(table)
  kernel.f.get(pointer).plus(index, 4)
  return offset
}

/** The mask of the tiles from `first` + `skip` on, lane by lane or one for all lanes; none where all tiles are whole. */
export function loadMask(
  kernel: KernelFunction,
  sizes: number | undefined,
  first: Local<'i32'>,
  load: 'v128.load' | 'v128.load32_splat',
  span: 4 | 6,
  skip = 0,
): TileMask | undefined {
  if (sizes === undefined) return undefined
  const offset = pushEntry(kernel, sizes, first)
  kernel.f.load(load, offset + 4 * skip, 2)
  return new TileMask(kernel.f, span)
}

/** Which rows and columns of a tile are inside, lane by lane; those before `from` always are. */
class TileMask {
  readonly #f: FunctionBuilder
  readonly #rows: Local<'v128'>[]
  readonly #columns: Local<'v128'>[]
  readonly #from: number

  /** Takes sizes, rows + 256 · columns, from the stack. Input tiles, which span 6 elements, reach 2 farther than their outputs. */
  constructor(f: FunctionBuilder, span: 4 | 6) {
    const inside = span - TILE
    this.#f = f
    this.#from = inside + 1
    const sizes = f.local('v128')
    f.set(sizes)
    const masks = (push: () => void): Local<'v128'>[] =>
      range(span - this.#from).map((index) => {
        push()
        const mask = f.local('v128')
        f.i32x4splat(this.#from + index - inside)
          .op('i32x4.gt_s')
          .set(mask)
        return mask
      })
    this.#rows = masks(() => f.get(sizes).i32x4splat(255).op('v128.and'))
    this.#columns = masks(() => f.get(sizes).i32(8).op('i32x4.shr_u'))
  }

  /** Sets to zero what is outside in row `y`. */
  apply(row: readonly Local<'v128'>[], y: number): void {
    row.forEach((vector, x) => {
      const masks = [this.#rows[y - this.#from], this.#columns[x - this.#from]]
      for (const mask of masks) if (mask) this.#f.get(vector).get(mask).op('v128.and').set(vector)
    })
  }
}

/** Reads `width` elements in a row at four addresses, `push` pushing each and returning a constant to add; element by element. */
export function loadRow(f: FunctionBuilder, width: 4 | 6, push: (lane: number) => number): Local<'v128'>[] {
  const lanes = range(4).map((lane) => {
    const vector = f.local('v128')
    const offset = push(lane)
    f.load('v128.load', offset, 2).set(vector)
    return vector
  })
  const first = turn(f, lanes)
  if (width === 4) return first
  const [low, high] = [0, 2].map((lane) => {
    const vector = f.local('v128')
    const second = push(lane + 1) + 16
    f.load('v128.load64_zero', second, 2).set(vector)
    const offset = push(lane) + 16
    f.load('v128.load64_zero', offset, 2).get(vector).shuffle32(0, 1, 4, 5).set(vector)
    return vector
  }) as [Local<'v128'>, Local<'v128'>]
  const [fifth, sixth] = f.locals('v128', 'v128')
  f.get(low).get(high).shuffle32(0, 2, 4, 6).set(fifth)
  f.get(low).get(high).shuffle32(1, 3, 5, 7).set(sixth)
  return [...first, fifth, sixth]
}

/** Vectors of rows that were read in parts: lane by lane neighbours. */
export function joinParts(parts: readonly (readonly Local<'v128'>[])[]): Vector[] {
  return range(at(parts, 0).length).map((index) => parts.map((part) => at(part, index)))
}

/** Stores a vector at the address in a local plus a constant. */
export function storeVector(f: FunctionBuilder, address: Local<'i32'>, vector: Vector, offset: number): void {
  vector.forEach((part, index) => {
    f.get(address)
      .get(part)
      .store('v128.store', offset + 16 * index, 2)
  })
}

/** The transforms, in one function. */
export class WinogradTransforms {
  readonly #f: FunctionBuilder
  readonly #fma: boolean

  constructor(f: FunctionBuilder, fma: boolean) {
    this.#f = f
    this.#fma = fma
  }

  /** Bᵀ d B of six rows that `row` gives, `store` taking element [ξ, ν] at position 6ξ + ν. */
  input(row: (y: number) => Vector[], store: (vector: Vector, position: number) => void): void {
    this.#bothWays(range(SPAN), row, (d) => this.#inputRow(d as unknown as Six), store)
  }

  /** A g Aᵀ of four rows, likewise. */
  gradient(row: (y: number) => Vector[], store: (vector: Vector, position: number) => void): void {
    this.#bothWays(range(TILE), row, (g) => this.#gradientRow(g as unknown as Four), store)
  }

  /** G g Gᵀ of nine taps, likewise. */
  kernel(taps: readonly Vector[], store: (vector: Vector, position: number) => void): void {
    const row = (y: number): Vector[] => taps.slice(TAPS * y, TAPS * (y + 1))
    this.#bothWays(range(TAPS), row, (g) => this.#kernelRow(g as unknown as Three), store)
  }

  /** Aᵀ m A of the positions that `load` gives, as four rows of four. */
  output(load: (position: number) => Vector, row: (values: Vector[], y: number) => void): void {
    const halfway = range(SPAN).map((xi) =>
      this.#outputRow(range(SPAN).map((nu) => load(SPAN * xi + nu)) as unknown as Six),
    )
    const columns = range(TILE).map((x) => this.#outputRow(halfway.map((each) => at(each, x)) as unknown as Six))
    for (const y of range(TILE))
      row(
        columns.map((column) => at(column, y)),
        y,
      )
  }

  /** Gᵀ s G, as nine taps. */
  kernelGradient(load: (position: number) => Vector): Vector[] {
    const halfway = range(SPAN).map((xi) =>
      this.#kernelGradientRow(range(SPAN).map((nu) => load(SPAN * xi + nu)) as unknown as Six),
    )
    const columns = range(3).map((x) => this.#kernelGradientRow(halfway.map((each) => at(each, x)) as unknown as Six))
    return range(9).map((tap) => at(at(columns, tap % 3), Math.floor(tap / 3)))
  }

  #bothWays(
    rows: readonly number[],
    row: (y: number) => Vector[],
    transform: (row: Vector[]) => Vector[],
    store: (vector: Vector, position: number) => void,
  ): void {
    const halfway = rows.map((y) => transform(row(y)))
    for (const nu of range(SPAN)) {
      const column = transform(halfway.map((each) => at(each, nu)))
      column.forEach((vector, xi) => {
        store(vector, SPAN * xi + nu)
      })
    }
  }

  #inputRow([d0, d1, d2, d3, d4, d5]: Six): Vector[] {
    const [both, sum] = [(NEAR * FAR) ** 2, NEAR ** 2 + FAR ** 2]
    const near = this.#pair(this.#madd(d2, -(FAR ** 2), d4), this.#madd(d1, -(FAR ** 2), d3), NEAR)
    const far = this.#pair(this.#madd(d2, -(NEAR ** 2), d4), this.#madd(d1, -(NEAR ** 2), d3), FAR)
    const first = this.#madd(d0, both, this.#madd(d2, -sum, d4))
    return [first, ...near, ...far, this.#madd(d1, both, this.#madd(d3, -sum, d5))]
  }

  #gradientRow([g0, g1, g2, g3]: Four): Vector[] {
    const at = (point: number): Vector[] =>
      this.#pair(this.#madd(g2, point ** 2, g0), this.#madd(g3, point ** 2, g1), point)
    return [g0, ...at(NEAR), ...at(FAR), g3]
  }

  #kernelRow([g0, g1, g2]: Three): Vector[] {
    const at = (point: number, divisor: number): Vector[] =>
      this.#pair(this.#madd(g2, point ** 2 / divisor, this.#times(g0, 1 / divisor)), g1, point / divisor)
    return [this.#times(g0, 1 / atZero), ...at(NEAR, atNear), ...at(FAR, atFar), g2]
  }

  #outputRow([m0, m1, m2, m3, m4, m5]: Six): Vector[] {
    const [s1, d1, s2, d2] = [this.#add(m1, m2), this.#sub(m1, m2), this.#add(m3, m4), this.#sub(m3, m4)]
    return [
      this.#add(this.#add(m0, s1), s2),
      this.#madd(d2, FAR, this.#times(d1, NEAR)),
      this.#madd(s2, FAR ** 2, this.#times(s1, NEAR ** 2)),
      this.#madd(d2, FAR ** 3, this.#madd(d1, NEAR ** 3, m5)),
    ]
  }

  #kernelGradientRow([m0, m1, m2, m3, m4, m5]: Six): Vector[] {
    const [s1, d1, s2, d2] = [this.#add(m1, m2), this.#sub(m1, m2), this.#add(m3, m4), this.#sub(m3, m4)]
    return [
      this.#madd(s2, 1 / atFar, this.#madd(s1, 1 / atNear, this.#times(m0, 1 / atZero))),
      this.#madd(d2, FAR / atFar, this.#times(d1, NEAR / atNear)),
      this.#madd(s2, FAR ** 2 / atFar, this.#madd(s1, NEAR ** 2 / atNear, m5)),
    ]
  }

  /** even + point · odd and even − point · odd. */
  #pair(even: Vector, odd: Vector, point: number): Vector[] {
    return [this.#madd(odd, point, even), this.#madd(odd, -point, even)]
  }

  /** x · factor + y */
  #madd(x: Vector, factor: number, y: Vector): Vector {
    const f = this.#f
    return this.#each(x, (part, index) => {
      f.get(part)
      emitMultiplyAdd(
        f,
        this.#fma,
        () => f.hoistedF32x4(factor),
        () => f.get(at(y, index)),
      )
    })
  }

  #times(x: Vector, factor: number): Vector {
    return this.#each(x, (part) => this.#f.get(part).hoistedF32x4(factor).op('f32x4.mul'))
  }

  #add(x: Vector, y: Vector): Vector {
    return this.#each(x, (part, index) => this.#f.get(part).get(at(y, index)).op('f32x4.add'))
  }

  #sub(x: Vector, y: Vector): Vector {
    return this.#each(x, (part, index) => this.#f.get(part).get(at(y, index)).op('f32x4.sub'))
  }

  /** What `push` leaves on the stack for each part of a vector. */
  #each(x: Vector, push: (part: Local<'v128'>, index: number) => void): Vector {
    return x.map((part, index) => {
      push(part, index)
      const local = this.#f.local('v128')
      this.#f.set(local)
      return local
    })
  }
}
