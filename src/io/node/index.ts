/** The parts of `io` that need Node: reading and writing files. `cognitron/io` itself runs in browsers. */
export {
  FileError,
  loadNpy,
  loadNpz,
  loadSafetensors,
  readBytes,
  saveNpy,
  saveNpz,
  saveSafetensors,
  type WriteFileOptions,
  writeFileAtomic,
} from '../files.ts'
