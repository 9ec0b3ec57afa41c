/**
 * Trained image classifiers kept in this browser (IndexedDB), so that one page trains them and another looks inside. Nothing leaves the
 * machine. The network is rebuilt from its layers by `engine/build-network.ts`.
 */
import type { LayerSpec } from './layer-spec.ts'

/** Some pictures to try a network on, as bytes 0 to 255. */
export interface SavedPictures {
  /** `[count, channels, height, width]` */
  readonly values: Uint8Array
  readonly labels: Uint8Array
}

export interface SavedModel {
  readonly name: string
  /** In ms since 1970; set by `saveModel`. */
  readonly savedMs: number
  /** All layers, the one that gives the scores included. */
  readonly layers: readonly LayerSpec[]
  /** Channels, height, width. Inputs are pixels / 255. */
  readonly inputShape: readonly [channels: number, height: number, width: number]
  readonly classNames: readonly string[]
  /** A safetensors file with PyTorch's keys: `0.weight`, `0.bias`, … */
  readonly weights: Uint8Array
  /** Of the test pictures, 0 to 1. */
  readonly accuracy: number
  /** What it was trained on, in words. */
  readonly data: string
  /** Test pictures. */
  readonly pictures: SavedPictures
}

/** What the list shows; weights and pictures stay where they are. */
export type SavedModelEntry = Pick<SavedModel, 'name' | 'savedMs' | 'accuracy' | 'data'>

const DATABASE = 'cognitron-studio'
const MODELS = 'models'

function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(storageError(request.error))
  })
}

function storageError(cause: DOMException | null): Error {
  const full = cause?.name === 'QuotaExceededError'
  const text = full ? 'This browser has no room left; delete a saved model.' : 'This browser keeps nothing here'
  return new Error(full ? text : `${text}: ${cause?.message ?? 'no reason given'}.`)
}

async function inStore<T>(mode: IDBTransactionMode, work: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const opening = indexedDB.open(DATABASE, 1)
  opening.onupgradeneeded = () => opening.result.createObjectStore(MODELS, { keyPath: 'name' })
  const database = await done(opening)
  try {
    return await done(work(database.transaction(MODELS, mode).objectStore(MODELS)))
  } finally {
    database.close()
  }
}

/** Keeps a model under its name, in place of one of the same name. */
export async function saveModel(model: Omit<SavedModel, 'savedMs'>): Promise<void> {
  await inStore('readwrite', (store) => store.put({ ...model, savedMs: Date.now() }))
}

/** What is kept, newest first. */
export async function listModels(): Promise<SavedModelEntry[]> {
  const models = await inStore<SavedModel[]>('readonly', (store) => store.getAll())
  return models
    .map(({ name, savedMs, accuracy, data }) => ({ name, savedMs, accuracy, data }))
    .sort((a, b) => b.savedMs - a.savedMs)
}

export async function loadModel(name: string): Promise<SavedModel | undefined> {
  return inStore<SavedModel | undefined>('readonly', (store) => store.get(name))
}

export async function deleteModel(name: string): Promise<void> {
  await inStore('readwrite', (store) => store.delete(name))
}
