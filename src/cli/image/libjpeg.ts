/**
 * The decoder of libjpeg (MozJPEG, compiled to WebAssembly by Squoosh): exact inverse transform and smooth enlarging of halved
 * colour planes, so that pixels are those of Pillow, OpenCV and PyTorch to the bit, and networks trained there see what they saw.
 * It knows grey and YCbCr; pictures in CMYK are the business of `jpeg`.
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import createDecoder from '@jsquash/jpeg/codec/dec/mozjpeg_dec.js'

interface DecodedPicture {
  readonly width: number
  readonly height: number
  /** Red, green, blue, opacity of every pixel. */
  readonly data: Uint8ClampedArray
}

interface Decoder {
  decode(bytes: Uint8Array, preserveOrientation: boolean): DecodedPicture | null
}

type MakeDecoder = (options: {
  noInitialRun: boolean
  instantiateWasm(imports: WebAssembly.Imports, ready: (instance: WebAssembly.Instance) => void): unknown
  print(line: string): void
  printErr(line: string): void
}) => Promise<Decoder>

/** What the decoder makes of a picture; browsers have such a class, Node has none. */
class PlainImageData implements DecodedPicture {
  readonly data: Uint8ClampedArray
  readonly width: number
  readonly height: number

  constructor(data: Uint8ClampedArray, width: number, height: number) {
    this.data = data
    this.width = width
    this.height = height
  }
}

let lastMessage = ''

async function loadDecoder(): Promise<Decoder> {
  const path = createRequire(import.meta.url).resolve('@jsquash/jpeg/codec/dec/mozjpeg_dec.wasm')
  const module = new WebAssembly.Module(readFileSync(path))
  const keepMessage = (line: string): void => {
    lastMessage = line
  }
  const make = createDecoder as unknown as MakeDecoder
  Object.assign(globalThis, { ImageData: Reflect.get(globalThis, 'ImageData') ?? PlainImageData })
  return make({
    noInitialRun: true,
    instantiateWasm: (imports, ready) => {
      const instance = new WebAssembly.Instance(module, imports)
      ready(instance)
      return instance.exports
    },
    print: keepMessage,
    printErr: keepMessage,
  })
}

const decoder = await loadDecoder()

/** RGB of a grey or YCbCr JPEG as it lies in the file, not turned. Throws Error with libjpeg's words for a damaged one. */
export function decodeWithLibjpeg(bytes: Uint8Array): Uint8Array {
  lastMessage = ''
  let picture: DecodedPicture | null
  try {
    picture = decoder.decode(bytes, false)
  } catch (error) {
    throw new Error(lastMessage || (error instanceof Error ? error.message : 'it cannot be decoded'), { cause: error })
  }
  if (!picture) throw new Error(lastMessage || 'it cannot be decoded')
  const { data } = picture
  const rgb = new Uint8Array((data.length / 4) * 3)
  for (let from = 0, to = 0; from < data.length; from += 4, to += 3) {
    rgb[to] = data[from] as number
    rgb[to + 1] = data[from + 1] as number
    rgb[to + 2] = data[from + 2] as number
  }
  return rgb
}
