import type { PageDefinition } from '../../shell/pages.ts'

export default {
  id: 'perceptron',
  group: 'learn',
  order: 2,
  title: 'Perceptron',
  summary:
    'One neuron, four examples, one rule. See every update with its arithmetic, and why exclusive or never settles.',
  keywords: 'rosenblatt threshold and or nand xor linearly separable training rule truth table',
  icon: 'M4 7h6M4 17h6M14 12h6M10 7l4 5-4 5M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8',
  load: () => import('./view.tsx'),
} satisfies PageDefinition
