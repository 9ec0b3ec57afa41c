/** Bringing pictures: dropped or picked, files or a folder. They are read in this browser and go nowhere. */
import { useRef, useState } from 'preact/hooks'
import { Button } from '../../parts/controls.tsx'
import type { TrainController } from './controller.ts'
import type { OwnFile } from './protocol.ts'

interface Props {
  readonly lab: TrainController
}

export function PickFiles({ lab }: Props) {
  const files = useRef<HTMLInputElement>(null)
  const folder = useRef<HTMLInputElement>(null)
  const take = (input: HTMLInputElement): void => {
    const picked = Array.from(input.files ?? [], (file) => ({ path: file.webkitRelativePath || file.name, file }))
    // The same files can be picked again.
    input.value = ''
    if (picked.length > 0) void lab.read(picked)
  }
  return (
    <div class="notice-actions">
      <Button label="Choose IDX files" icon="upload" small onClick={() => files.current?.click()} />
      <Button label="Choose a folder" icon="upload" small onClick={() => folder.current?.click()} />
      <input
        ref={files}
        class="visually-hidden"
        type="file"
        multiple
        tabIndex={-1}
        aria-label="IDX files"
        data-testid="idx-files"
        onChange={(event) => take(event.currentTarget)}
      />
      <input
        ref={(element) => {
          folder.current = element
          element?.setAttribute('webkitdirectory', '')
        }}
        class="visually-hidden"
        type="file"
        multiple
        tabIndex={-1}
        aria-label="A folder of pictures"
        data-testid="folder"
        onChange={(event) => take(event.currentTarget)}
      />
    </div>
  )
}

/** What the stage shows before there are pictures. */
export function EmptyStage({ lab }: Props) {
  return (
    <div class="panel stage drop-empty">
      <h2>Bring your pictures</h2>
      <p>
        Drop them anywhere on this page: the IDX files of a set such as MNIST, images and labels together, plain or{' '}
        <code>.gz</code>; or a folder with a folder of pictures for each class.
      </p>
      <PickFiles lab={lab} />
      <div class="notice-actions">
        <Button label="Use drawn digits instead" small onClick={() => lab.change({ data: 'digits' })} />
      </div>
      <p class="caption">Nothing leaves this computer, and nothing is kept when the page is closed.</p>
    </div>
  )
}

/** Takes what is dropped on it. */
export function useDrop(lab: TrainController) {
  const [over, setOver] = useState(false)
  return {
    over,
    handlers: {
      onDragOver: (event: DragEvent) => {
        if (!event.dataTransfer?.types.includes('Files')) return
        event.preventDefault()
        setOver(true)
      },
      onDragLeave: () => setOver(false),
      onDrop: (event: DragEvent) => {
        event.preventDefault()
        setOver(false)
        void droppedFiles(event.dataTransfer).then((files) => lab.read(files))
      },
    },
  }
}

/** Everything that was dropped, folders with all that is in them. */
async function droppedFiles(transfer: DataTransfer | null): Promise<OwnFile[]> {
  // The list is emptied as soon as this turn is over.
  const items = Array.from(transfer?.items ?? []).filter(({ kind }) => kind === 'file')
  const dropped = items.map((item) => ({ entry: item.webkitGetAsEntry(), file: item.getAsFile() }))
  const found = await Promise.all(
    dropped.map(({ entry, file }) => (entry ? filesBelow(entry) : file ? [{ path: file.name, file }] : [])),
  )
  return found.flat()
}

async function filesBelow(entry: FileSystemEntry): Promise<OwnFile[]> {
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject))
    return [{ path: entry.fullPath.replace(/^\//, ''), file }]
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader()
  const all: FileSystemEntry[] = []
  for (;;) {
    // A reader gives a hundred at a time.
    const part = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject))
    if (part.length === 0) break
    all.push(...part)
  }
  return (await Promise.all(all.map(filesBelow))).flat()
}
