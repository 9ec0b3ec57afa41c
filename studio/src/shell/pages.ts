/** The pages of the studio. A page is a folder in `pages/` with a `page.ts` that exports its definition; nothing else need be touched. */
import type { ComponentType } from 'preact'

export const groups = [
  { id: 'learn', title: 'Learn' },
  { id: 'train', title: 'Train' },
  { id: 'inspect', title: 'Inspect' },
  { id: 'runs', title: 'Runs' },
] as const

export type GroupId = (typeof groups)[number]['id']

/** What a page's component is given. */
export interface PageProps {
  /** The state in the address, without `#`. */
  readonly address: string
  /** Writes the state into the address; the browser's history keeps one entry a page. */
  readonly setAddress: (address: string) => void
}

export interface PageDefinition {
  /** Its path: `/<id>`. */
  readonly id: string
  readonly group: GroupId
  /** Its place within the group. */
  readonly order: number
  readonly title: string
  /** One sentence on what can be done here. */
  readonly summary: string
  /** Words that find it in the command palette. */
  readonly keywords: string
  /** The path of its icon on a 24 × 24 grid. */
  readonly icon: string
  readonly load: () => Promise<{ default: ComponentType<PageProps> }>
}

const found = import.meta.glob<{ default: PageDefinition }>('../pages/*/page.ts', { eager: true })

const place = (page: PageDefinition): number => groups.findIndex((group) => group.id === page.group) * 100 + page.order

export const pages: readonly PageDefinition[] = Object.values(found)
  .map((module) => module.default)
  .sort((a, b) => place(a) - place(b))
