/** CRC-32 as zip and PNG use it (polynomial 0xEDB88320, reflected). Source: ISO 3309, ITU-T V.42. */

const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1
  return value
})

/**
 * The CRC-32 of the bytes, as an unsigned number.
 *
 * @example
 * import { io } from 'cognitron'
 * console.log(io.crc32(new TextEncoder().encode('123456789')).toString(16)) // cbf43926
 */
export function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff
  for (let index = 0; index < bytes.length; index++) {
    crc = (crc >>> 8) ^ (table[(crc ^ (bytes[index] as number)) & 255] as number)
  }
  return (crc ^ 0xffffffff) >>> 0
}
