/** What pictures are made of: further views of pages, and the pictures of the README. */
interface Picture {
  readonly name: string
  readonly address: string
  readonly colorScheme: 'light' | 'dark'
  readonly waitMs: number
}

export const pictures: readonly Picture[] = [
  {
    name: 'playground',
    address: '/playground#dataset=spiral&networkShape=8,8&seed=2&sinX=true&sinY=true',
    colorScheme: 'light',
    waitMs: 9000,
  },
  {
    name: 'convolution',
    address: '/convolution#kernel=sobelX&row=12&column=8',
    colorScheme: 'dark',
    waitMs: 300,
  },
]

/** Views of a page beyond the one that it opens with, and how long they take to fill. */
export interface View {
  readonly name: string
  readonly address: string
  readonly waitMs: number
}

export const furtherViews: Readonly<Record<string, readonly View[]>> = {
  train: [
    { name: 'inside', address: 'tab=inside', waitMs: 6000 },
    { name: 'mistakes', address: 'tab=judgement&count=2000&epochs=2', waitMs: 5000 },
    { name: 'pictures', address: 'tab=data&augment=turn', waitMs: 2500 },
    { name: 'empty', address: 'data=own', waitMs: 500 },
    { name: 'broken', address: 'layers=conv8x5,relu,dense20,relu', waitMs: 1500 },
    { name: 'diverged', address: 'count=500&layers=conv8x5,conv8x5,flatten&optimizer=momentum&rate=10', waitMs: 4000 },
  ],
  playground: [
    {
      name: 'split',
      address: 'dataset=spiral&speed=6&b=dataset%3Dspiral%26speed%3D6%26networkShape%3D8,8%26sinX%3Dtrue%26sinY%3Dtrue',
      waitMs: 5000,
    },
  ],
  runs: [
    { name: 'differences', address: 'tab=differences', waitMs: 800 },
    { name: 'smooth', address: 'logY=true&smoothing=0.8&charts=loss,accuracy,lr,samplesPerSecond', waitMs: 800 },
    { name: 'none-chosen', address: 'runs=none', waitMs: 500 },
  ],
  explain: [
    { name: 'methods', address: 'tab=methods&picture=8', waitMs: 1500 },
    { name: 'check', address: 'tab=check&method=gradient-x-input', waitMs: 1500 },
    { name: 'grad-cam', address: 'method=grad-cam&picture=2', waitMs: 800 },
    { name: 'gone', address: 'network=saved:gone', waitMs: 500 },
  ],
  race: [
    { name: 'saddle', address: 'landscape=saddle&step=60', waitMs: 800 },
    { name: 'thrown-out', address: 'racers=sgd,momentum&rates=3,3,3,3,3,3,3,3&step=200', waitMs: 800 },
  ],
}
