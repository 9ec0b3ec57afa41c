/**
 * The interpreter with buffers that hold float32 between programs, as the fast backends do, so that saving and loading a state loses
 * nothing. The plain interpreter keeps double precision and cannot be resumed to the bit.
 */
import { InterpreterBackend } from '../../src/backends/interpreter/index.ts'
import type { Graph } from '../../src/ir/node.ts'
import type { Buffer, Executable } from '../../src/runtime/backend.ts'

export class RoundingInterpreter extends InterpreterBackend {
  override compile(graph: Graph): Executable {
    const exact = super.compile(graph)
    return {
      statistics: exact.statistics,
      run(inputs, variables: readonly Buffer[]) {
        const results = exact.run(inputs, variables)
        for (const buffer of variables) {
          const rounded = buffer.read()
          if (!(rounded instanceof Promise)) buffer.write(rounded)
        }
        return results
      },
      release: () => exact.release(),
    }
  }
}
