/** A button that opens a list of actions; arrow keys move, Escape closes. */
import { useEffect, useRef, useState } from 'preact/hooks'
import { Button } from './controls.tsx'
import type { IconName } from './icon.tsx'

export interface Action {
  readonly label: string
  readonly run: () => void | Promise<void>
}

interface MenuProps {
  readonly label: string
  readonly icon: IconName
  readonly actions: readonly Action[]
}

export function Menu({ label, icon, actions }: MenuProps) {
  const [open, setOpen] = useState(false)
  const box = useRef<HTMLDivElement>(null)
  const list = useRef<HTMLDivElement>(null)
  const button = (): HTMLButtonElement | null | undefined => box.current?.querySelector('button')

  useEffect(() => {
    if (!open) return
    list.current?.querySelector('button')?.focus()
    const outside = (event: Event): void => {
      if (!box.current?.contains(event.target as Node)) setOpen(false)
    }
    document.addEventListener('pointerdown', outside)
    return () => document.removeEventListener('pointerdown', outside)
  }, [open])

  const onKeyDown = (event: KeyboardEvent): void => {
    if (!open) return
    if (event.key === 'Escape' || event.key === 'Tab') {
      setOpen(false)
      if (event.key === 'Escape') button()?.focus()
      return
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (step === undefined) return
    event.preventDefault()
    const items = [...(list.current?.querySelectorAll('button') ?? [])]
    const at = items.indexOf(document.activeElement as HTMLButtonElement)
    items[(at + step + items.length) % items.length]?.focus()
  }

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: hears the keys of the buttons within
    <div class="menu" ref={box} onKeyDown={onKeyDown} role="presentation">
      <Button label={label} icon={icon} onClick={() => setOpen(!open)} />
      {open && (
        <div class="menu-list" role="menu" aria-label={label} ref={list}>
          {actions.map((action) => (
            <button
              key={action.label}
              type="button"
              role="menuitem"
              class="menu-item"
              tabIndex={-1}
              onClick={() => {
                setOpen(false)
                button()?.focus()
                void action.run()
              }}
            >
              {action.label}
            </button>
          ))}
        </div>
      )}
    </div>
  )
}
