/** A box in which a large table scrolls; the keyboard reaches it. */
import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'

export function ScrollTable({ label, children }: { label: string; children: ComponentChildren }) {
  const box = useRef<HTMLElement>(null)
  useEffect(() => {
    if (box.current) box.current.tabIndex = 0
  }, [])
  return (
    // Positioned, so that words for screen readers alone scroll with the table.
    <section ref={box} class="table-scroll" style={{ position: 'relative' }} aria-label={label}>
      {children}
    </section>
  )
}
