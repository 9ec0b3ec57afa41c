/** Code to take along, with a button that copies it. */
import { useEffect, useRef } from 'preact/hooks'
import { copyText } from '../base/download.ts'
import { Button } from './controls.tsx'
import { showToast } from './toast.tsx'

export function CodeView({ code, label }: { code: string; label: string }) {
  const box = useRef<HTMLPreElement>(null)
  // Boxes that scroll can be reached with the keyboard.
  useEffect(() => {
    if (box.current) box.current.tabIndex = 0
  }, [])
  const copy = async (): Promise<void> => {
    await copyText(code)
    showToast('The code was copied.')
  }
  return (
    <div class="code-view">
      {/* biome-ignore lint/a11y/useSemanticElements: code is preformatted text, and its box scrolls */}
      <pre ref={box} role="region" aria-label={label}>
        <code>{code}</code>
      </pre>
      <Button label="Copy" icon="copy" small onClick={() => void copy()} />
    </div>
  )
}
