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
    name: 'playground-dark',
    address:
      '/playground#dataset=spiral&classes=5&networkShape=8,8&optimizer=adam&learningRate=0.01&sinX=true&sinY=true',
    colorScheme: 'dark',
    waitMs: 9000,
  },
]
