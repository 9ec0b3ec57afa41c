/** What things are called on the page. */
import type { LayerKind, LayerSpec } from '../../base/layer-spec.ts'
import type { Option } from '../../parts/controls.tsx'
import type { AugmentationName, OptimizerName } from './setup.ts'

export const layerTitles: Readonly<Record<LayerKind, string>> = {
  conv: 'Convolution',
  maxPool: 'Max pooling',
  avgPool: 'Average pooling',
  linear: 'Dense',
  dropout: 'Dropout',
  relu: 'ReLU',
  leakyRelu: 'Leaky ReLU',
  gelu: 'GELU',
  tanh: 'tanh',
  sigmoid: 'Sigmoid',
  batchNorm: 'Batch norm',
  globalPool: 'Global average',
  flatten: 'Flatten',
}

export const layerGroups: readonly { readonly title: string; readonly kinds: readonly LayerKind[] }[] = [
  { title: 'Layers with weights', kinds: ['conv', 'linear', 'batchNorm'] },
  { title: 'Activations', kinds: ['relu', 'leakyRelu', 'gelu', 'tanh', 'sigmoid'] },
  { title: 'Smaller maps', kinds: ['maxPool', 'avgPool', 'globalPool', 'flatten'] },
  { title: 'Against overfitting', kinds: ['dropout'] },
]

/** `Convolution 16 of 3 × 3` */
export function layerText(layer: LayerSpec): string {
  const title = layerTitles[layer.kind]
  if (layer.kind === 'conv') return `${title} ${layer.channels} of ${layer.size} × ${layer.size}`
  if (layer.kind === 'maxPool' || layer.kind === 'avgPool') return `${title} of ${layer.size} × ${layer.size}`
  if (layer.kind === 'linear') return `${title} ${layer.units}`
  return layer.kind === 'dropout' ? `${title} ${Math.round(100 * layer.rate)} %` : title
}

export const optimizerOptions: readonly Option<OptimizerName>[] = [
  { value: 'adam', label: 'Adam' },
  { value: 'adamw', label: 'AdamW' },
  { value: 'sgd', label: 'SGD' },
  { value: 'momentum', label: 'SGD with momentum 0.9' },
  { value: 'rmsprop', label: 'RMSprop' },
]

export const augmentationOptions: readonly Option<AugmentationName>[] = [
  { value: 'none', label: 'As they are' },
  { value: 'shift', label: 'Shifted a little' },
  { value: 'turn', label: 'Turned and shifted' },
  { value: 'flip', label: 'Mirrored and shifted' },
]
