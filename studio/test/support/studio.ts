/** The built studio in Debian's Chromium, watched for errors and for requests that leave the machine. */
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { applicationFolder, buildApplication, needsBuild } from '../../../src/cli/studio/build.ts'
import { type StudioServer, startStudioServer } from '../../../src/cli/studio/server.ts'

export interface Studio {
  readonly address: string
  readonly browser: Browser
  readonly runs: string
  /** Opens a page in a window of its own; `problems` gathers what went wrong. */
  open(path: string, options?: BrowserContextOptions): Promise<{ page: Page; problems: string[] }>
  close(): Promise<void>
}

export async function startStudio(): Promise<Studio> {
  if (needsBuild()) await buildApplication()
  const runs = await mkdtemp(join(tmpdir(), 'studio-runs-'))
  const server = await startStudioServer({ application: applicationFolder, runs })
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--font-render-hinting=none'],
  })
  return {
    address: server.address,
    browser,
    runs,
    async open(path, options = {}) {
      const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options })
      const page = await context.newPage()
      return { page, problems: await watch(page, server, path) }
    },
    async close() {
      await browser.close()
      await server.close()
    },
  }
}

async function watch(page: Page, server: StudioServer, path: string): Promise<string[]> {
  const problems: string[] = []
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) problems.push(`console: ${message.text()}`)
  })
  page.on('pageerror', (error) => problems.push(`error: ${error.message}`))
  page.on('requestfailed', (request) => {
    // What the browser gives up itself because the page is left or loaded anew did not fail.
    const reason = request.failure()?.errorText ?? ''
    if (reason !== 'net::ERR_ABORTED') problems.push(`failed: ${request.url()} ${reason}`)
  })
  page.on('request', (request) => {
    const url = request.url()
    if (!url.startsWith(server.address) && !/^(?:blob|data):/.test(url)) problems.push(`left the machine: ${url}`)
  })
  page.on('response', (response) => {
    if (response.status() >= 400) problems.push(`${response.status()}: ${response.url()}`)
  })
  await page.goto(server.address.replace(/\/$/, '') + path)
  await page.waitForSelector('h1, [role=alert]')
  return problems
}
