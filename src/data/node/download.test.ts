/** Downloads from a loopback server that misbehaves in the ways real ones do. */
import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { cacheFolder } from './cache.ts'
import { type DownloadProgress, download } from './download.ts'

const content = Uint8Array.from({ length: 300_000 }, (_, index) => (Math.imul(index, 2654435761) >>> 16) & 255)
const sha256 = createHash('sha256').update(content).digest('hex')

type Handler = (request: IncomingMessage, response: ServerResponse) => void

let folder = ''
let server: Server | undefined
let requests: string[] = []

async function serve(handler: Handler): Promise<string> {
  server = createServer((request, response) => {
    requests.push(request.headers.range ?? 'all')
    handler(request, response)
  })
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/file.gz`
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cognitron-download-'))
  requests = []
})

afterEach(async () => {
  server?.closeAllConnections()
  await new Promise((resolve) => (server ? server.close(resolve) : resolve(undefined)))
  server = undefined
  rmSync(folder, { recursive: true, force: true })
})

const options = { sha256, byteLength: content.length, retryPauseMs: 1, attempts: 2 }
const target = () => join(folder, 'deep', 'file.gz')
const part = () => `${target()}.part`
const startOf = (request: IncomingMessage) => Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0)

/** Answers as a server that knows ranges. */
const honest: Handler = (request, response) => {
  const start = startOf(request)
  const headers = { 'content-length': content.length - start }
  if (request.headers.range) {
    response.writeHead(206, { ...headers, 'content-range': `bytes ${start}-${content.length - 1}/${content.length}` })
  } else response.writeHead(200, headers)
  response.end(content.subarray(start))
}

function leavePart(bytes: Uint8Array): void {
  mkdirSync(join(folder, 'deep'), { recursive: true })
  writeFileSync(part(), bytes)
}

function expectComplete(): void {
  expect(createHash('sha256').update(readFileSync(target())).digest('hex')).toBe(sha256)
  expect(readdirSync(join(folder, 'deep'))).toEqual(['file.gz'])
}

describe('download', () => {
  test('fetches, reports progress and leaves one file', async () => {
    const progress: DownloadProgress[] = []
    await download(await serve(honest), target(), { ...options, onProgress: (step) => progress.push(step) })
    expectComplete()
    expect(progress.at(-1)).toEqual({ file: 'file.gz', receivedBytes: 300_000, totalBytes: 300_000 })
    expect(progress.every((step, index) => step.receivedBytes > (progress[index - 1]?.receivedBytes ?? 0))).toBe(true)
  })

  test('goes on from a part of an earlier run', async () => {
    leavePart(content.subarray(0, 123_456))
    await download(await serve(honest), target(), options)
    expectComplete()
    expect(requests).toEqual(['bytes=123456-'])
  })

  test('takes up a connection that is cut, from where it was cut', async () => {
    let cuts = 0
    const url = await serve((request, response) => {
      if (cuts++ > 0) return honest(request, response)
      response.writeHead(200, { 'content-length': content.length })
      response.write(content.subarray(0, 100_000), () => setTimeout(() => response.destroy(), 20))
    })
    await download(url, target(), options)
    expectComplete()
    expect(requests).toEqual(['all', 'bytes=100000-'])
  })

  test('starts over when the server ignores ranges', async () => {
    leavePart(content.subarray(0, 1000))
    const url = await serve((_request, response) => response.end(content))
    await download(url, target(), options)
    expectComplete()
  })

  test('starts over when the server cannot satisfy the range', async () => {
    leavePart(content.subarray(0, 1000))
    const url = await serve((request, response) => {
      if (request.headers.range) response.writeHead(416).end()
      else response.end(content)
    })
    await download(url, target(), options)
    expectComplete()
    expect(requests).toEqual(['bytes=1000-', 'all'])
  })

  test('replaces a part that does not belong to the file', async () => {
    leavePart(new Uint8Array(5000))
    await download(await serve(honest), target(), options)
    expectComplete()
    expect(requests).toEqual(['bytes=5000-', 'all'])
  })

  test('replaces a part that is longer than the file', async () => {
    leavePart(new Uint8Array(content.length + 1))
    await download(await serve(honest), target(), options)
    expectComplete()
  })

  test('a complete part needs no request', async () => {
    leavePart(content)
    await download(await serve(honest), target(), options)
    expectComplete()
    expect(requests).toEqual([])
  })

  test('other bytes than published are refused and not kept', async () => {
    const url = await serve((_request, response) => response.end(new Uint8Array(content.length)))
    await expect(download(url, target(), options)).rejects.toThrow(
      `${url} is not the published file: its SHA-256 is ${createHash('sha256').update(new Uint8Array(content.length)).digest('hex').slice(0, 12)}…, expected ${sha256.slice(0, 12)}…`,
    )
    expect(readdirSync(join(folder, 'deep'))).toEqual([])
  })

  test('more bytes than published are refused', async () => {
    const url = await serve((_request, response) => response.end(new Uint8Array(content.length + 5)))
    await expect(download(url, target(), options)).rejects.toThrow('sends more than the published 300000 bytes')
    expect(existsSync(target())).toBe(false)
  })

  test('404 is said at once', async () => {
    const url = await serve((_request, response) => response.writeHead(404).end('gone'))
    await expect(download(url, target(), options)).rejects.toThrow(
      `Could not download ${url}: the server answered 404 Not Found; the file is no longer there.`,
    )
    expect(requests).toHaveLength(1)
  })

  test('503 is tried again', async () => {
    const url = await serve((request, response) => {
      if (requests.length === 1) response.writeHead(503).end()
      else honest(request, response)
    })
    await download(url, target(), options)
    expectComplete()
  })

  test('a refused connection', async () => {
    const url = await serve(honest)
    await new Promise((resolve) => server?.close(resolve))
    await expect(download(url, target(), options)).rejects.toThrow(
      /Could not download .*: no connection to 127\.0\.0\.1:\d+, the server refuses the connection \(0 of 300000 bytes are kept in .*\)\. Check the network/,
    )
  })

  test('a server that falls silent; what came is kept', async () => {
    const url = await serve((request, response) => {
      if (request.headers.range) return
      response.writeHead(200, { 'content-length': content.length })
      response.write(content.subarray(0, 50_000))
    })
    await expect(download(url, target(), { ...options, idleTimeoutMs: 150 })).rejects.toThrow(
      /sends nothing any more \(50000 of 300000 bytes are kept/,
    )
    expect(readFileSync(part())).toHaveLength(50_000)
  })

  test('a folder that cannot be made', async () => {
    writeFileSync(join(folder, 'deep'), 'a file')
    await expect(download(await serve(honest), target(), options)).rejects.toThrow(/^Cannot make the folder .*deep: /)
  })

  test.runIf(existsSync('/dev/full'))('a full disk', async () => {
    mkdirSync(join(folder, 'deep'))
    symlinkSync('/dev/full', part())
    await expect(download(await serve(honest), target(), options)).rejects.toThrow(
      `Cannot write ${part()}: the disk is full; free some space and try again.`,
    )
  })
})

describe('cacheFolder', () => {
  test.each([
    [{ COGNITRON_CACHE: '/c', XDG_CACHE_HOME: '/x', HOME: '/h' }, 'linux', '/c'],
    [{ XDG_CACHE_HOME: '/x', HOME: '/h' }, 'linux', '/x/cognitron'],
    [{ XDG_CACHE_HOME: 'relative', HOME: '/h' }, 'linux', '/h/.cache/cognitron'],
    [{ HOME: '/h' }, 'darwin', '/h/Library/Caches/cognitron'],
  ])('%j on %s is %s', (environment, platform, expected) => {
    expect(cacheFolder(environment, platform)).toBe(expected)
  })
})
