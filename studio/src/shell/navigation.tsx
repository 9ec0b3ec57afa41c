/** The navigation at the left: pages by group, the theme and the way to the command palette. */
import { signal } from '@preact/signals'
import { Button } from '../parts/controls.tsx'
import { Icon, type IconName } from '../parts/icon.tsx'
import { paletteOpen } from './command-palette.tsx'
import { groups, type PageDefinition, pages } from './pages.ts'
import { currentPage, goTo, linkTo } from './router.ts'
import { type ThemeChoice, themeChoice, themeChoices } from './theme.ts'

const open = signal(false)

const themeIcons: Readonly<Record<ThemeChoice, IconName>> = { light: 'sun', dark: 'moon', system: 'system' }

function Mark() {
  return (
    <svg viewBox="0 0 32 32" aria-hidden="true">
      <path d="M9 10.500 22 16" stroke="var(--negative)" stroke-width="1.800" />
      <path d="M9 21.500 22 16" stroke="var(--positive)" stroke-width="1.800" />
      <circle cx="9" cy="10.500" r="4" fill="var(--negative)" />
      <circle cx="9" cy="21.500" r="4" fill="var(--positive)" />
      <circle cx="22.500" cy="16" r="5" fill="var(--text)" />
    </svg>
  )
}

function PageLink({ page }: { page: PageDefinition }) {
  const here = currentPage.value === page
  return (
    <a
      class="nav-link"
      href={linkTo(page.id)}
      title={page.title}
      {...(here ? { 'aria-current': 'page' as const } : {})}
      onClick={(event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return
        event.preventDefault()
        open.value = false
        if (!here) goTo(page.id)
      }}
    >
      <Icon path={page.icon} />
      <span>{page.title}</span>
    </a>
  )
}

export function Navigation() {
  return (
    <>
      <header class="top-bar">
        <Button label="Pages" icon="menu" kind="quiet" onClick={() => (open.value = true)} />
        <strong>{currentPage.value?.title}</strong>
        <Button label="Find" icon="search" kind="quiet" iconOnly onClick={() => (paletteOpen.value = true)} />
      </header>
      {open.value && (
        <button type="button" class="scrim" aria-label="Close the list of pages" onClick={() => (open.value = false)} />
      )}
      <nav
        class={open.value ? 'nav open' : 'nav'}
        aria-label="Pages"
        onKeyDown={(event) => {
          if (event.key === 'Escape') open.value = false
        }}
      >
        <a
          class="brand"
          href="/"
          aria-label="Cognitron Studio"
          onClick={(event) => {
            event.preventDefault()
            open.value = false
            goTo(pages[0]?.id ?? '')
          }}
        >
          <Mark />
          <span>Cognitron</span>
        </a>
        {groups.map((group) => {
          const inGroup = pages.filter((page) => page.group === group.id)
          return (
            inGroup.length > 0 && (
              <section key={group.id} class="nav-group" aria-label={group.title}>
                <h2>{group.title}</h2>
                {inGroup.map((page) => (
                  <PageLink key={page.id} page={page} />
                ))}
              </section>
            )
          )
        })}
        <div class="nav-foot">
          <button type="button" class="button quiet" onClick={() => (paletteOpen.value = true)}>
            <Icon name="search" />
            <span class="label">Find</span>
            <span class="kbd" aria-hidden="true">
              Ctrl K
            </span>
          </button>
          <fieldset class="theme-choice">
            <legend class="visually-hidden">Theme</legend>
            {themeChoices.map((choice) => (
              <Button
                key={choice}
                label={`Theme: ${choice}`}
                icon={themeIcons[choice]}
                iconOnly
                pressed={themeChoice.value === choice}
                onClick={() => (themeChoice.value = choice)}
              />
            ))}
          </fieldset>
        </div>
      </nav>
    </>
  )
}
