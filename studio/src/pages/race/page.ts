import type { PageDefinition } from '../../shell/pages.ts'

export default {
  id: 'race',
  group: 'learn',
  order: 4,
  title: 'Optimizer race',
  summary:
    'Eight optimizers run downhill from the same place. Choose the landscape, the start and their rates, and see who wins.',
  keywords:
    'sgd momentum nesterov adagrad rmsprop adadelta adam adamw learning rate landscape rosenbrock beale saddle valley',
  icon: 'M5 20V4.500M5 5h13.500l-3 3.700 3 3.800H5M9 16.500h3M15 16.500h3M12 19.500h3',
  load: () => import('./view.tsx'),
} satisfies PageDefinition
