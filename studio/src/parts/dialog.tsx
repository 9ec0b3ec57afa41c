/** A modal window on the browser's own dialog: it keeps the focus, Escape and a click beside it close it. */
import type { ComponentChildren } from 'preact'
import { useId, useLayoutEffect, useRef } from 'preact/hooks'
import { Button } from './controls.tsx'

interface DialogProps {
  readonly title: string
  readonly onClose: () => void
  readonly children: ComponentChildren
}

/** Opens as long as it is rendered. */
export function Dialog({ title, onClose, children }: DialogProps) {
  const id = useId()
  const element = useModal()
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes a dialog by itself
    <dialog
      ref={element}
      class="dialog"
      aria-labelledby={id}
      onClose={onClose}
      onClick={(event) => event.target === element.current && element.current?.close()}
    >
      <div class="dialog-head">
        <h2 id={id}>{title}</h2>
        <Button label="Close" icon="close" kind="quiet" iconOnly onClick={() => element.current?.close()} />
      </div>
      <div class="dialog-body">{children}</div>
    </dialog>
  )
}

export function useModal() {
  const element = useRef<HTMLDialogElement>(null)
  useLayoutEffect(() => {
    const dialog = element.current
    if (dialog && !dialog.open) dialog.showModal()
    return () => dialog?.close()
  }, [])
  return element
}
