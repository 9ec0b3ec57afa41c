import type { PageDefinition } from '../../shell/pages.ts'

export default {
  id: 'convolution',
  group: 'learn',
  order: 3,
  title: 'Convolution',
  summary:
    'A small window slides over a picture, multiplies and adds. Change its numbers, stride, padding and dilation.',
  keywords: 'kernel filter sobel edge blur sharpen gaussian stride padding dilation pooling receptive field cnn',
  icon: 'M4 4h16v16H4zM4 9.300h16M4 14.700h16M9.300 4v16M14.700 4v16M9.300 9.300h5.400v5.400H9.300z',
  load: () => import('./view.tsx'),
} satisfies PageDefinition
