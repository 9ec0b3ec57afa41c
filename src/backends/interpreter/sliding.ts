/** Where a sliding window touches its input: one table that convolutions and pooling of any rank loop over. */
import { at } from '../../base/arrays.ts'
import type { Shape, WindowAxis } from '../../shape/shape.ts'

/**
 * Entry `position · taps + tap` is the flat position within the input's spatial axes that the tap touches when the window
 * stands at that output position, or −1 in the padding.
 */
export function windowOffsets(input: Shape, output: Shape, window: readonly WindowAxis[]): Int32Array {
  let table: Int32Array = Int32Array.of(0)
  let positions = 1
  let taps = 1
  window.forEach((axis, index) => {
    table = appendAxis(table, { positions, taps }, { size: at(input, index), outputSize: at(output, index), axis })
    positions *= at(output, index)
    taps *= axis.kernel
  })
  return table
}

function appendAxis(
  table: Int32Array,
  { positions, taps }: { positions: number; taps: number },
  { size, outputSize, axis }: { size: number; outputSize: number; axis: WindowAxis },
): Int32Array {
  const { kernel, stride, dilation, padding } = axis
  const result = new Int32Array(positions * outputSize * taps * kernel)
  let next = 0
  for (let position = 0; position < positions; position++) {
    for (let output = 0; output < outputSize; output++) {
      for (let tap = 0; tap < taps; tap++) {
        const outer = table[position * taps + tap] as number
        for (let k = 0; k < kernel; k++) {
          const coordinate = output * stride - padding[0] + k * dilation
          const inside = outer >= 0 && coordinate >= 0 && coordinate < size
          result[next++] = inside ? outer * size + coordinate : -1
        }
      }
    }
  }
  return result
}
