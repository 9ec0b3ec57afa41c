/** What the Explain page and its worker say to each other. */
import type { LayerSpec } from '../../base/layer-spec.ts'
import type { SavedModel } from '../../base/saved-models.ts'
import type { Method, Question } from './setup.ts'

/** Where a network comes from. */
export type Source =
  | { readonly kind: 'digits' }
  | { readonly kind: 'saved'; readonly model: SavedModel }
  | { readonly kind: 'run'; readonly run: RunSource }
  /** A safetensors file of one of the library's small networks for grey pictures; which, is found out. */
  | { readonly kind: 'file'; readonly name: string; readonly weights: Uint8Array }

/** A run of the command line, or of the page Train images. */
export interface RunSource {
  readonly name: string
  /** A name of the library's networks, or layers one by one. */
  readonly model: string | readonly LayerSpec[]
  readonly inputShape: readonly number[]
  readonly classes: number
  readonly classNames?: readonly string[]
  readonly normalization?: {
    readonly scale?: number
    readonly mean?: number | readonly number[]
    readonly std?: number | readonly number[]
  }
  readonly data: string
  readonly seed: number
  /** A safetensors file. */
  readonly weights: Uint8Array
}

export interface NetworkInfo {
  readonly title: string
  /** Its name among the library's networks, where it has one. */
  readonly model?: string
  /** What it was trained on and how good it is, in words. */
  readonly note: string
  readonly inputShape: readonly [channels: number, height: number, width: number]
  readonly classNames: readonly string[]
  readonly parameters: number
  /** Its layers; Grad-CAM can look at those with more than one place. */
  readonly layers: readonly {
    readonly path: string
    readonly label: string
    readonly height: number
    readonly width: number
  }[]
  /** Pictures to ask about, bytes 0 to 255: `[count, channels, height, width]`. */
  readonly pictures: Uint8Array
  readonly labels: Uint8Array
  /** The class that the network says for each picture. */
  readonly answers: Uint16Array
  /** The colours of strengths from low to high, as CSS; those of signed numbers are the studio's own. */
  readonly strengthColours: readonly string[]
  /** Something to know about the pictures. */
  readonly warning?: string
}

/** How far training of the small network is. */
export interface Progress {
  readonly done: number
  readonly total: number
  readonly accuracy: number
}

/** Red, green, blue and opacity, row by row. */
export interface Pixels {
  readonly width: number
  readonly height: number
  readonly pixels: Uint8Array
}

/** A map with what the ends of its colours stand for. */
export interface MapData {
  /** One number for each place, row by row. */
  readonly map: Float32Array
  readonly width: number
  readonly height: number
  readonly signed: boolean
  readonly low: number
  readonly high: number
}

export interface Answer extends MapData {
  readonly method: Method
  /** The class that was asked about. */
  readonly target: number
  readonly score: number
  readonly overlay: Pixels
  readonly completeness?: { readonly sum: number; readonly expected: number; readonly error: number }
  /** Grad-CAM: the layer that was looked at and its size. */
  readonly layer?: { readonly name: string; readonly width: number; readonly height: number }
  readonly strongest: { readonly row: number; readonly column: number }
  readonly ms: number
}

/** A picture with what the network says of it. */
export interface Look {
  readonly picture: Pixels
  readonly probabilities: Float32Array
  /** Its class, where that is known. */
  readonly label?: number
}

/** The map of one method while the network loses its weights, from the last layer down. */
export interface SanityCheck {
  readonly method: Method
  readonly original: MapData
  readonly stages: readonly {
    readonly layer: string
    /** Rank correlation of magnitudes with the original. */
    readonly correlation: number
    /** The same with signs; for maps of strengths it is the same number. */
    readonly signedCorrelation: number
    readonly map: MapData
  }[]
  readonly passed: boolean
}

export interface ExplainEngine {
  /** Takes a network; a small one is trained on the spot where none is given. */
  open(source: Source): NetworkInfo
  progress(): Progress | undefined
  look(picture: number): Look
  explain(question: Question): Answer
  check(question: Question): SanityCheck
  /** Takes a person's own picture, cut and resized for the network. */
  setOwn(picture: Pixels): void
  /** The weights as a safetensors file. */
  weights(): Uint8Array
}
