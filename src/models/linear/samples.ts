/** What linear models are fitted on: rows of numbers with one answer each, in the forms that people have them in. */
import { ArgumentError, ShapeError } from '../../base/errors.ts'
import type { Matrix } from '../../data/scalers.ts'
import { formatShape } from '../../shape/shape.ts'
import { fromTypedArray, Tensor, tensor } from '../../tensor/index.ts'

/** Rows of numbers: nested arrays, a tensor `[samples, features]`, or a matrix such as `data.inputMatrix` gives. */
export type Rows = readonly (readonly number[])[] | Tensor | Matrix

/** One number a row. */
export type Answers = ArrayLike<number> | Tensor

/** Rows and answers ready for computing. */
export interface Samples {
  /** `[count, features]`, row-major. */
  readonly inputs: Float32Array
  /** `[count]` */
  readonly answers: Float64Array
  readonly count: number
  readonly features: number
}

/** The rows as a tensor `[samples, features]`. Throws ShapeError when they do not have `features` numbers each. */
export function rowsTensor(rows: Rows, features: number): Tensor {
  const x = toTensor(rows)
  if (x.rank === 2 && x.shape[1] === features) return x
  throw new ShapeError(`the model takes rows of ${features} numbers, given inputs of shape ${formatShape(x.shape)}.`)
}

function toTensor(rows: Rows): Tensor {
  if (rows instanceof Tensor) return rows.to('float32')
  if ('data' in rows) return fromTypedArray(Float32Array.from(rows.data), rows.shape, 'float32')
  return tensor(rows as readonly (readonly number[])[])
}

/**
 * Reads rows and answers.
 *
 * @throws ShapeError when the rows have another length than `features` or the answers another number than the rows; ArgumentError
 * when there is no row or a number is not finite.
 */
export async function readSamples(rows: Rows, answers: Answers, features: number): Promise<Samples> {
  const x = rowsTensor(rows, features)
  const inputs = (await x.data()) as Float32Array
  const values = Float64Array.from(answers instanceof Tensor ? await answers.data() : answers)
  const count = x.shape[0] ?? 0
  if (count === 0) throw new ArgumentError('a model cannot be fitted on no rows at all.')
  if (values.length !== count) throw new ShapeError(`${count} rows need ${count} answers, given ${values.length}.`)
  const broken = inputs.findIndex((value) => !Number.isFinite(value))
  if (broken >= 0) {
    throw new ArgumentError(
      `row ${Math.floor(broken / features)}, column ${broken % features} is ${inputs[broken]}; fill or drop it first.`,
    )
  }
  const bad = values.findIndex((value) => !Number.isFinite(value))
  if (bad >= 0) throw new ArgumentError(`answer ${bad} is ${values[bad]}; fill or drop it first.`)
  return { inputs, answers: values, count, features }
}

/** Throws ArgumentError unless every answer is a whole number from 0 to classes − 1. */
export function checkClasses({ answers }: Samples, classes: number): void {
  const index = answers.findIndex((value) => !Number.isInteger(value) || value < 0 || value >= classes)
  if (index < 0) return
  throw new ArgumentError(
    `answer ${index} is ${answers[index]}, but the classes are the whole numbers 0 to ${classes - 1}.`,
  )
}
