/** The studio's server from outside: what it serves, and what it must refuse. */
import { appendFile, mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { data, loss, manualSeed, nn, optim, train } from '../../index.ts'
import { runFolder } from '../../train/node/index.ts'
import { envelope, type RunFigures, type RunSummary } from './run-store.ts'
import { type StudioServer, startStudioServer } from './server.ts'

let folder: string
let runs: string
let server: StudioServer
let port: number

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'studio-'))
  runs = join(folder, 'runs')
  const application = join(folder, 'application')
  await mkdir(join(application, 'assets'), { recursive: true })
  await mkdir(join(runs, 'first'), { recursive: true })
  await writeFile(join(folder, 'secret.txt'), 'secret')
  await writeFile(join(application, 'index.html'), '<!doctype html><title>Studio</title>')
  await writeFile(join(application, 'assets', 'index-1.js'), 'export {}')
  await writeFile(join(runs, 'first', 'run.json'), '{"model":"lenet5"}')
  await writeFile(join(runs, 'first', 'metrics.jsonl'), '{"epoch":1,"trainLoss":2}\n{"epoch":2,"trainLoss":1}\n{"epo')
  server = await startStudioServer({ application, runs })
  port = Number(new URL(server.address).port)
})

afterAll(async () => {
  await server.close()
  await rm(folder, { recursive: true })
})

interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
}

/** Sends a path as it is, which `fetch` would tidy up. */
async function ask(
  path: string,
  options: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { method = 'GET', headers = {} } = options
    const sent = request({ host: '127.0.0.1', port, path, method, headers }, (response) => {
      text(response).then(
        (body) => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
        reject,
      )
    })
    sent.on('error', reject)
    sent.end(options.body)
  })
}

async function askJson(path: string): Promise<unknown> {
  return JSON.parse((await ask(path)).body)
}

test('serves the application with isolation, a strict policy and caching by digest', async () => {
  const { status, headers, body } = await ask('/')
  expect({ status, body }).toEqual({ status: 200, body: '<!doctype html><title>Studio</title>' })
  expect(headers['cross-origin-opener-policy']).toBe('same-origin')
  expect(headers['cross-origin-embedder-policy']).toBe('require-corp')
  expect(headers['content-security-policy']).toMatch(/^default-src 'none'; script-src 'self' 'wasm-unsafe-eval';/)
  expect(headers['content-security-policy']).not.toContain('unsafe-inline')
  const script = await ask('/assets/index-1.js')
  expect(script.headers['content-type']).toBe('text/javascript; charset=utf-8')
  expect(script.headers['cache-control']).toContain('immutable')
  expect((await ask('/', { headers: { 'If-None-Match': String(headers.etag) } })).status).toBe(304)
  expect(await ask('/', { method: 'HEAD' })).toMatchObject({ status: 200, body: '' })
})

test('pages are the application, other paths are not', async () => {
  expect((await ask('/playground')).body).toContain('<title>Studio</title>')
  expect((await ask('/playground?x=1')).status).toBe(200)
  expect((await ask('/assets/none.js')).status).toBe(404)
  expect((await ask('/a/b')).status).toBe(404)
})

test.each([
  '/../secret.txt',
  '/..%2fsecret.txt',
  '/%2e%2e/secret.txt',
  '/assets/../../secret.txt',
  '/assets/..%5c..%5csecret.txt',
  '//secret.txt',
  '/api/runs/..%2fsecret.txt/files/run.json',
  '/api/runs/../../secret.txt',
  '/api/runs/first/files/..%2f..%2fsecret.txt',
  '/api/runs/first/files/%2e%2e',
  '/api/runs/%00/files/run.json',
  '/%252e%252e/secret.txt',
  '/....//secret.txt',
  '/..\\secret.txt',
  '/api/runs/first%2f..%2f..%2fsecret.txt/figures',
  '/api/runs/../figures',
  '/api/runs/%2e%2e/files/run.json',
  '/api/runs/first/files/../../../secret.txt',
  '/api/runs/first/files//secret.txt',
  'http://127.0.0.1/../secret.txt',
])('%s reaches nothing outside', async (path) => {
  const { status, body } = await ask(path)
  expect([400, 404]).toContain(status)
  expect(body).not.toContain('secret\n')
  expect(body).not.toBe('secret')
})

test('answers only under its own name and to its own pages', async () => {
  expect((await ask('/', { headers: { Host: 'example.org' } })).status).toBe(421)
  expect((await ask('/', { headers: { Host: `127.0.0.1:${port + 1}` } })).status).toBe(421)
  expect((await ask('/', { headers: { Host: `localhost:${port}` } })).status).toBe(200)
  for (const host of ['localhost', '127.0.0.1', `example.org#127.0.0.1:${port}`, `127.0.0.1:${port}@example.org`]) {
    expect((await ask('/api/runs', { headers: { Host: host } })).status, host).toBe(421)
  }
  for (const origin of [
    `https://127.0.0.1:${port}`,
    'http://127.0.0.1',
    `http://127.0.0.1:${port}.example.org`,
    'file://',
  ]) {
    expect((await ask('/api/runs', { headers: { Origin: origin } })).status, origin).toBe(403)
  }
  expect((await ask('/api/runs', { headers: { Origin: 'http://example.org' } })).status).toBe(403)
  expect((await ask('/api/runs', { headers: { Origin: 'null' } })).status).toBe(403)
  expect((await ask('/api/runs', { headers: { Origin: `http://127.0.0.1:${port}` } })).status).toBe(200)
})

test('other methods are refused', async () => {
  expect(await ask('/', { method: 'POST' })).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD' } })
  expect((await ask('/api/runs', { method: 'DELETE', headers: { Origin: `http://127.0.0.1:${port}` } })).status).toBe(
    405,
  )
})

test.each([
  'GET / HTTP/9.9\r\n\r\n',
  'nonsense\r\n\r\n',
  '\0\0\0',
  'GET /%zz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n',
  `GET / HTTP/1.1\r\nX: ${'a'.repeat(40_000)}\r\n\r\n`,
])('malformed request %# is answered or dropped, and the server goes on', async (bytes) => {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => {})
  socket.setTimeout(2000, () => socket.destroy())
  socket.end(bytes)
  await text(socket).catch(() => '')
  expect((await ask('/')).status).toBe(200)
})

test('bodies that are cut off, too long or of another kind', async () => {
  const own = { Origin: `http://127.0.0.1:${port}` }
  const long = JSON.stringify({ name: 'x'.repeat(5000) })
  expect((await ask('/api/runs', { method: 'POST', headers: own, body: long })).status).toBe(413)
  for (const body of [
    '',
    '[]',
    'null',
    '{"name":1}',
    '{"name":""}',
    '{"name":".hidden"}',
    '{"name":"a/b"}',
    '{"name":"a\\u0000"}',
  ]) {
    expect((await ask('/api/runs', { method: 'POST', headers: own, body })).status, body).toBe(400)
  }
  const head = `POST /api/runs HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nOrigin: http://127.0.0.1:${port}\r\n`
  for (const rest of [
    'Content-Length: 400\r\n\r\n{"na',
    'Transfer-Encoding: chunked\r\n\r\nZZ\r\n',
    'Content-Length: -1\r\n\r\n',
  ]) {
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => {})
    socket.end(head + rest)
    await text(socket).catch(() => '')
  }
  const { runs: list } = (await askJson('/api/runs')) as { runs: { name: string }[] }
  expect(list.map(({ name }) => name)).toEqual(['first'])
})

test('an address that cannot be decoded is a bad request', async () => {
  expect((await ask('/%zz')).status).toBe(400)
  expect((await ask('/%00')).status).toBe(400)
})

test('runs: the list, the figures and where to read on', async () => {
  expect(await askJson('/api/runs')).toEqual({
    folder: runs,
    nowMs: expect.any(Number),
    runs: [
      {
        name: 'first',
        updatedMs: expect.any(Number),
        epochs: 2,
        seconds: 0,
        last: { epoch: 2, trainLoss: 1 },
        trend: [2, 1],
        run: { model: 'lenet5' },
        files: expect.arrayContaining(['metrics.jsonl', 'run.json']),
      },
    ],
  })
  const figures = await askJson('/api/runs/first/figures')
  expect(figures).toEqual({
    epochs: [
      { epoch: 1, trainLoss: 2 },
      { epoch: 2, trainLoss: 1 },
    ],
    from: 0,
    next: 52,
    file: expect.stringMatching(/^\d+-\d+$/),
    damagedLines: 0,
  })
  // The line that was being written is complete now.
  await writeFile(join(runs, 'first', 'metrics.jsonl'), 'ch":3,"trainLoss":0.5}\n', { flag: 'a' })
  expect(await askJson('/api/runs/first/figures?from=52')).toMatchObject({ epochs: [{ epoch: 3, trainLoss: 0.5 }] })
  expect((await ask('/api/runs/first/figures?from=-1')).status).toBe(400)
  expect((await ask('/api/runs/none/figures')).status).toBe(404)
  expect((await ask('/api/runs/first/files/run.json')).body).toBe('{"model":"lenet5"}')
  expect((await ask('/api/runs/first/files/last.ckpt')).status).toBe(404)
})

test('damaged runs say so and harm no other', async () => {
  await mkdir(join(runs, 'damaged'))
  await writeFile(join(runs, 'damaged', 'run.json'), '{"model"')
  await writeFile(join(runs, 'damaged', 'metrics.jsonl'), 'x\n{"epoch":1}\n')
  await mkdir(join(runs, 'odd', 'metrics.jsonl'), { recursive: true })
  await symlink(folder, join(runs, 'link'))
  const { runs: list } = (await askJson('/api/runs')) as { runs: { name: string; problem?: string; epochs: number }[] }
  const byName = new Map(list.map((run) => [run.name, run]))
  expect(byName.get('damaged')).toMatchObject({
    epochs: 1,
    problem: 'run.json is no JSON file. One line of metrics.jsonl is damaged and left out.',
  })
  expect(byName.get('odd')).toMatchObject({ epochs: 0, problem: 'metrics.jsonl is no file.' })
  expect(byName.has('link')).toBe(false)
  expect(byName.get('first')).toMatchObject({ epochs: 3 })
  expect((await ask('/api/runs/link/files/run.json')).status).toBe(404)
})

test('a run that is resumed or replaced is read from its beginning, one that grows from where it was', async () => {
  await mkdir(join(runs, 'resumed'))
  const path = join(runs, 'resumed', 'metrics.jsonl')
  const lines = (count: number): string =>
    Array.from(
      { length: count },
      (_, index) => `{"epoch":${index + 1},"trainLoss":${1 / (index + 1)},"name":"é"}\n`,
    ).join('')
  await writeFile(path, lines(3))
  const read = async (query: string) => (await askJson(`/api/runs/resumed/figures${query}`)) as RunFigures
  const before = await read('')
  expect(before.epochs).toHaveLength(3)
  const place = `?from=${before.next}&file=${before.file}`
  expect(await read(place)).toMatchObject({ epochs: [], from: before.next, next: before.next })
  // A line cut in the middle of a letter of two bytes waits for its rest.
  const whole = new TextEncoder().encode('{"epoch":4,"name":"é"}\n')
  const cut = whole.indexOf(0xc3) + 1
  await appendFile(path, whole.subarray(0, cut))
  expect(await read(place)).toMatchObject({ epochs: [], next: before.next })
  await appendFile(path, whole.subarray(cut))
  expect((await read(place)).epochs).toEqual([{ epoch: 4, name: 'é' }])
  // Resuming writes the file anew, here even of the same length.
  await writeFile(`${path}.new`, lines(3).replaceAll('0.5', '0.4'))
  await rename(`${path}.new`, path)
  const after = await read(place)
  expect(after).toMatchObject({ from: 0, epochs: [{ epoch: 1 }, { epoch: 2, trainLoss: 0.4 }, { epoch: 3 }] })
  await writeFile(path, lines(1))
  expect(await read(`?from=${after.next}&file=${after.file}`)).toMatchObject({ from: 0, epochs: [{ epoch: 1 }] })
})

test('a run written by training itself, read at every epoch', async () => {
  manualSeed(1)
  const net = new nn.Sequential(new nn.Linear(2, 4), new nn.Tanh(), new nn.Linear(4, 2))
  const seen: unknown[] = []
  let place = ''
  const watch: train.Callback = {
    name: 'watch',
    async afterEpoch() {
      const found = (await askJson(`/api/runs/live/figures${place}`)) as RunFigures
      place = `?from=${found.next}&file=${found.file}`
      seen.push(...found.epochs)
      const { runs: list } = (await askJson('/api/runs')) as { runs: RunSummary[] }
      expect(list.find(({ name }) => name === 'live')).toMatchObject({ epochs: seen.length, run: { seed: 1 } })
      expect(list.find(({ name }) => name === 'live')?.problem).toBeUndefined()
    },
  }
  const { history } = await train.fit(net, {
    train: data.toys.circle({ count: 40, seed: 1, target: 'class' }),
    validation: data.toys.circle({ count: 20, seed: 2, target: 'class' }),
    loss: loss.crossEntropy,
    optimizer: new optim.Adam(net.parameters(), { lr: 0.05 }),
    epochs: 5,
    batchSize: 8,
    callbacks: [runFolder(join(runs, 'live'), { run: { seed: 1 }, epochIntervalMs: 0 }), watch],
  })
  expect(seen).toEqual(history.map((record) => ({ type: 'epoch', ...JSON.parse(JSON.stringify(record)) })))
  const { runs: list } = (await askJson('/api/runs')) as { runs: RunSummary[] }
  const live = list.find(({ name }) => name === 'live')
  expect(live?.trend).toEqual(history.map(({ validationLoss }) => validationLoss))
  expect(live?.best).toMatchObject({ epoch: history.findLast(({ best }) => best)?.epoch })
})

test('files in place of folders, links in place of files, empty and endless files', async () => {
  await writeFile(join(runs, 'file'), 'x')
  await mkdir(join(runs, 'empty'))
  await mkdir(join(runs, 'linked'))
  await symlink(join(folder, 'secret.txt'), join(runs, 'linked', 'run.json'))
  await symlink(join(folder, 'secret.txt'), join(runs, 'linked', 'metrics.jsonl'))
  await mkdir(join(runs, 'bare'))
  await writeFile(join(runs, 'bare', 'metrics.jsonl'), '')
  await writeFile(join(runs, 'bare', 'run.json'), '')
  await mkdir(join(runs, 'binary'))
  await writeFile(
    join(runs, 'binary', 'metrics.jsonl'),
    Uint8Array.from({ length: 4096 }, (_, index) => index % 251),
  )
  await mkdir(join(runs, 'values'))
  await writeFile(join(runs, 'values', 'metrics.jsonl'), '5\nnull\n[]\n"text"\n{"epoch":1,"trainLoss":null}\n')
  const { runs: list } = (await askJson('/api/runs')) as { runs: RunSummary[] }
  const byName = new Map(list.map((run) => [run.name, run]))
  expect([byName.has('file'), byName.has('empty')]).toEqual([false, false])
  expect(byName.get('linked')?.problem).toBe('run.json is no file. metrics.jsonl is no file.')
  expect(JSON.stringify(list)).not.toContain('secret')
  expect((await ask('/api/runs/linked/files/run.json')).status).toBe(404)
  expect(byName.get('bare')).toMatchObject({ epochs: 0, problem: 'run.json is no JSON file.' })
  expect(byName.get('binary')?.problem).toContain('of metrics.jsonl are damaged and left out.')
  expect(byName.get('values')).toMatchObject({
    epochs: 1,
    trend: [null],
    problem: '4 lines of metrics.jsonl are damaged and left out.',
  })
})

test('long runs are outlined by their lows and highs', () => {
  const values = Array.from({ length: 1000 }, (_, index) => (index === 537 ? 99 : index === 538 ? -99 : index / 1000))
  const thin = envelope(values, 64)
  expect(thin).toHaveLength(64)
  expect(thin).toContain(99)
  expect(thin.indexOf(-99)).toBe(thin.indexOf(99) + 1)
  expect(envelope([3, null, 1], 64)).toEqual([3, null, 1])
  expect(envelope([null, null, null, null], 2)).toEqual([null, null])
})

test('a report has no rights of the studio', async () => {
  await writeFile(join(runs, 'first', 'report.html'), '<h1>Report</h1>')
  const { headers } = await ask('/api/runs/first/files/report.html')
  expect(headers['content-security-policy']).toMatch(/^sandbox; default-src 'none'/)
})

test('the browser can add runs, and only to those that it made', async () => {
  const own = { Origin: `http://127.0.0.1:${port}` }
  expect((await ask('/api/runs', { method: 'POST', body: '{"name":"mine"}' })).status).toBe(403)
  expect((await ask('/api/runs', { method: 'POST', headers: own, body: '{"name":"../x"}' })).status).toBe(400)
  expect((await ask('/api/runs', { method: 'POST', headers: own, body: 'x' })).status).toBe(400)
  const made = await ask('/api/runs', { method: 'POST', headers: own, body: '{"name":"first"}' })
  expect({ status: made.status, body: JSON.parse(made.body) }).toEqual({ status: 201, body: { name: 'first-2' } })
  const path = '/api/runs/first-2/files'
  expect((await ask(`${path}/metrics.jsonl`, { method: 'PUT', headers: own, body: '{"epoch":1}\n' })).status).toBe(200)
  expect((await ask(`${path}/evil.js`, { method: 'PUT', headers: own, body: 'x' })).status).toBe(403)
  expect((await ask(`${path}/report.html`, { method: 'PUT', headers: own, body: 'x' })).status).toBe(403)
  expect((await ask('/api/runs/first/files/run.json', { method: 'PUT', headers: own, body: '{}' })).status).toBe(403)
  expect(await askJson('/api/runs/first-2/figures')).toMatchObject({ epochs: [{ epoch: 1 }] })
})

test('a port that is taken is said in one sentence', async () => {
  const application = join(folder, 'application')
  await expect(startStudioServer({ application, runs, port })).rejects.toThrow(
    `port ${port} is in use; choose another with --port`,
  )
})
