/** Ctrl-K: find a page or an action by typing. */
import { signal } from '@preact/signals'
import { useEffect, useState } from 'preact/hooks'
import { useModal } from '../parts/dialog.tsx'
import { MathLabel } from '../parts/math-label.tsx'
import { findCommands } from './commands.ts'

export const paletteOpen = signal(false)

addEventListener('keydown', (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
    event.preventDefault()
    paletteOpen.value = !paletteOpen.value
  }
})

export function CommandPalette() {
  return paletteOpen.value ? <Palette /> : null
}

function Palette() {
  const element = useModal()
  const [query, setQuery] = useState('')
  const [at, setAt] = useState(0)
  const found = findCommands(query)
  const close = (): void => element.current?.close()
  const run = (index: number): void => {
    const command = found[index]
    if (!command) return
    close()
    command.run()
  }
  useEffect(() => {
    document.getElementById(`command-${at}`)?.scrollIntoView({ block: 'nearest' })
  }, [at])
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (event.key === 'Enter') {
      // Else the element that gets the focus back is pressed by the same key.
      event.preventDefault()
      run(at)
    }
    if (step === undefined || found.length === 0) return
    event.preventDefault()
    setAt((at + step + found.length) % found.length)
  }
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes a dialog by itself
    <dialog
      ref={element}
      class="dialog palette"
      aria-label="Commands"
      onClose={() => {
        paletteOpen.value = false
      }}
      onClick={(event) => event.target === element.current && close()}
    >
      <input
        role="combobox"
        aria-label="Find a page or an action"
        aria-expanded="true"
        aria-controls="commands"
        aria-activedescendant={found.length > 0 ? `command-${at}` : undefined}
        placeholder="Find a page or an action"
        autocomplete="off"
        spellcheck={false}
        value={query}
        onInput={(event) => {
          setQuery(event.currentTarget.value)
          setAt(0)
        }}
        onKeyDown={onKeyDown}
      />
      {found.length === 0 && <p class="palette-empty">Nothing found for “{query}”.</p>}
      <div class="palette-list" id="commands" role="listbox" aria-label="Commands" hidden={found.length === 0}>
        {found.map((command, index) => (
          // biome-ignore lint/a11y/useFocusableInteractive: the box keeps the focus and names the option with aria-activedescendant
          // biome-ignore lint/a11y/useKeyWithClickEvents: Enter is handled in the box
          <div
            key={`${command.group}/${command.label}`}
            id={`command-${index}`}
            class="palette-item"
            role="option"
            aria-selected={index === at}
            onPointerMove={() => setAt(index)}
            onClick={() => run(index)}
          >
            <MathLabel text={command.label} />
            <span>{command.group}</span>
          </div>
        ))}
      </div>
    </dialog>
  )
}
