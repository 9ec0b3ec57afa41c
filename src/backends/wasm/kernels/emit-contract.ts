/**
 * Contractions: panels of B are packed block by block, then every row tile of A meets every panel of the block. Threads divide the
 * panels (or the row tiles of a narrow product); each result is computed whole by one thread, so their number changes no bit.
 */
import { at } from '../../../base/arrays.ts'
import type { ContractKernel } from '../../../compile/kernel.ts'
import type { FunctionBuilder, FunctionRef, Local } from '../assembler/assembler.ts'
import { type ContractPlan, planContract } from './contract-plan.ts'
import { emitDot } from './emit-dot.ts'
import { packFunction } from './emit-pack.ts'
import { byHeight, pushFirstRow, tileFunction } from './emit-tile.ts'
import type { KernelFunction } from './kernel-context.ts'
import { pushOperand, splitItem } from './operands.ts'

interface Functions {
  readonly pack: FunctionRef | undefined
  /** By rows less one or not, then by whole panel or rest. */
  readonly tile: (tall: boolean, last: boolean) => FunctionRef
}

export function emitContract(kernel: KernelFunction, name: string, contract: ContractKernel): void {
  const plan = planContract(contract, kernel.context.wide)
  if (plan.dot) emitDot(kernel, contract)
  else new ContractEmitter(kernel, contract, plan, name).emit()
}

class ContractEmitter {
  readonly #kernel: KernelFunction
  readonly #f: FunctionBuilder
  readonly #contract: ContractKernel
  readonly #plan: ContractPlan
  readonly #functions: Functions
  readonly #scratch: Local<'i32'>
  /** First panel of the block and the panel at hand, each as batch indices and panel number. */
  readonly #start: readonly Local<'i32'>[]
  readonly #current: readonly Local<'i32'>[]
  readonly #blockCount: Local<'i32'>
  readonly #outerStart: Local<'i32'>
  readonly #outerCount: Local<'i32'>
  readonly #depthStart: Local<'i32'>
  readonly #depthCount: Local<'i32'>
  readonly #flags: Local<'i32'>

  constructor(kernel: KernelFunction, contract: ContractKernel, plan: ContractPlan, name: string) {
    this.#kernel = kernel
    this.#f = kernel.f
    this.#contract = contract
    this.#plan = plan
    const { context } = kernel
    const tiles = new Map<string, FunctionRef>()
    const lastColumns = contract.n - (plan.panels - 1) * plan.panel
    this.#functions = {
      pack: plan.direct ? undefined : packFunction(context, contract, plan.panel),
      tile: (tall, last) => {
        const shape = { rows: tall ? plan.rows : plan.rows - 1, columns: last ? lastColumns : plan.panel }
        const key = `${shape.rows}x${shape.columns}`
        const known = tiles.get(key) ?? tileFunction(context, name, contract, plan, shape)
        tiles.set(key, known)
        return known
      },
    }
    const local = (): Local<'i32'> => this.#f.local('i32')
    this.#scratch = kernel.scratch()
    this.#start = [...contract.batch, 0].map(local)
    this.#current = [...contract.batch, 0].map(local)
    this.#blockCount = local()
    this.#outerStart = local()
    this.#outerCount = local()
    this.#depthStart = local()
    this.#depthCount = local()
    this.#flags = local()
  }

  emit(): void {
    const f = this.#f
    const { items, blockPanels, tiles, divideRows } = this.#plan
    const [from, to] = f.locals('i32', 'i32')
    const [firstTile, lastTile] = f.locals('i32', 'i32')
    if (divideRows) {
      f.i32(0).set(from).i32(items).set(to)
      this.#kernel.share(tiles, 1, firstTile, lastTile)
    } else {
      this.#kernel.share(items, 1, from, to)
      f.i32(0).set(firstTile).i32(tiles).set(lastTile)
    }
    // Batch indices and the panel within the item.
    splitItem(f, from, [...this.#contract.batch, this.#plan.panels], this.#start)
    f.forRange(from, from, to, blockPanels, () => {
      f.get(to).get(from).op('i32.sub').atMost(blockPanels).set(this.#blockCount)
      this.#eachPass(() => {
        this.#packBlock()
        this.#runTiles(firstTile, lastTile)
      })
      copyLocals(f, this.#current, this.#start)
    })
  }

  /** Runs `body` for each panel of the block. */
  #eachPanel(body: (number: Local<'i32'>) => void): void {
    const f = this.#f
    copyLocals(f, this.#start, this.#current)
    f.scope(() => {
      const number = f.local('i32')
      f.forRange(number, 0, this.#blockCount, 1, () => {
        body(number)
        this.#nextPanel(this.#current.length - 1)
      })
    })
  }

  #nextPanel(index: number): void {
    const f = this.#f
    const local = at(this.#current, index)
    const sizes = [...this.#contract.batch, this.#plan.panels]
    f.addImmediate(local, 1)
    if (index === 0) return
    f.get(local)
      .i32(at(sizes, index))
      .op('i32.eq')
      .if(() => {
        f.i32(0).set(local)
        this.#nextPanel(index - 1)
      })
  }

  #eachPass(body: () => void): void {
    const f = this.#f
    const { outer, k } = this.#contract
    const { outerStep, depth, passes } = this.#plan
    if (passes === 1) {
      f.i32(0).set(this.#outerStart).i32(outer).set(this.#outerCount)
      f.i32(0).set(this.#depthStart).i32(k).set(this.#depthCount)
      f.i32(3).set(this.#flags)
      body()
      return
    }
    const smaller = (start: Local<'i32'>, whole: number, step: number, target: Local<'i32'>): void => {
      f.i32(whole).get(start).op('i32.sub').atMost(step).set(target)
    }
    f.forRange(this.#outerStart, 0, outer, outerStep, () => {
      smaller(this.#outerStart, outer, outerStep, this.#outerCount)
      f.forRange(this.#depthStart, 0, k, depth, () => {
        smaller(this.#depthStart, k, depth, this.#depthCount)
        f.get(this.#outerStart).get(this.#depthStart).op('i32.or').op('i32.eqz')
        f.get(this.#outerStart).plus(this.#outerCount).i32(outer).op('i32.eq')
        f.get(this.#depthStart).plus(this.#depthCount).i32(k).op('i32.eq').op('i32.and')
        f.i32(1).op('i32.shl').op('i32.or').set(this.#flags)
        body()
      })
    })
  }

  /** Address of an operand's batch item at the first outer step of this pass. */
  #pushOperand(operand: ContractKernel['a'] | ContractKernel['b']): void {
    const f = this.#f
    pushOperand(this.#kernel, operand, this.#current)
    if (operand.outerStride !== 0 && this.#plan.passes > 1) {
      f.plus(this.#outerStart, 4 * operand.outerStride)
    }
  }

  #panelBytes(): number {
    return this.#plan.outerStep * this.#plan.depth * this.#plan.panel * 4
  }

  #packBlock(): void {
    const f = this.#f
    const { pack } = this.#functions
    if (!pack) return
    this.#eachPanel((number) => {
      f.get(this.#scratch).plus(number, this.#panelBytes())
      this.#pushOperand(this.#contract.b)
      f.get(at(this.#current, this.#current.length - 1))
        .i32(this.#plan.panel)
        .op('i32.mul')
      f.get(this.#outerCount).get(this.#depthStart).get(this.#depthCount).call(pack)
    })
  }

  #runTiles(firstTile: Local<'i32'>, lastTile: Local<'i32'>): void {
    const f = this.#f
    f.scope(() => {
      const tile = f.local('i32')
      const row = f.local('i32')
      f.forRange(tile, firstTile, lastTile, 1, () => {
        pushFirstRow(f, this.#plan, tile)
        f.set(row)
        this.#eachPanel((number) => {
          byHeight(f, this.#plan, tile, (tall) => this.#callTile(tall, tile, row, number))
        })
      })
    })
  }

  #callTile(tall: boolean, tile: Local<'i32'>, row: Local<'i32'>, number: Local<'i32'>): void {
    const f = this.#f
    const { a, b, n } = this.#contract
    const { passes, panels, blockPanels, rows, packedBytes, direct, panel: columns } = this.#plan
    const panel = at(this.#current, this.#current.length - 1)
    const pushArguments = (): void => {
      this.#pushOperand(a)
      f.plus(row, 4 * a.strideM)
      if (passes > 1) f.plus(this.#depthStart, 4 * a.strideK)
      if (direct) {
        this.#pushOperand(b)
        f.plus(panel, 4 * columns)
        if (passes > 1 && b.rows.kind === 'stride') {
          f.plus(this.#depthStart, 4 * b.rows.stride)
        }
      } else f.get(this.#scratch).plus(number, this.#panelBytes())
      f.get(this.#scratch).plus(packedBytes)
      if (passes > 1) {
        f.get(tile)
          .i32(blockPanels)
          .op('i32.mul')
          .plus(number)
          .i32(rows * columns * 4)
          .op('i32.mul')
          .op('i32.add')
      }
      f.get(this.#outerCount).get(this.#depthCount).get(this.#flags).get(row).get(panel).i32(columns).op('i32.mul')
      for (const index of this.#current.slice(0, -1)) f.get(index)
    }
    pushArguments()
    if (n % columns === 0) {
      f.call(this.#functions.tile(tall, false))
      return
    }
    if (panels === 1) {
      f.call(this.#functions.tile(tall, true))
      return
    }
    const whole = this.#functions.tile(tall, false)
    const rest = this.#functions.tile(tall, true)
    const args = whole.params.map(() => f.local('i32'))
    for (const local of args.toReversed()) f.set(local)
    f.get(panel)
      .i32(panels - 1)
      .op('i32.eq')
    f.if(
      () => {
        for (const local of args) f.get(local)
        f.call(rest)
      },
      () => {
        for (const local of args) f.get(local)
        f.call(whole)
      },
    )
  }
}

function copyLocals(f: FunctionBuilder, from: readonly Local<'i32'>[], to: readonly Local<'i32'>[]): void {
  for (const [index, local] of from.entries()) f.get(local).set(at(to, index))
}
