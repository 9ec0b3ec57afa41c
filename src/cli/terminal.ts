/**
 * Where a command writes. Commands take a `Terminal` instead of the process's streams, so that tests can read what a person
 * would see, at any width.
 */

/** One stream of text that a person or a program reads. */
export interface Output {
  write(text: string): void
  /** True on a terminal, where lines may be redrawn. */
  readonly isTerminal: boolean
  /** Width in characters now; 80 where it is unknown. */
  readonly columns: number
  /** True where characters outside ASCII are shown properly. */
  readonly unicode: boolean
  /** True where colours and weights of letters are welcome. */
  readonly colour: boolean
}

export interface Terminal {
  readonly output: Output
  readonly error: Output
  /** Aborted when the reader of the output has gone away (`cognitron … | head`); long commands stop and save. */
  readonly closed: AbortSignal
}

/** The terminal of this process. A closed pipe makes later output vanish quietly instead of ending the program. */
export function processTerminal(): Terminal {
  const closed = new AbortController()
  return {
    output: streamOutput(process.stdout, () => closed.abort()),
    error: streamOutput(process.stderr, () => {}),
    closed: closed.signal,
  }
}

function streamOutput(stream: NodeJS.WriteStream, onClosed: () => void): Output {
  let open = true
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    open = false
    onClosed()
  })
  return {
    write(text) {
      if (open) stream.write(text)
    },
    get isTerminal() {
      return stream.isTTY === true && process.env.TERM !== 'dumb'
    },
    get columns() {
      return stream.columns > 0 ? stream.columns : 80
    },
    unicode: speaksUtf8(process.env, process.platform),
    // https://no-color.org
    colour: stream.isTTY === true && process.env.TERM !== 'dumb' && !process.env.NO_COLOR,
  }
}

/** Whether the locale says UTF-8; systems without locale variables (Windows) do. */
export function speaksUtf8(environment: Record<string, string | undefined>, platform: string): boolean {
  const locale = environment.LC_ALL || environment.LC_CTYPE || environment.LANG || ''
  return platform === 'win32' || /utf-?8/i.test(locale)
}
