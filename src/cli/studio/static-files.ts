/**
 * The built application, read once when the server starts. Only what stands in this table is served, so no path, however written,
 * reaches another file.
 */
import { createHash } from 'node:crypto'
import { type Dirent, readdirSync, readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'

export interface StaticFile {
  readonly bytes: Uint8Array
  readonly type: string
  /** Names with a digest of the content never change. */
  readonly cache: string
  readonly tag: string
}

const types: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
  png: 'image/png',
  woff2: 'font/woff2',
  json: 'application/json; charset=utf-8',
  txt: 'text/plain; charset=utf-8',
}

/** Every file below `folder` by its path in addresses, such as `/assets/index-D1z9.js`. Links are left out. */
export function readStaticFiles(folder: string): Map<string, StaticFile> {
  const files = new Map<string, StaticFile>()
  const entries: Dirent[] = readdirSync(folder, { recursive: true, withFileTypes: true })
  for (const entry of entries) {
    if (!entry.isFile()) continue
    const path = join(entry.parentPath, entry.name)
    const address = `/${relative(folder, path).split(sep).join('/')}`
    const type = types[entry.name.split('.').at(-1) ?? '']
    if (type !== undefined) files.set(address, staticFile(readFileSync(path), type, address))
  }
  return files
}

function staticFile(bytes: Uint8Array, type: string, address: string): StaticFile {
  const fixed = address.startsWith('/assets/')
  const tag = `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`
  return { bytes, type, tag, cache: fixed ? 'public, max-age=31536000, immutable' : 'no-cache' }
}
