/**
 * Decompression in the browser and in Node alike, through `DecompressionStream`. Used by the IDX and CIFAR parsers and by .npz.
 * Browsers word their errors differently, so every failure is turned into one sentence that names the file.
 */
import { FormatError } from '../base/errors.ts'

/** True when the bytes start like a gzip file. */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes.length >= 2 && bytes[0] === 0x1f && bytes[1] === 0x8b
}

/** The content of a gzip file; `name` is for the error message. */
export function gunzip(bytes: Uint8Array, name: string): Promise<Uint8Array> {
  return inflate(bytes, 'gzip', name)
}

/** The content of a raw deflate stream, as in a zip archive. */
export function inflateRaw(bytes: Uint8Array, name: string): Promise<Uint8Array> {
  return inflate(bytes, 'deflate-raw', name)
}

/** The bytes as a raw deflate stream. */
export function deflateRaw(bytes: Uint8Array): Promise<Uint8Array> {
  return collect(streamOf(bytes).pipeThrough(new CompressionStream('deflate-raw')))
}

/** The bytes of a gzip file when they are one, else the bytes themselves. */
export async function gunzipIfNeeded(bytes: Uint8Array, name: string): Promise<Uint8Array> {
  return isGzip(bytes) ? gunzip(bytes, name) : bytes
}

async function inflate(bytes: Uint8Array, format: CompressionFormat, name: string): Promise<Uint8Array> {
  try {
    return await collect(streamOf(bytes).pipeThrough(new DecompressionStream(format)))
  } catch (error) {
    throw new FormatError(`${name}: ${explain(error)}; fetch or write the file again.`, { cause: error })
  }
}

function explain(error: unknown): string {
  const text = `${error} ${error instanceof Error ? error.cause : ''}`
  if (/junk|trailing/i.test(text)) return 'there are extra bytes after the end of the compressed data'
  if (/unexpected end|truncat|unexpected eof/i.test(text)) return 'the compressed data is cut short'
  return 'the compressed data is corrupt'
}

function streamOf(bytes: Uint8Array): ReadableStream<Uint8Array<ArrayBuffer>> {
  const view = bytes.buffer instanceof ArrayBuffer ? (bytes as Uint8Array<ArrayBuffer>) : Uint8Array.from(bytes)
  return new Blob([view]).stream()
}

async function collect(stream: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let length = 0
  const reader = stream.getReader()
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    chunks.push(part.value)
    length += part.value.length
  }
  const all = new Uint8Array(length)
  let place = 0
  for (const chunk of chunks) {
    all.set(chunk, place)
    place += chunk.length
  }
  return all
}
