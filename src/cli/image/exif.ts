/**
 * Which way up a camera was held: the Orientation tag of EXIF (CIPA DC-008, tag 0x0112 of IFD0). Damaged EXIF counts as none; it is
 * never a reason to refuse a picture.
 */
const ORIENTATION_TAG = 0x0112
const ENTRY_BYTES = 12

/** The orientation, 1 to 8, of a TIFF structure as EXIF holds it; 1 (upright) when it says nothing. */
export function readOrientation(tiff: Uint8Array): number {
  const view = new DataView(tiff.buffer, tiff.byteOffset, tiff.byteLength)
  if (tiff.length < 8) return 1
  const littleEndian = view.getUint16(0) === 0x4949
  const directory = view.getUint32(4, littleEndian)
  if (directory + 2 > tiff.length) return 1
  const entries = view.getUint16(directory, littleEndian)
  for (let index = 0; index < entries; index++) {
    const entry = directory + 2 + index * ENTRY_BYTES
    if (entry + ENTRY_BYTES > tiff.length) return 1
    if (view.getUint16(entry, littleEndian) !== ORIENTATION_TAG) continue
    const value = view.getUint16(entry + 8, littleEndian)
    return value >= 1 && value <= 8 ? value : 1
  }
  return 1
}
