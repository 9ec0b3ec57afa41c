/**
 * MNIST: 70,000 grey pictures of handwritten digits, 28 × 28.
 * Source: LeCun, Bottou, Bengio, Haffner, "Gradient-based learning applied to document recognition", Proc. IEEE 86(11), 1998.
 * Licence: CC BY-SA 3.0, Yann LeCun and Corinna Cortes.
 */
import { archiveEntry } from './idx-archive.ts'

export const mnist = archiveEntry({
  description: 'handwritten digits, 28 × 28 grey (LeCun, Cortes)',
  classNames: ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'],
  licence: 'CC BY-SA 3.0',
  collection: {
    name: 'mnist',
    baseUrls: ['https://ossci-datasets.s3.amazonaws.com/mnist/'],
    files: [
      {
        name: 'train-images-idx3-ubyte.gz',
        byteLength: 9_912_422,
        sha256: '440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609',
      },
      {
        name: 'train-labels-idx1-ubyte.gz',
        byteLength: 28_881,
        sha256: '3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c',
      },
      {
        name: 't10k-images-idx3-ubyte.gz',
        byteLength: 1_648_877,
        sha256: '8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6',
      },
      {
        name: 't10k-labels-idx1-ubyte.gz',
        byteLength: 4_542,
        sha256: 'f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6',
      },
    ],
  },
})
