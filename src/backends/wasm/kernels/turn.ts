/** The transpose of 4×4 elements in registers, for everything that reads along one axis and computes along another. */
import type { FunctionBuilder, Local } from '../assembler/assembler.ts'

/** Four vectors as the rows of a matrix → its columns. */
export function turn(f: FunctionBuilder, rows: readonly Local<'v128'>[]): Local<'v128'>[] {
  const [a, b, c, d] = rows as [Local<'v128'>, Local<'v128'>, Local<'v128'>, Local<'v128'>]
  const [e, g] = f.locals('v128', 'v128')
  f.get(a).get(b).shuffle32(0, 4, 1, 5).set(e)
  f.get(a).get(b).shuffle32(2, 6, 3, 7).set(g)
  f.get(c).get(d).shuffle32(0, 4, 1, 5).set(a)
  f.get(c).get(d).shuffle32(2, 6, 3, 7).set(b)
  f.get(e).get(a).shuffle32(0, 1, 4, 5).set(c)
  f.get(e).get(a).shuffle32(2, 3, 6, 7).set(d)
  f.get(g).get(b).shuffle32(0, 1, 4, 5).set(e)
  f.get(g).get(b).shuffle32(2, 3, 6, 7).set(a)
  return [c, d, e, a]
}
