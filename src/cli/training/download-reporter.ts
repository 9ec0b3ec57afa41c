/** Says how far a download is: a line that redraws itself on a terminal, one line a file elsewhere. */
import type { DownloadProgress } from '../../data/node/index.ts'
import type { Progress } from '../progress/index.ts'

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1)

export function downloadReporter(progress: Progress): (download: DownloadProgress) => void {
  let announced = ''
  return ({ file, receivedBytes, totalBytes }) => {
    if (file !== announced) progress.message(`downloading ${file} (${megabytes(totalBytes)} MB)`)
    announced = file
    progress.status(`${file}  ${megabytes(receivedBytes)} of ${megabytes(totalBytes)} MB`)
  }
}
