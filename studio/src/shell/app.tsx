/** The whole application: navigation, the page that is shown, and what floats above. */
import { useSignalEffect } from '@preact/signals'
import type { ComponentType } from 'preact'
import { useState } from 'preact/hooks'
import { Toasts } from '../parts/toast.tsx'
import { CommandPalette } from './command-palette.tsx'
import { ErrorBoundary, Failure } from './failure.tsx'
import { Navigation } from './navigation.tsx'
import type { PageDefinition, PageProps } from './pages.ts'
import { currentAddress, currentPage, isUnknown, setAddress, visit } from './router.ts'

interface Loaded {
  readonly page: PageDefinition
  readonly View: ComponentType<PageProps>
}

function PageHost() {
  const [loaded, setLoaded] = useState<Loaded>()
  const [failure, setFailure] = useState<Error>()
  useSignalEffect(() => {
    const page = currentPage.value
    if (!page) return
    document.title = `${page.title} · Cognitron Studio`
    page.load().then(
      ({ default: View }) => {
        setFailure(undefined)
        setLoaded({ page, View })
      },
      (error) => setFailure(error),
    )
  })
  if (isUnknown.value) return <Failure title="There is no such page" text="Choose one from the list of pages." />
  if (failure) return <Failure title="The page could not be loaded" text={failure.message} retry />
  const page = currentPage.value
  if (!loaded || loaded.page !== page) return <PageSkeleton />
  return (
    <ErrorBoundary key={page.id}>
      <loaded.View key={visit.value} address={currentAddress.peek()} setAddress={setAddress} />
    </ErrorBoundary>
  )
}

function PageSkeleton() {
  return (
    <div class="page" aria-busy="true">
      <div class="skeleton" style={{ height: '48px', width: '320px' }} />
      <div class="skeleton" style={{ height: '52px' }} />
      <div class="skeleton" style={{ height: '520px' }} />
    </div>
  )
}

export function App() {
  return (
    <div class="shell">
      {/* biome-ignore lint/a11y/useValidAnchor: a link for the keyboard that must leave the state in the address alone */}
      <a class="skip-link" href="#main" onClick={skip}>
        Skip to the page
      </a>
      <Navigation />
      <main id="main" tabIndex={-1}>
        <PageHost />
      </main>
      <CommandPalette />
      <Toasts />
    </div>
  )
}

/** Moves the focus without touching the address, which holds the page's state. */
function skip(event: Event): void {
  event.preventDefault()
  document.getElementById('main')?.focus()
}
