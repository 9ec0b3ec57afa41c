/** The three zones of a page: settings at the left (a sheet on narrow windows), the stage, and results at the right. */
import type { ComponentChildren } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { copyText } from '../base/download.ts'
import { Button, explain } from '../parts/controls.tsx'
import { MathLabel } from '../parts/math-label.tsx'
import { type Action, Menu } from '../parts/menu.tsx'
import { showToast } from '../parts/toast.tsx'

interface PageFrameProps {
  readonly title: string
  readonly summary: string
  /** Further buttons beside those that every page has. */
  readonly actions?: ComponentChildren
  readonly exports?: readonly Action[]
  readonly transport?: ComponentChildren
  readonly settings: ComponentChildren
  readonly stage: ComponentChildren
  readonly results?: ComponentChildren
}

export function PageFrame(props: PageFrameProps) {
  const { title, summary, actions, exports = [], transport, settings, stage, results } = props
  const [sheet, setSheet] = useState(false)
  const settingsZone = useRef<HTMLElement>(null)
  useEffect(() => {
    if (!sheet) return
    settingsZone.current?.querySelector<HTMLElement>('button, input, select')?.focus()
    const close = (event: KeyboardEvent): void => {
      if (event.key === 'Escape') setSheet(false)
    }
    document.addEventListener('keydown', close)
    return () => document.removeEventListener('keydown', close)
  }, [sheet])
  return (
    <div class="page">
      <header class="page-head">
        <div>
          <h1>
            <MathLabel text={title} />
          </h1>
          <p>
            <MathLabel text={summary} />
          </p>
        </div>
        <div class="page-actions">
          {actions}
          <span class="settings-toggle">
            <Button label="Settings" icon="sliders" onClick={() => setSheet(true)} />
          </span>
          <Button label="Copy link" icon="link" onClick={() => void copyLink()} />
          {exports.length > 0 && <Menu label="Export" icon="download" actions={exports} />}
        </div>
      </header>
      {transport}
      <div class={results ? 'zones' : 'zones two'}>
        {sheet && (
          <button type="button" class="scrim" aria-label="Close the settings" onClick={() => setSheet(false)} />
        )}
        <aside
          ref={settingsZone}
          class={sheet ? 'zone settings-zone open' : 'zone settings-zone'}
          aria-label="Settings"
        >
          <div class="panel settings">
            <div class="settings-head">
              <h2>Settings</h2>
              <span class="transport-buttons">
                <Button
                  label="Explain"
                  icon="help"
                  kind="quiet"
                  small
                  pressed={explain.value}
                  onClick={() => (explain.value = !explain.value)}
                />
                <span class="settings-toggle">
                  <Button label="Close" icon="close" kind="quiet" small iconOnly onClick={() => setSheet(false)} />
                </span>
              </span>
            </div>
            {settings}
          </div>
        </aside>
        <div class="zone">{stage}</div>
        {results && <div class="zone results-zone">{results}</div>}
      </div>
    </div>
  )
}

async function copyLink(): Promise<void> {
  // The address is written a moment after the last change.
  await new Promise((resolve) => setTimeout(resolve, 160))
  await copyText(location.href)
  showToast('The link was copied. It opens this page as it is now.')
}
