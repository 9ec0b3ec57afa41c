/** Seeded augmentations of pictures, image kernels and mix-up. */
export {
  type ColourJitterOptions,
  colourJitter,
  gaussianBlur,
  gaussianNoise,
  normalizePicture,
  sobel,
} from './colour.ts'
export { type AugmentPairOptions, augment, augmentPair, type MixUpOptions, mixUp, sometimes } from './compose.ts'
export {
  type CutOutOptions,
  cutOut,
  flipHorizontal,
  flipVertical,
  type RandomResizedCropOptions,
  randomCrop,
  randomResizedCrop,
  rotate,
  type ShiftOptions,
  shift,
} from './geometry.ts'
export { type Border, filterPicture, imageKernels, type Kernel, type KernelName } from './kernels.ts'
export { type Augmentation, type Picture, type PixelMap, warp } from './picture.ts'
