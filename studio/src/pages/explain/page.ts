import type { PageDefinition } from '../../shell/pages.ts'

export default {
  id: 'explain',
  group: 'inspect',
  order: 1,
  title: 'Explain',
  summary:
    'Why does a network say what it says? Maps of the pixels that speak for a class, and checks whether such maps can be trusted.',
  keywords:
    'saliency gradient occlusion smoothgrad integrated gradients grad-cam heat map attribution sanity check interpretability',
  icon: 'M10.500 17a6.500 6.500 0 1 0 0-13 6.500 6.500 0 0 0 0 13M15.500 15.500 20 20M8 10.500h5M10.500 8v5',
  load: () => import('./view.tsx'),
} satisfies PageDefinition
