/**
 * Packing: gathers one panel of B, eight or sixteen columns wide, so that the tile reads it from end to end. Convolutions read their patches
 * through tables here; no patch matrix is ever written. Offsets are looked up, never computed by division.
 */
import { range } from '../../../base/arrays.ts'
import type { BufferId } from '../../../compile/expression.ts'
import type { ContractKernel, Steps } from '../../../compile/kernel.ts'
import type { FunctionBuilder, FunctionRef, Local } from '../assembler/assembler.ts'
import type { TileForm } from './contract-plan.ts'
import { type KernelContext, KernelFunction } from './kernel-context.ts'
import { turn } from './turn.ts'

/**
 * A function (destination, source, first column, outer steps, first row, rows): fills `rows` · panel · 4 bytes for each outer step.
 * `source` is the address of B's batch item at the first outer step.
 */
export function packFunction(context: KernelContext, { b, n }: ContractKernel, panel: TileForm['panel']): FunctionRef {
  const rest = n % panel === 0 || b.columns.kind === 'table' ? '' : ` of ${n}`
  const name = `pack${panel}.${stepsName(b.rows)}x${stepsName(b.columns)}+${b.outerStride}${rest}`
  return context.shared(name, () =>
    context.module.function(
      name,
      ['i32', 'i32', 'i32', 'i32', 'i32', 'i32'],
      [],
      (f, target, source, column, outer, row, count) => {
        const kernel = new KernelFunction(context, f, tablesOf(b.rows, b.columns))
        const packer = new Packer(kernel, { b, n, panel }, { target, row, count })
        f.get(outer).op('i32.eqz').brIf(0)
        packer.loadColumns(column)
        f.loop((again) => {
          packer.packRows(source)
          f.get(source)
            .plus(4 * b.outerStride)
            .set(source)
          f.get(outer).i32(1).op('i32.sub').tee(outer).brIf(again)
        })
      },
    ),
  )
}

function stepsName(steps: Steps): string {
  return steps.kind === 'table' ? `table${steps.buffer}` : String(steps.stride)
}

function tablesOf(...steps: readonly Steps[]): BufferId[] {
  return steps.flatMap((each) => (each.kind === 'table' ? [each.buffer] : []))
}

class Packer {
  readonly #kernel: KernelFunction
  readonly #f: FunctionBuilder
  readonly #b: ContractKernel['b']
  readonly #n: number
  readonly #panel: TileForm['panel']
  readonly #target: Local<'i32'>
  readonly #row: Local<'i32'>
  readonly #count: Local<'i32'>
  /** Byte offsets of the panel's columns. */
  readonly #columns: readonly Local<'i32'>[]

  constructor(
    kernel: KernelFunction,
    { b, n, panel }: Pick<ContractKernel, 'b' | 'n'> & Pick<TileForm, 'panel'>,
    locals: { target: Local<'i32'>; row: Local<'i32'>; count: Local<'i32'> },
  ) {
    this.#kernel = kernel
    this.#f = kernel.f
    this.#b = b
    this.#n = n
    this.#panel = panel
    this.#target = locals.target
    this.#row = locals.row
    this.#count = locals.count
    this.#columns = range(panel).map(() => kernel.f.local('i32'))
  }

  /** Looks up where the columns from `first` on lie; past the last one, that one. */
  loadColumns(first: Local<'i32'>): void {
    const f = this.#f
    this.#columns.forEach((local, index) => {
      const { columns } = this.#b
      if (columns.kind === 'stride') {
        f.get(first).plus(index)
        if (columns.stride !== 1 && this.#n % this.#panel !== 0) f.atMost(this.#n - 1)
        f.i32(4 * columns.stride).op('i32.mul')
      } else this.#loadEntry(columns.buffer, first, index)
      f.set(local)
    })
  }

  get #panelBytes(): number {
    return 4 * this.#panel
  }

  /** First columns of each vector. */
  get #groups(): number[] {
    return range(this.#panel / 4).map((index) => 4 * index)
  }

  /** Packs all rows of one outer step and moves the target on. */
  packRows(source: Local<'i32'>): void {
    const { rows, columns } = this.#b
    if (columns.kind === 'stride' && columns.stride === 1) {
      this.#packWide(source)
    } else if (columns.kind === 'table' && mostlyWhole(columns.offsets)) {
      this.#packGroups(source)
    } else if (rows.kind === 'stride' ? rows.stride === 1 : mostlyContiguous(rows.offsets)) {
      this.#packTransposed(source)
    } else this.#packSingly(source)
  }

  /** Byte offset of entry `index + plus` of a table. */
  #loadEntry(table: BufferId, index: Local<'i32'>, plus: number): void {
    const { pointer, offset } = this.#kernel.address(table)
    const f = this.#f
    f.get(pointer)
      .plus(index, 4)
      .load('i32.load', offset + 4 * plus)
    f.i32(2).op('i32.shl')
  }

  /** Runs `body` for every row with the address of the row's origin. */
  #eachRow(source: Local<'i32'>, body: (address: Local<'i32'>) => void): void {
    const f = this.#f
    const { rows } = this.#b
    f.scope(() => {
      const k = f.local('i32')
      const end = f.local('i32')
      const address = f.local('i32')
      f.get(this.#row).plus(this.#count).set(end)
      f.forRange(k, this.#row, end, 1, () => {
        this.#rowAddress(source, rows, k, address)
        body(address)
      })
    })
  }

  #rowAddress(source: Local<'i32'>, rows: Steps, k: Local<'i32'>, address: Local<'i32'>): void {
    const f = this.#f
    f.get(source)
    if (rows.kind === 'stride')
      f.get(k)
        .i32(4 * rows.stride)
        .op('i32.mul')
    else this.#loadEntry(rows.buffer, k, 0)
    f.op('i32.add').set(address)
  }

  /** Rows lie in memory as the panel wants them. */
  #packWide(source: Local<'i32'>): void {
    const f = this.#f
    const first = this.#columns[0] as Local<'i32'>
    this.#eachRow(source, (address) => {
      f.get(address).plus(first).set(address)
      for (let offset = 0; offset < this.#panelBytes; offset += 16) {
        f.get(this.#target).get(address).load('v128.load', offset, 2).store('v128.store', offset, 2)
      }
      f.addImmediate(this.#target, this.#panelBytes)
    })
  }

  /** Four columns at a time: one load where they are neighbours, four where a row of the image ends between them. */
  #packGroups(source: Local<'i32'>): void {
    const f = this.#f
    const start = f.local('i32')
    f.get(this.#target).set(start)
    for (const group of this.#groups) {
      const columns = this.#columns.slice(group, group + 4) as [Local<'i32'>, Local<'i32'>, Local<'i32'>, Local<'i32'>]
      f.get(start)
        .plus(4 * group)
        .set(this.#target)
      f.get(columns[3])
        .get(columns[0])
        .op('i32.sub')
        .i32(12)
        .op('i32.eq')
        .if(
          () =>
            this.#eachRow(source, (address) => {
              f.get(this.#target).get(address).plus(columns[0]).load('v128.load', 0, 2).store('v128.store', 0, 2)
              f.addImmediate(this.#target, this.#panelBytes)
            }),
          () =>
            this.#eachRow(source, (address) => {
              f.get(this.#target)
              this.#gather(address, columns)
              f.store('v128.store', 0, 2)
              f.addImmediate(this.#target, this.#panelBytes)
            }),
        )
    }
    f.addImmediate(this.#target, 16 - this.#panelBytes)
  }

  /** Four floats from four offsets, as a vector on the stack. */
  #gather(address: Local<'i32'>, columns: readonly Local<'i32'>[]): void {
    const f = this.#f
    const vector = f.local('v128')
    columns.forEach((column, lane) => {
      f.get(address).plus(column)
      if (lane === 0) f.load('v128.load32_zero')
      else f.get(vector).lane('v128.load32_lane', 0, lane)
      f.set(vector)
    })
    f.get(vector)
  }

  #packSingly(source: Local<'i32'>): void {
    this.#eachRow(source, (address) => this.#packOneRow(address))
  }

  #packOneRow(address: Local<'i32'>): void {
    const f = this.#f
    for (const group of this.#groups) {
      f.get(this.#target)
      this.#gather(address, this.#columns.slice(group, group + 4))
      f.store('v128.store', 4 * group, 2)
    }
    f.addImmediate(this.#target, this.#panelBytes)
  }

  /** Columns lie in memory as rows: four rows are read column by column and turned in registers. */
  #packTransposed(source: Local<'i32'>): void {
    const f = this.#f
    const { rows } = this.#b
    f.scope(() => {
      const k = f.local('i32')
      const end = f.local('i32')
      const address = f.local('i32')
      f.get(this.#row).set(k)
      f.get(this.#row).plus(this.#count).set(end)
      f.block((exit) =>
        f.loop((again) => {
          f.get(k).get(end).op('i32.ge_s').brIf(exit)
          this.#rowAddress(source, rows, k, address)
          this.#pushFourFollow(rows, k, end)
          f.if(
            () => {
              this.#packFourRows(address)
              f.addImmediate(k, 4)
            },
            () => {
              this.#packOneRow(address)
              f.addImmediate(k, 1)
            },
          )
          f.br(again)
        }),
      )
    })
  }

  /** Whether rows k … k + 3 exist and follow each other in memory. */
  #pushFourFollow(rows: Steps, k: Local<'i32'>, end: Local<'i32'>): void {
    const f = this.#f
    f.get(k).plus(4).get(end).op('i32.le_s')
    if (rows.kind === 'stride') return
    // Past the end of the table stands its last entry, so the look-ahead is safe.
    this.#loadEntry(rows.buffer, k, 3)
    this.#loadEntry(rows.buffer, k, 0)
    f.op('i32.sub').i32(12).op('i32.eq').op('i32.and')
  }

  #packFourRows(address: Local<'i32'>): void {
    const f = this.#f
    f.scope(() => {
      for (const group of this.#groups) {
        const columns = range(4).map(() => f.local('v128'))
        columns.forEach((vector, index) => {
          f.get(address)
            .plus(this.#columns[group + index] as Local<'i32'>)
            .load('v128.load', 0, 2)
            .set(vector)
        })
        turn(f, columns).forEach((vector, row) => {
          f.get(this.#target)
            .get(vector)
            .store('v128.store', this.#panelBytes * row + 4 * group, 2)
        })
      }
    })
    f.addImmediate(this.#target, 4 * this.#panelBytes)
  }
}

/** Whether most groups of four, from the first on, lie side by side. */
function mostlyWhole(offsets: Int32Array): boolean {
  let whole = 0
  for (let index = 3; index < offsets.length; index += 4) {
    if ((offsets[index] as number) - (offsets[index - 3] as number) === 3) whole += 1
  }
  return 4 * whole * 4 > 3 * offsets.length
}

/** Whether most entries follow their predecessor, so that loading four at once pays. */
function mostlyContiguous(offsets: Int32Array): boolean {
  if (offsets.length < 4) return false
  let following = 0
  for (let index = 1; index < offsets.length; index++) {
    if ((offsets[index] as number) - (offsets[index - 1] as number) === 1) following += 1
  }
  return following * 2 > offsets.length
}
