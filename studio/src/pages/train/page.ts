import type { PageDefinition } from '../../shell/pages.ts'

export default {
  id: 'train',
  group: 'train',
  order: 1,
  title: 'Train images',
  summary: 'Build a network layer by layer, let it learn pictures, and see what it looks for and where it errs.',
  keywords: 'cnn convolution digits mnist idx folder images layers filters feature maps confusion matrix mistakes',
  icon: 'M4 5h11v11H4zM8 19.500h11.500V8M7 13l3-3 2 2 1.500-1.500L15 12',
  load: () => import('./view.tsx'),
} satisfies PageDefinition
