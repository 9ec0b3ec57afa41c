/**
 * Fetches a published file into a folder. The bytes go to `NAME.part`, which a later attempt resumes with an HTTP range request;
 * the file gets its name by an atomic rename only when its length and SHA-256 are right, so a half file is never mistaken for one.
 * Feeds the named data sets; Node only.
 */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { type FileHandle, mkdir, open, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { CognitronError } from '../../base/errors.ts'
import { errorCode, fileError } from '../../base/file-errors.ts'

/**
 * A download that failed; the message says why and what to do.
 *
 * @example
 * import { DownloadError, download } from 'cognitron/data/node'
 * try {
 *   await download('http://127.0.0.1:1/x', 'x', { byteLength: 1, sha256: '', attempts: 1 })
 * } catch (error) {
 *   console.log(error instanceof DownloadError) // true
 * }
 */
export class DownloadError extends CognitronError {
  override name = 'DownloadError'
}

export interface DownloadProgress {
  readonly file: string
  readonly receivedBytes: number
  readonly totalBytes: number
}

export interface DownloadOptions {
  readonly sha256: string
  readonly byteLength: number
  readonly onProgress?: ((progress: DownloadProgress) => void) | undefined
  /** How often a connection that breaks is taken up again; default 4. */
  readonly attempts?: number | undefined
  /** Give up an attempt when no byte arrives for this long; default 30 s. */
  readonly idleTimeoutMs?: number | undefined
  /** Pause before attempt n + 1 is n times this; default 500 ms. */
  readonly retryPauseMs?: number | undefined
}

/** An attempt that may succeed when it is made again. */
class Interrupted extends Error {}

/**
 * Downloads `url` to the file `target`, going on from an earlier attempt where there is one.
 *
 * @throws DownloadError when the server cannot be reached, answers with an error, or sends other bytes than published.
 * @throws FileError when the file cannot be written, for example on a full disk; what was received so far stays.
 * @example
 * import { createServer } from 'node:http'
 * import { download, readBytes } from 'cognitron/data/node'
 * const server = createServer((_, response) => response.end('abc')).listen(0, '127.0.0.1')
 * await new Promise((resolve) => server.once('listening', resolve))
 * const { port } = server.address() as { port: number }
 * const sha256 = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'
 * await download(`http://127.0.0.1:${port}/abc`, 'abc.txt', { byteLength: 3, sha256 })
 * console.log((await readBytes('abc.txt')).length) // 3
 * server.close()
 */
export async function download(url: string, target: string, options: DownloadOptions): Promise<void> {
  const part = `${target}.part`
  try {
    await mkdir(dirname(target), { recursive: true })
  } catch (error) {
    throw fileError(error, 'make the folder', dirname(target))
  }
  const resumed = (await sizeOf(part)) > 0
  await receive(url, part, options)
  let problem = await faultOf(part, options)
  if (problem && resumed) {
    // The part may have been left by something else; one fresh download settles it.
    await rm(part, { force: true })
    await receive(url, part, options)
    problem = await faultOf(part, options)
  }
  if (problem) {
    await rm(part, { force: true })
    throw new DownloadError(
      `${url} is not the published file: ${problem}. Try again later, or fetch ${basename(target)} by other means.`,
    )
  }
  try {
    await rename(part, target)
  } catch (error) {
    throw fileError(error, 'write', target)
  }
}

/** Fills `part` up to the published length; connections that break are taken up again. */
async function receive(url: string, part: string, options: DownloadOptions): Promise<void> {
  const attempts = options.attempts ?? 4
  for (let attempt = 1; ; attempt++) {
    const before = await sizeOf(part)
    try {
      await receiveOnce(url, part, options)
      return
    } catch (error) {
      if (!(error instanceof Interrupted)) throw error
      const received = await sizeOf(part)
      // An attempt that brought something on does not count.
      if (received > before) attempt = 0
      if (attempt >= attempts) {
        throw new DownloadError(
          `Could not download ${url}: ${error.message} (${received} of ${options.byteLength} bytes are kept in ${part}). ` +
            'Check the network and run the same command again to go on, or give a folder that holds the files.',
          { cause: error.cause },
        )
      }
      await new Promise((resolve) => setTimeout(resolve, (options.retryPauseMs ?? 500) * Math.max(1, attempt)))
    }
  }
}

async function receiveOnce(url: string, part: string, options: DownloadOptions): Promise<void> {
  let have = await sizeOf(part)
  if (have > options.byteLength) {
    await rm(part, { force: true })
    have = 0
  }
  if (have === options.byteLength) return
  const idle = new IdleTimer(options.idleTimeoutMs ?? 30_000)
  try {
    const response = await request(url, have, idle)
    const append = have > 0 && continuesAt(response, have)
    if (response.status === 206 && !append) {
      throw new DownloadError(`${url} answered with another part of the file than was asked for; try again later.`)
    }
    await store(response, part, append ? have : 0, options, idle)
  } finally {
    idle.stop()
  }
}

async function request(url: string, from: number, idle: IdleTimer): Promise<Response> {
  const headers: Record<string, string> = { 'accept-encoding': 'identity' }
  if (from > 0) headers.range = `bytes=${from}-`
  let response: Response
  try {
    response = await fetch(url, { headers, signal: idle.signal })
  } catch (error) {
    throw new Interrupted(connectionProblem(error, url), { cause: error })
  }
  if (response.ok) return response
  await response.body?.cancel()
  if (response.status === 416 && from > 0) return request(url, 0, idle)
  if (response.status >= 500 || response.status === 429) {
    throw new Interrupted(`the server answered ${response.status} ${response.statusText}`)
  }
  throw new DownloadError(
    `Could not download ${url}: the server answered ${response.status} ${response.statusText}; ` +
      'the file is no longer there. Give a folder that holds the files.',
  )
}

function continuesAt(response: Response, offset: number): boolean {
  const range = /^bytes (\d+)-/.exec(response.headers.get('content-range') ?? '')
  return response.status === 206 && Number(range?.[1]) === offset
}

/** Writes the body behind the first `offset` bytes of `part`. */
async function store(
  response: Response,
  part: string,
  offset: number,
  options: DownloadOptions,
  idle: IdleTimer,
): Promise<void> {
  const file = basename(part, '.part')
  const handle = await openPart(part, offset)
  let receivedBytes = offset
  try {
    const reader = response.body?.getReader()
    for (;;) {
      const chunk = await readChunk(reader, response.url, idle)
      if (!chunk) break
      receivedBytes += chunk.length
      if (receivedBytes > options.byteLength) {
        throw new DownloadError(
          `${response.url} sends more than the published ${options.byteLength} bytes; try again later.`,
        )
      }
      await write(handle, chunk, part)
      options.onProgress?.({ file, receivedBytes, totalBytes: options.byteLength })
    }
    await handle.sync()
  } finally {
    await handle.close()
  }
  if (receivedBytes < options.byteLength) {
    throw new Interrupted(`the connection ended after ${receivedBytes} of ${options.byteLength} bytes`)
  }
}

async function openPart(part: string, offset: number): Promise<FileHandle> {
  try {
    return await open(part, offset > 0 ? 'a' : 'w')
  } catch (error) {
    throw fileError(error, 'write', part)
  }
}

async function write(handle: FileHandle, chunk: Uint8Array, part: string): Promise<void> {
  try {
    await handle.writeFile(chunk)
  } catch (error) {
    throw fileError(error, 'write', part)
  }
}

type ByteReader = ReadableStreamDefaultReader<Uint8Array>

async function readChunk(
  reader: ByteReader | undefined,
  url: string,
  idle: IdleTimer,
): Promise<Uint8Array | undefined> {
  try {
    const part = await reader?.read()
    idle.restart()
    return part?.value
  } catch (error) {
    throw new Interrupted(connectionProblem(error, url), { cause: error })
  }
}

const networkReasons: Record<string, string> = {
  ECONNREFUSED: 'the server refuses the connection',
  ECONNRESET: 'the connection was cut',
  UND_ERR_SOCKET: 'the connection was cut',
  UND_ERR_CONNECT_TIMEOUT: 'the server does not answer',
  ENOTFOUND: 'its address cannot be found',
  EAI_AGAIN: 'its address cannot be found',
  ENETUNREACH: 'there is no network',
  EHOSTUNREACH: 'there is no way to the server',
  ETIMEDOUT: 'the server does not answer',
}

function connectionProblem(error: unknown, url: string): string {
  if (error instanceof Error && error.name === 'TimeoutError') return `${new URL(url).host} sends nothing any more`
  const cause = error instanceof Error ? (error.cause ?? error) : error
  const code = errorCode(cause) ?? errorCode(error)
  const reason = (code && networkReasons[code]) || (cause instanceof Error ? cause.message : String(cause))
  return `no connection to ${new URL(url).host}, ${reason}`
}

/** Aborts a request when nothing arrives for some time. */
class IdleTimer {
  readonly #controller = new AbortController()
  readonly #timeoutMs: number
  #timer: NodeJS.Timeout | undefined

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs
    this.restart()
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  restart(): void {
    this.stop()
    this.#timer = setTimeout(() => this.#controller.abort(new DOMException('no data', 'TimeoutError')), this.#timeoutMs)
  }

  stop(): void {
    clearTimeout(this.#timer)
  }
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size
  } catch {
    return 0
  }
}

/** What is wrong with a received file, or nothing. */
async function faultOf(path: string, expected: DownloadOptions): Promise<string | undefined> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array)
  const actual = hash.digest('hex')
  return actual === expected.sha256
    ? undefined
    : `its SHA-256 is ${actual.slice(0, 12)}…, expected ${expected.sha256.slice(0, 12)}…`
}
