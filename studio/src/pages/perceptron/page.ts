import type { PageDefinition } from '../../shell/pages.ts'

export default {
  id: 'perceptron',
  group: 'learn',
  order: 2,
  title: 'Perceptron',
  summary:
    'One neuron, four examples, one rule. See every update with its arithmetic, and why exclusive or never settles.',
  keywords: 'rosenblatt threshold and or nand xor linearly separable training rule truth table',
  icon: 'M3.500 6.500l7.500 4M3.500 17.500l7.500-4M18 12h3M14.500 15.500a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7',
  load: () => import('./view.tsx'),
} satisfies PageDefinition
