/** The machine and the day, for the record. */
import { cpus, release, totalmem, type } from 'node:os'

export interface Machine {
  readonly model: string
  readonly cores: number
  readonly memoryBytes: number
  readonly system: string
  /** Year, month and day. */
  readonly date: string
}

export function describeMachine(): Machine {
  const processors = cpus()
  return {
    model: processors[0]?.model.trim() ?? 'unknown processor',
    cores: processors.length,
    memoryBytes: totalmem(),
    system: `${type()} ${release().split('.').slice(0, 2).join('.')}`,
    date: new Date().toISOString().slice(0, 10),
  }
}
