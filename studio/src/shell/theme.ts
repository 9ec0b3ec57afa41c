/** Light, dark or as the system has it; kept in this browser. Read by everything that paints on a canvas. */
import { computed, effect, signal } from '@preact/signals'
import type { Scheme } from '../base/colour.ts'

export const themeChoices = ['light', 'dark', 'system'] as const
export type ThemeChoice = (typeof themeChoices)[number]

const KEY = 'studio-theme'
const systemDark = matchMedia('(prefers-color-scheme: dark)')
const system = signal<Scheme>(systemDark.matches ? 'dark' : 'light')
systemDark.addEventListener('change', () => {
  system.value = systemDark.matches ? 'dark' : 'light'
})

function stored(): ThemeChoice {
  const value = localStorage.getItem(KEY)
  return themeChoices.find((choice) => choice === value) ?? 'system'
}

export const themeChoice = signal<ThemeChoice>(stored())

/** The theme in force. */
export const scheme = computed<Scheme>(() => (themeChoice.value === 'system' ? system.value : themeChoice.value))

effect(() => {
  document.documentElement.dataset.theme = scheme.value
  localStorage.setItem(KEY, themeChoice.value)
})

/** Whether the person asked for little motion. */
export const calm = matchMedia('(prefers-reduced-motion: reduce)').matches
