/** The parts of `data` that need Node: files, the cache and downloads. `cognitron/data` itself runs in browsers. */
export { FileError } from '../../base/file-errors.ts'
export { cacheFolder } from './cache.ts'
export { type DecodePool, type DecodePoolOptions, decodePool } from './decode-pool.ts'
export { DownloadError, type DownloadOptions, type DownloadProgress, download } from './download.ts'
export { type FileSourceOptions, fileSource } from './file-source.ts'
export { readBytes } from './files.ts'
export { listFiles, openClassFolder, pictureFiles } from './image-files.ts'
export { type LoadDataSetOptions, loadDataSet } from './load-data-set.ts'
