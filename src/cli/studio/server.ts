/**
 * The server of the studio: the built application and the runs on this machine, for this machine alone. It listens on the loopback address,
 * answers only requests that name it as their host (so that no other site reaches it through a rebound name) and come from its own
 * pages, and sends what browsers need to share memory between threads.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { CognitronError } from '../../base/errors.ts'
import { isRunName, RunStore } from './run-store.ts'
import { readStaticFiles, type StaticFile } from './static-files.ts'

export interface StudioServerOptions {
  /** The folder with the built application. */
  readonly application: string
  /** The folder with the runs; it need not exist. */
  readonly runs: string
  /** Default 0: any free port. */
  readonly port?: number | undefined
}

export interface StudioServer {
  /** Where to point a browser, such as `http://127.0.0.1:40123/`. */
  readonly address: string
  close(): Promise<void>
}

/** Scripts, styles and fonts from here alone; WebAssembly may be compiled; nothing may frame the page. */
const contentPolicy = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "font-src 'self'",
  "connect-src 'self'",
  "media-src 'self' blob:",
  "frame-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const headers: Readonly<Record<string, string>> = {
  'Content-Security-Policy': contentPolicy,
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Permissions-Policy': 'geolocation=(), microphone=(), camera=(self)',
}

const MOST_BODY_BYTES = 512 * 2 ** 20

interface Site {
  readonly files: ReadonlyMap<string, StaticFile>
  readonly runs: RunStore
  /** Values of `Host` that mean this server. */
  hosts: ReadonlySet<string>
}

/** Starts serving. Throws CognitronError when the port is taken. */
export async function startStudioServer(options: StudioServerOptions): Promise<StudioServer> {
  const files = readStaticFiles(options.application)
  const site: Site = { files, runs: new RunStore(options.runs), hosts: new Set() }
  const server = createServer({ requestTimeout: 60_000, headersTimeout: 10_000 }, (request, response) => {
    answer(site, request, response).catch((error: unknown) => fail(response, error))
  })
  server.on('clientError', (_, socket: Socket) => {
    if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n')
  })
  const port = await listen(server, options.port ?? 0)
  site.hosts = new Set([`127.0.0.1:${port}`, `localhost:${port}`])
  return {
    address: `http://127.0.0.1:${port}/`,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const taken = error.code === 'EADDRINUSE'
      reject(taken ? new CognitronError(`port ${port} is in use; choose another with --port, or leave it out.`) : error)
    })
    server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))
  })
}

async function answer(site: Site, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { host, origin } = request.headers
  if (host === undefined || !site.hosts.has(host))
    return say(response, 421, 'This server answers only under its own address.')
  if (origin !== undefined && !isOwnOrigin(site, origin))
    return say(response, 403, 'Requests from other sites are refused.')
  const path = pathOf(request)
  if (path === undefined) return say(response, 400, 'The address cannot be read.')
  if (path === '/api' || path.startsWith('/api/')) return answerApi(site, request, response, path)
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return say(response, 405, 'Files can only be read.', { Allow: 'GET, HEAD' })
  const file = site.files.get(path) ?? (isPage(path) ? site.files.get('/index.html') : undefined)
  if (!file) return say(response, 404, 'There is no such file.')
  const own = { 'Content-Type': file.type, 'Cache-Control': file.cache, ETag: file.tag }
  if (request.headers['if-none-match'] === file.tag) {
    response.writeHead(304, { ...headers, ...own }).end()
    return
  }
  send(request, response, file.bytes, own)
}

function isOwnOrigin(site: Site, origin: string): boolean {
  return origin.startsWith('http://') && site.hosts.has(origin.slice('http://'.length))
}

/** The path without the query, decoded once; undefined when it is malformed. */
function pathOf({ url }: IncomingMessage): string | undefined {
  try {
    const path = decodeURIComponent((url ?? '').split(/[?#]/, 1)[0] ?? '')
    return path.startsWith('/') && !path.includes('\0') ? path : undefined
  } catch {
    return undefined
  }
}

/** The application shows its pages under paths of one word, such as `/playground`. */
function isPage(path: string): boolean {
  return /^\/[a-z0-9-]*$/.test(path)
}

/**
 * `GET /api/runs`, `POST /api/runs` `{name}`, `GET /api/runs/NAME/figures?from=BYTE&file=FILE`, `GET` and `PUT /api/runs/NAME/files/FILE`.
 * Requests that change something must come from an own page: browsers then send its origin.
 */
async function answerApi(site: Site, request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
  const { method } = request
  const [, , area, name, part, file, ...rest] = path.split('/')
  if (area !== 'runs' || rest.length > 0) return say(response, 404, 'There is no such thing.')
  if (method !== 'GET' && method !== 'HEAD' && request.headers.origin === undefined) {
    return say(response, 403, 'Only pages of the studio may change runs.')
  }
  if (name === undefined) {
    if (method === 'GET' || method === 'HEAD') return listRuns(site, request, response)
    if (method === 'POST') return createRun(site, request, response)
    return say(response, 405, 'Runs can be listed and made.', { Allow: 'GET, POST' })
  }
  if (!isRunName(name)) return say(response, 404, 'There is no such run.')
  if (part === 'figures' && file === undefined && method === 'GET') return figures(site, request, response, name)
  if (part === 'files' && file !== undefined) return runFile(site, request, response, name, file)
  return say(response, 404, 'There is no such thing.')
}

/** The folder is named so that an empty list can say where it looked; the clock tells what was written just now. */
async function listRuns(site: Site, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { runs } = site
  return json(request, response, 200, { folder: runs.folder, nowMs: Date.now(), runs: await runs.list() })
}

async function figures(site: Site, request: IncomingMessage, response: ServerResponse, name: string): Promise<void> {
  const query = new URLSearchParams((request.url ?? '').split('?')[1] ?? '')
  const from = Number(query.get('from') ?? 0)
  if (!Number.isSafeInteger(from) || from < 0) return say(response, 400, '"from" is the number of a byte.')
  const file = query.get('file')
  const found = await site.runs.figures(name, { from, ...(file === null ? {} : { file }) })
  return found ? json(request, response, 200, found) : say(response, 404, 'There is no such run.')
}

async function createRun(site: Site, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await readBody(request, 4096)
  if (body === undefined) return say(response, 413, 'The request is too large.')
  let name: unknown
  try {
    name = (JSON.parse(new TextDecoder().decode(body)) as { name?: unknown }).name
  } catch {
    return say(response, 400, 'The request is no JSON.')
  }
  if (typeof name !== 'string') return say(response, 400, 'The request has no name.')
  try {
    return json(request, response, 201, { name: await site.runs.create(name) })
  } catch (error) {
    if (error instanceof CognitronError) return say(response, 400, error.message)
    throw error
  }
}

async function runFile(
  site: Site,
  request: IncomingMessage,
  response: ServerResponse,
  name: string,
  file: string,
): Promise<void> {
  if (request.method === 'PUT') {
    const body = await readBody(request, MOST_BODY_BYTES)
    if (body === undefined) return say(response, 413, 'The file is too large.')
    const written = await site.runs.write(name, file, body)
    return written
      ? json(request, response, 200, { written: body.length })
      : say(response, 403, 'This run was not made here.')
  }
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return say(response, 405, 'Read or write the file.', { Allow: 'GET, HEAD, PUT' })
  const bytes = await site.runs.file(name, file)
  if (!bytes) return say(response, 404, 'There is no such file.')
  const report = file.endsWith('.html')
  send(request, response, bytes, {
    'Content-Type': report
      ? 'text/html; charset=utf-8'
      : file.endsWith('.json')
        ? 'application/json'
        : 'application/octet-stream',
    'Cache-Control': 'no-store',
    // A report brings its own style and pictures and has no scripts; it gets no rights of the studio's pages.
    ...(report
      ? { 'Content-Security-Policy': "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:" }
      : {}),
  })
}

/** The whole body, or undefined when it is longer than `most` bytes. */
async function readBody(request: IncomingMessage, most: number): Promise<Uint8Array | undefined> {
  const parts: Uint8Array[] = []
  let length = 0
  for await (const part of request as AsyncIterable<Uint8Array>) {
    length += part.length
    if (length > most) return undefined
    parts.push(part)
  }
  return new Uint8Array(await new Blob(parts as BlobPart[]).arrayBuffer())
}

function json(request: IncomingMessage, response: ServerResponse, status: number, value: unknown): void {
  const bytes = new TextEncoder().encode(JSON.stringify(value))
  send(
    request,
    response,
    bytes,
    { 'Content-Type': 'application/json; charset=utf-8', 'Cache-Control': 'no-store' },
    status,
  )
}

function say(
  response: ServerResponse,
  status: number,
  sentence: string,
  more: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, {
    ...headers,
    ...more,
    'Content-Type': 'text/plain; charset=utf-8',
    'Cache-Control': 'no-store',
  })
  response.end(`${sentence}\n`)
}

function send(
  request: IncomingMessage,
  response: ServerResponse,
  bytes: Uint8Array,
  own: Readonly<Record<string, string>>,
  status = 200,
): void {
  response.writeHead(status, { ...headers, ...own, 'Content-Length': String(bytes.length) })
  response.end(request.method === 'HEAD' ? undefined : bytes)
}

function fail(response: ServerResponse, error: unknown): void {
  if (response.headersSent) {
    response.destroy()
    return
  }
  say(response, 500, error instanceof Error ? error.message : String(error))
}
