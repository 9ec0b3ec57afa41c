/**
 * Fashion-MNIST: 70,000 grey pictures of clothes, 28 × 28, in ten classes.
 * Source: Xiao, Rasul, Vollgraf, "Fashion-MNIST: a novel image dataset for benchmarking machine learning algorithms",
 * arXiv:1708.07747. Licence: MIT, (c) 2017 Zalando SE.
 */
import { archiveEntry } from './idx-archive.ts'

export const fashionMnist = archiveEntry({
  description: 'pictures of clothes, 28 × 28 grey (Zalando)',
  classNames: [
    'T-shirt/top',
    'Trouser',
    'Pullover',
    'Dress',
    'Coat',
    'Sandal',
    'Shirt',
    'Sneaker',
    'Bag',
    'Ankle boot',
  ],
  licence: 'MIT',
  collection: {
    name: 'fashion-mnist',
    baseUrls: ['http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/'],
    files: [
      {
        name: 'train-images-idx3-ubyte.gz',
        byteLength: 26_421_880,
        sha256: '3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84',
      },
      {
        name: 'train-labels-idx1-ubyte.gz',
        byteLength: 29_515,
        sha256: 'a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845',
      },
      {
        name: 't10k-images-idx3-ubyte.gz',
        byteLength: 4_422_102,
        sha256: '346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073',
      },
      {
        name: 't10k-labels-idx1-ubyte.gz',
        byteLength: 5_148,
        sha256: '67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5',
      },
    ],
  },
})
