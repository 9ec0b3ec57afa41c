/** What the command palette offers: pages, themes and whatever the page that is shown adds. */
import { signal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { groups, pages } from './pages.ts'
import { goTo } from './router.ts'
import { themeChoice, themeChoices } from './theme.ts'

export interface Command {
  readonly label: string
  readonly group: string
  readonly keywords?: string
  readonly run: () => void
}

const pageCommands = signal<readonly Command[]>([])

/** Offers commands as long as the component is shown. */
export function useCommands(commands: readonly Command[]): void {
  useEffect(() => {
    pageCommands.value = commands
    return () => {
      pageCommands.value = []
    }
  }, [commands])
}

export function allCommands(): Command[] {
  const toPages = pages.map((page) => ({
    label: page.title,
    group: groups.find((group) => group.id === page.group)?.title ?? 'Page',
    keywords: `${page.keywords} ${page.summary}`,
    run: () => goTo(page.id),
  }))
  const themes = themeChoices.map((choice) => ({
    label: `Theme: ${choice}`,
    group: 'Look',
    run: () => {
      themeChoice.value = choice
    },
  }))
  return [...pageCommands.value, ...toPages, ...themes]
}

/** Commands that have every typed word, those with it in the label first. */
export function findCommands(query: string, commands: readonly Command[] = allCommands()): Command[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean)
  const inLabel = (command: Command): boolean => words.every((word) => command.label.toLowerCase().includes(word))
  const anywhere = ({ label, group, keywords }: Command): boolean => {
    const text = `${label} ${group} ${keywords ?? ''}`.toLowerCase()
    return words.every((word) => text.includes(word))
  }
  const found = commands.filter(anywhere)
  return [...found.filter(inLabel), ...found.filter((command) => !inLabel(command))]
}
