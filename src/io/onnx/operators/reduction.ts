/** Reductions of ONNX: sums, means, extremes, norms, and where the extremes stand. */
import { at, range } from '../../../base/arrays.ts'
import { dropAxes, keepAxes } from '../../../shape/shape.ts'
import { logSumExp } from '../../../tensor/functional.ts'
import { full, type Tensor } from '../../../tensor/index.ts'
import { type OperatorCall, type OperatorRule, type OperatorTable, rule } from '../operator.ts'
import { axesOf } from './elementwise.ts'

type Reduce = (x: Tensor, axes: number[], options: { keepDim: boolean }) => Tensor

/** `prepare` is applied even where an empty list of axes means that nothing is reduced. */
const reduction = (reduce: Reduce, prepare: (x: Tensor) => Tensor = (x) => x): OperatorRule =>
  rule(
    (call) => {
      const x = call.input(0)
      const given = call.intsOrInput('axes', 1)
      const none = given === undefined || given.length === 0
      if (none && call.flag('noop_with_empty_axes')) return prepare(x)
      const axes = axesOf(x, none ? undefined : given)
      return reduce(prepare(x), axes, { keepDim: call.flag('keepdims', true) }).to(x.dtype)
    },
    { settings: [1] },
  )

/** The extreme of no elements is the one that never wins: `ofNone`, or `ofNoWhole` among whole numbers. */
const extreme =
  (reduce: Reduce, ofNone: number, ofNoWhole: number): Reduce =>
  (x, axes, options) => {
    if (!axes.some((axis) => x.shape[axis] === 0)) return reduce(x, axes, options)
    const shape = options.keepDim ? keepAxes(x.shape, axes) : dropAxes(x.shape, axes)
    return full(shape, x.dtype === 'float32' ? ofNone : ofNoWhole, x.dtype)
  }

const sum: Reduce = (x, axes, options) => x.sum(axes, options)

function argument(
  call: OperatorCall,
  find: (x: Tensor, axis: number, options: { keepDim: boolean }) => Tensor,
): Tensor {
  const x = call.input(0)
  const axis = call.axis(x, 0)
  const options = { keepDim: call.flag('keepdims', true) }
  if (!call.flag('select_last_index')) return find(x, axis, options)
  return find(x.flip(axis), axis, options)
    .neg()
    .add(at(x.shape, axis) - 1)
}

const global = (reduce: Reduce): OperatorRule =>
  rule((call) => {
    const x = call.input(0)
    return reduce(x, range(x.rank).slice(2), { keepDim: true })
  })

export const reductions: OperatorTable = {
  ReduceSum: reduction(sum),
  ReduceMean: reduction((x, axes, options) => x.mean(axes, options)),
  ReduceMax: reduction(extreme((x, axes, options) => x.max(axes, options), Number.NEGATIVE_INFINITY, -(2 ** 31))),
  ReduceMin: reduction(extreme((x, axes, options) => x.min(axes, options), Number.POSITIVE_INFINITY, 2 ** 31 - 1)),
  ReduceProd: reduction((x, axes, options) => x.prod(axes, options)),
  ReduceSumSquare: reduction(sum, (x) => x.square()),
  ReduceL1: reduction(sum, (x) => x.abs()),
  ReduceL2: reduction((x, axes, options) => x.square().sum(axes, options).sqrt()),
  ReduceLogSum: reduction((x, axes, options) => x.sum(axes, options).log()),
  ReduceLogSumExp: reduction((x, axes, options) => logSumExp(x, axes, options)),
  ArgMax: rule((call) => argument(call, (x, axis, options) => x.argmax(axis, options))),
  ArgMin: rule((call) => argument(call, (x, axis, options) => x.argmin(axis, options))),
  GlobalAveragePool: global((x, axes, options) => x.mean(axes, options)),
  GlobalMaxPool: global((x, axes, options) => x.max(axes, options)),
}
