/** The pictures of the README: which page, in which state. */
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
