/** Ready-made networks. */
export { FashionSimpleNet, type FashionSimpleNetOptions } from './fashion-simple-net.ts'
export { leNet5 } from './lenet5.ts'
export { type ActivationName, activationLayer, type MlpOptions, mlp } from './mlp.ts'
