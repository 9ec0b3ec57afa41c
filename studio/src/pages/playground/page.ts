import type { PageDefinition } from '../../shell/pages.ts'

export default {
  id: 'playground',
  group: 'learn',
  order: 1,
  title: 'Playground',
  summary: 'A small network learns in front of you. Change anything while it does.',
  keywords: 'neural network tensorflow playground circle spiral xor hidden layer activation',
  icon: 'M6 8.500a2 2 0 1 0 0-4 2 2 0 0 0 0 4M6 19.500a2 2 0 1 0 0-4 2 2 0 0 0 0 4M18 14a2 2 0 1 0 0-4 2 2 0 0 0 0 4M8 7.300l8 3.800M8 16.700l8-3.800',
  load: () => import('./view.tsx'),
} satisfies PageDefinition
