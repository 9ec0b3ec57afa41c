/**
 * Where training can be held. Training passes the gate after every step: there it rests while it is paused, and there others use the
 * network, so that nobody sees it in the middle of a step.
 */
export class Gate {
  #open = true
  #inside = false
  #work: (() => Promise<void>)[] = []
  #wake: (() => void) | undefined
  #draining: Promise<void> = Promise.resolve()

  get open(): boolean {
    return this.#open
  }

  /** Lets training pass again. */
  lift(): void {
    this.#open = true
    this.#wake?.()
  }

  /** Holds training at its next step. */
  close(): void {
    this.#open = false
  }

  /** Training begins; waits for those who use the network. */
  async enter(): Promise<void> {
    await this.#draining
    this.#inside = true
  }

  /** Training is over; who still waits has the network now. */
  leave(): void {
    this.#inside = false
    this.#drainLater()
  }

  /** Called by training between two steps; comes back when it may go on. */
  async pass(): Promise<void> {
    for (;;) {
      await this.#drain()
      if (this.#open) return
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
      this.#wake = undefined
    }
  }

  /** Runs `work` while nothing trains: between two steps, or at once. */
  between<T>(work: () => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#work.push(() => work().then(resolve, reject))
      if (this.#inside) this.#wake?.()
      else this.#drainLater()
    })
  }

  #drainLater(): void {
    this.#draining = this.#draining.then(() => (this.#inside ? undefined : this.#drain()))
  }

  async #drain(): Promise<void> {
    for (let work = this.#work.shift(); work; work = this.#work.shift()) await work()
  }
}
