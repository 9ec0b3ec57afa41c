/**
 * The element-wise primitives on four elements at a time. In registers float32 is f32x4, int32 and uint8 are i32x4, bool is a mask
 * of all ones or zeros per lane. Operands stand on the stack; the result replaces them.
 */
import type { DType } from '../../../base/dtype.ts'
import type { ElementwiseOp } from '../../../compile/expression.ts'
import type { FunctionBuilder, FunctionRef, PlainName } from '../assembler/assembler.ts'
import type { KernelContext } from './kernel-context.ts'
import { emitMath, type MathName, mathFunction } from './vector-math.ts'

interface Types {
  readonly result: DType
  readonly operand: DType
  /** Write mathematical functions in place instead of calling them: for the innermost loop. */
  readonly inline: boolean
}

type Emit = (f: FunctionBuilder, context: KernelContext, types: Types) => void

const isFloat = (dtype: DType): boolean => dtype === 'float32'

/** Names of the instructions on lanes of one type. */
type NameOf<Lanes extends string, Name = PlainName> = Name extends `${Lanes}.${infer Operation}` ? Operation : never

const byType =
  (float: NameOf<'f32x4'>, integer: NameOf<'i32x4'>): Emit =>
  (f, _, { operand }) =>
    f.op(isFloat(operand) ? `f32x4.${float}` : `i32x4.${integer}`)

const plain =
  (name: PlainName): Emit =>
  (f) =>
    f.op(name)

const math =
  (name: MathName): Emit =>
  (f, context, { inline }) => {
    if (inline) emitMath(f, name, context)
    else f.call(context.shared(`math.${name}`, () => mathFunction(context.module, name, context)))
  }

/** Primitives that take many instructions. */
export const mathOps: ReadonlySet<ElementwiseOp> = new Set([
  'exp',
  'log',
  'sin',
  'cos',
  'tanh',
  'sigmoid',
  'erf',
  'pow',
])

/** How each element-wise primitive is written. */
export const vectorOps: Readonly<Record<ElementwiseOp, Emit>> = {
  neg: byType('neg', 'neg'),
  abs: byType('abs', 'abs'),
  exp: math('exp'),
  log: math('log'),
  sqrt: plain('f32x4.sqrt'),
  sin: math('sin'),
  cos: math('cos'),
  tanh: math('tanh'),
  sigmoid: math('sigmoid'),
  erf: math('erf'),
  floor: plain('f32x4.floor'),
  round: plain('f32x4.nearest'),
  // All ones is −1, so the bitwise complement serves masks and integers alike.
  not: plain('v128.not'),
  cast: emitCast,
  add: byType('add', 'add'),
  sub: byType('sub', 'sub'),
  mul: byType('mul', 'mul'),
  div: (f, context, { operand }) => (isFloat(operand) ? f.op('f32x4.div') : f.call(integerDivision(context))),
  max: byType('max', 'max_s'),
  min: byType('min', 'min_s'),
  pow: math('pow'),
  mod: (f, context, { operand }) => f.call(isFloat(operand) ? floatModulo(context) : integerModulo(context)),
  and: plain('v128.and'),
  or: plain('v128.or'),
  equal: byType('eq', 'eq'),
  less: (
    f,
    context,
    types, // false < true, but as masks 0 > −1.
  ) => (types.operand === 'bool' ? f.op('i32x4.gt_s') : byType('lt', 'lt_s')(f, context, types)),
  lessEqual: (f, context, types) =>
    types.operand === 'bool' ? f.op('i32x4.ge_s') : byType('le', 'le_s')(f, context, types),
  // Stack: condition, a, b; bitselect wants a, b, mask and is written by the expression emitter in that order.
  where: plain('v128.bitselect'),
}

function emitCast(f: FunctionBuilder, _: KernelContext, { operand, result }: Types): void {
  if (operand === result) return
  if (result === 'bool') {
    if (isFloat(operand)) f.f32x4splat(0).op('f32x4.ne')
    else f.i32x4splat(0).op('i32x4.ne')
    return
  }
  if (operand === 'bool') {
    if (result === 'float32') f.f32x4splat(1).op('v128.and')
    else f.op('i32x4.neg')
    return
  }
  if (isFloat(operand)) f.op('i32x4.trunc_sat_f32x4_s')
  if (result === 'float32') f.op('f32x4.convert_i32x4_s')
  if (result === 'uint8') f.i32x4splat(0).op('i32x4.max_s').i32x4splat(255).op('i32x4.min_s')
}

/** Calls a scalar function for each of four lanes. */
function laneWise(
  context: KernelContext,
  name: string,
  lane: 'i32x4' | 'f32x4',
  scalar: (f: FunctionBuilder, pushA: () => void, pushB: () => void) => void,
): FunctionRef {
  return context.shared(name, () =>
    context.module.function(name, ['v128', 'v128'], ['v128'], (f, a, b) => {
      f.get(a)
      for (let index = 0; index < 4; index++) {
        scalar(
          f,
          () => f.get(a).extractLane(`${lane}.extract_lane`, index),
          () => f.get(b).extractLane(`${lane}.extract_lane`, index),
        )
        f.replaceLane(`${lane}.replace_lane`, index)
      }
    }),
  )
}

/** Toward zero; x / 0 = 0 and −2³¹ / −1 = −2³¹, where the instruction would trap. */
function integerDivision(context: KernelContext): FunctionRef {
  return laneWise(context, 'i32x4.div', 'i32x4', (f, pushA, pushB) => {
    pushB()
    f.op('i32.eqz').if(
      () => f.i32(0),
      () => {
        pushB()
        f.i32(-1)
          .op('i32.eq')
          .if(
            () => {
              f.i32(0)
              pushA()
              f.op('i32.sub')
            },
            () => {
              pushA()
              pushB()
              f.op('i32.div_s')
            },
            'i32',
          )
      },
      'i32',
    )
  })
}

/** x − y · ⌊x / y⌋ with the sign of y; x mod 0 = x. */
function integerModulo(context: KernelContext): FunctionRef {
  return laneWise(context, 'i32x4.mod', 'i32x4', (f, pushA, pushB) => {
    const rest = f.local('i32')
    pushB()
    f.op('i32.eqz').if(
      pushA,
      () => {
        pushA()
        pushB()
        f.op('i32.rem_s').set(rest)
        // A rest of the other sign moves by one divisor.
        f.get(rest)
        pushB()
        f.i32(0).get(rest)
        pushB()
        f.op('i32.xor').i32(0).op('i32.lt_s').get(rest).i32(0).op('i32.ne').op('i32.and')
        f.op('select').op('i32.add')
      },
      'i32',
    )
  })
}

/**
 * Python's float %: the exact remainder of division toward zero, moved by one divisor when the signs differ. The remainder is
 * computed in double precision, x − y · trunc(x / y), which is exact while the quotient has at most 29 bits.
 */
function floatModulo(context: KernelContext): FunctionRef {
  return laneWise(context, 'f32x4.mod', 'f32x4', (f, pushA, pushB) => {
    const a = f.local('f64')
    const b = f.local('f64')
    const rest = f.local('f64')
    pushA()
    f.op('f64.promote_f32').set(a)
    pushB()
    f.op('f64.promote_f32').set(b)
    // A finite number modulo infinity is itself before the sign is looked at.
    f.get(a).get(a).get(b).get(a).get(b).op('f64.div').op('f64.trunc').op('f64.mul').op('f64.sub')
    f.get(b).op('f64.abs').f64(Number.POSITIVE_INFINITY).op('f64.eq')
    f.get(a).op('f64.abs').f64(Number.POSITIVE_INFINITY).op('f64.lt').op('i32.and').op('select').set(rest)
    f.get(rest).f64(0).op('f64.ne').get(rest).f64(0).op('f64.lt').get(b).f64(0).op('f64.lt').op('i32.ne').op('i32.and')
    f.if(
      () => f.get(rest).get(b).op('f64.add'),
      () => f.get(rest).get(b).op('f64.copysign').get(rest).get(rest).f64(0).op('f64.eq').op('select'),
      'f64',
    )
    f.op('f32.demote_f64')
  })
}
