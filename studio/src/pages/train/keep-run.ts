/**
 * Keeps a run as a folder beside those of the command line, through the studio's own server, in the files that training writes there:
 * `run.json`, `metrics.jsonl`, `stats.csv` and `best.safetensors`. Without that server nothing is kept, and the page says so.
 */
import type { RunRecord } from './protocol.ts'

async function ask(path: string, init: RequestInit): Promise<Response> {
  const response = await fetch(path, init)
  if (!response.ok) throw new Error((await response.text()).trim() || `the server answered ${response.status}`)
  return response
}

export class RunKeeper {
  readonly #wanted: string
  #name: string | undefined
  /** Writes follow each other. */
  #last: Promise<void> = Promise.resolve()

  constructor(name: string) {
    this.#wanted = name
  }

  /** Writes the files of the run as they are now; gives the name of its folder. Rejects when the server does not take them. */
  async keep(record: RunRecord, description: () => object): Promise<string> {
    const work = this.#last.then(async () => {
      this.#name ??= await this.#create(description())
      const files: [string, BodyInit][] = [
        ['metrics.jsonl', record.metrics],
        ['stats.csv', record.stats],
        ...(record.best ? [['best.safetensors', new Blob([record.best as BlobPart])] as [string, BodyInit]] : []),
      ]
      for (const [file, body] of files) await this.#put(file, body)
    })
    this.#last = work.catch(() => undefined)
    await work
    return this.#name ?? this.#wanted
  }

  async #create(description: object): Promise<string> {
    const body = JSON.stringify({ name: this.#wanted })
    const { name } = (await (await ask('/api/runs', { method: 'POST', body })).json()) as { name: string }
    this.#name = name
    await this.#put('run.json', `${JSON.stringify(description, null, 2)}\n`)
    return name
  }

  async #put(file: string, body: BodyInit): Promise<void> {
    await ask(`/api/runs/${encodeURIComponent(this.#name ?? '')}/files/${file}`, { method: 'PUT', body })
  }
}
