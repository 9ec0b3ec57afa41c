/** Which page is shown, from the path, and its state, from what follows `#`. */
import { computed, signal } from '@preact/signals'
import { pages } from './pages.ts'

interface Place {
  readonly path: string
  readonly address: string
}

function here(): Place {
  return { path: location.pathname.replace(/^\/|\/$/g, ''), address: location.hash.replace(/^#/, '') }
}

const place = signal<Place>(here())

/** Rises when the address was changed from outside the page (history, a typed link), so that the page reads it anew. */
export const visit = signal(0)

export const currentPage = computed(() =>
  place.value.path === '' ? pages[0] : pages.find((page) => page.id === place.value.path),
)
export const isUnknown = computed(() => place.value.path !== '' && !pages.some((page) => page.id === place.value.path))
export const currentAddress = computed(() => place.value.address)

function moved(): void {
  const next = here()
  if (next.path === place.value.path && next.address === place.value.address) return
  place.value = next
  visit.value += 1
}

addEventListener('popstate', moved)
addEventListener('hashchange', moved)

export function linkTo(page: string, address = ''): string {
  return `/${page}${address === '' ? '' : `#${address}`}`
}

export function goTo(page: string, address = ''): void {
  history.pushState(null, '', linkTo(page, address))
  moved()
  scrollTo(0, 0)
}

let waiting: ReturnType<typeof setTimeout> | undefined

/** Writes the state of the page that is shown; quick changes are gathered, as browsers limit how often this is done. */
export function setAddress(address: string): void {
  const page = currentPage.value
  if (!page) return
  place.value = { path: place.value.path, address }
  clearTimeout(waiting)
  waiting = setTimeout(() => {
    if (currentPage.value === page) history.replaceState(null, '', linkTo(page.id, address))
  }, 150)
}
