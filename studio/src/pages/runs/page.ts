import type { PageDefinition } from '../../shell/pages.ts'

export default {
  id: 'runs',
  group: 'runs',
  order: 1,
  title: 'Runs',
  summary:
    'Every training run of this machine: watch one while it learns, lay curves over each other, see which setting made the difference.',
  keywords: 'compare curves loss accuracy history metrics live tail baseline settings tensorboard',
  icon: 'M4 4.500v15h16M7.500 15l3.500-4.500 3 2.500 5-7M7.500 18.500h.100',
  load: () => import('./view.tsx'),
} satisfies PageDefinition
