/** The state of the Explain page: which network, which picture, what is asked, and the answers as they come. */
import { batch, computed, signal } from '@preact/signals'
import { readState, writeState } from '../../base/address.ts'
import { rampOf } from '../../base/colour.ts'
import { downloadBlob } from '../../base/download.ts'
import { type Connection, connect } from '../../engine/connect.ts'
import type { Answer, ExplainEngine, Look, NetworkInfo, Pixels, Progress, SanityCheck, Source } from './protocol.ts'
import { type ExplainSetup, LIKELIEST, type Method, methods, OWN, questionOf, schema } from './setup.ts'
import { FILE, listSources, openSource, type SourceChoice } from './sources.ts'

export class ExplainController {
  readonly setup
  readonly sources = signal<readonly SourceChoice[]>([])
  readonly info = signal<NetworkInfo>()
  readonly progress = signal<Progress>()
  readonly look = signal<Look>()
  readonly answer = signal<Answer>()
  /** The maps of all methods, for looking at them side by side. */
  readonly all = signal<ReadonlyMap<Method, Answer>>(new Map())
  readonly check = signal<SanityCheck>()
  /** Why there is no network. */
  readonly failure = signal<string>()
  /** Why there is no answer to this question. */
  readonly problem = signal<string>()
  /** Whether an answer is being worked out. */
  readonly busy = signal(false)
  readonly #setAddress: (address: string) => void
  #connection: Connection<ExplainEngine> | undefined
  #own: Pixels | undefined
  /** Answers to older questions are dropped. */
  #asked = 0
  #asking = false
  #opened = 0
  #alive = true

  constructor(address: string, setAddress: (address: string) => void) {
    this.setup = signal<ExplainSetup>(readState(schema, address))
    this.#setAddress = setAddress
    void listSources().then((sources) => {
      if (this.#alive) this.sources.value = sources
    })
    void this.#open()
  }

  dispose(): void {
    this.#alive = false
    this.#connection?.close()
  }

  /** The colours of strengths as pixels. */
  readonly strengths = computed(() => rampOf(this.info.value?.strengthColours ?? []))
  readonly classNames = computed(() => this.info.value?.classNames ?? [])

  className(index: number): string {
    return this.classNames.value[index] ?? String(index)
  }

  change(changes: Partial<ExplainSetup>): void {
    const before = this.setup.value
    this.setup.value = { ...before, ...changes }
    this.#setAddress(writeState(schema, this.setup.value))
    if (changes.network !== undefined && changes.network !== before.network) void this.#open()
    else void this.#ask()
  }

  /** Another network, with the first picture and whatever it says. */
  choose(network: string): void {
    this.change({ network, picture: 0, target: LIKELIEST, layer: '' })
  }

  /** A file of weights instead of what the address says. */
  async openFile(file: File): Promise<void> {
    const weights = new Uint8Array(await file.arrayBuffer())
    this.setup.value = { ...this.setup.value, network: FILE, picture: 0, target: LIKELIEST, layer: '' }
    this.#setAddress(writeState(schema, this.setup.value))
    await this.#open({ kind: 'file', name: file.name, weights })
  }

  async setOwn(picture: Pixels): Promise<void> {
    this.#own = picture
    await this.#connection?.remote.setOwn(picture)
    this.change({ picture: OWN, target: LIKELIEST })
  }

  async saveWeights(): Promise<void> {
    const weights = await this.#connection?.remote.weights()
    if (weights) downloadBlob(new Blob([weights as BlobPart]), `${this.info.value?.title ?? 'network'}.safetensors`)
  }

  /** Starts an engine of its own for each network, so that one that is still training ends at once. */
  async #open(source?: Source): Promise<void> {
    const opened = ++this.#opened
    this.#asked += 1
    this.#connection?.close()
    const worker = new Worker(new URL('./engine/worker.ts', import.meta.url), { type: 'module' })
    const connection = connect<ExplainEngine>(worker)
    this.#connection = connection
    batch(() => {
      this.info.value = undefined
      this.failure.value = undefined
      this.#clear()
    })
    const watch = setInterval(() => void this.#watch(connection), 100)
    try {
      const info = await connection.remote.open(source ?? (await openSource(this.setup.peek().network)))
      if (this.#own) await connection.remote.setOwn(this.#own)
      if (opened !== this.#opened || !this.#alive) return
      const lost = this.#own === undefined && this.setup.peek().picture === OWN
      if (lost) this.setup.value = { ...this.setup.peek(), picture: 0 }
      this.info.value = info
      await this.#ask()
    } catch (error) {
      if (opened === this.#opened && this.#alive) this.failure.value = messageOf(error)
    } finally {
      clearInterval(watch)
      if (opened === this.#opened) this.progress.value = undefined
    }
  }

  async #watch(connection: Connection<ExplainEngine>): Promise<void> {
    const progress = await connection.remote.progress().catch(() => undefined)
    if (connection === this.#connection && this.info.peek() === undefined) this.progress.value = progress
  }

  #clear(): void {
    this.look.value = undefined
    this.answer.value = undefined
    this.all.value = new Map()
    this.check.value = undefined
    this.problem.value = undefined
  }

  /**
   * Asks for what the open tab shows. What is shown stays until its successor is there. While an answer is worked out, only the last of
   * the questions that come is kept, so that a slider that is drawn leaves no queue behind.
   */
  async #ask(): Promise<void> {
    this.#asked += 1
    if (this.#asking) return
    this.#asking = true
    try {
      for (let asked = -1; asked !== this.#asked && this.#alive; ) {
        asked = this.#asked
        await this.#answer(asked)
      }
    } finally {
      this.#asking = false
    }
  }

  async #answer(asked: number): Promise<void> {
    const remote = this.#connection?.remote
    if (!remote || !this.info.peek()) return
    const isStale = (): boolean => asked !== this.#asked || !this.#alive
    const setup = this.setup.peek()
    this.busy.value = true
    try {
      const look = await remote.look(setup.picture)
      if (isStale()) return
      this.look.value = look
      const answer = await remote.explain(questionOf(setup))
      if (isStale()) return
      batch(() => {
        this.answer.value = answer
        this.problem.value = undefined
      })
      if (setup.tab === 'methods') await this.#askAll(setup, answer.target, isStale)
      if (setup.tab === 'check') {
        const check = await remote.check({ ...questionOf(setup), target: answer.target })
        if (!isStale()) this.check.value = check
      }
    } catch (error) {
      if (!isStale()) this.problem.value = messageOf(error)
    } finally {
      if (!isStale()) this.busy.value = false
    }
  }

  async #askAll(setup: ExplainSetup, target: number, isStale: () => boolean): Promise<void> {
    const found = new Map<Method, Answer>()
    for (const method of methods) {
      const answer = await this.#connection?.remote
        .explain({ ...questionOf(setup, method), target })
        .catch(() => undefined)
      if (isStale()) return
      if (answer) found.set(method, answer)
      this.all.value = new Map([...this.all.peek(), ...found])
    }
    this.all.value = found
  }
}

function messageOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  return text.charAt(0).toUpperCase() + text.slice(1)
}
