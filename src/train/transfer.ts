/**
 * Transfer learning: a trained network gets a new last layer; the layers below stay as they are, are trained later, or more slowly.
 * Fed by networks with weights; `fit` trains what this prepares. Kept features make training the head alone a matter of seconds.
 * Source: Yosinski et al., "How transferable are features in deep neural networks?", arXiv:1411.1792; Howard and Ruder, "Universal
 * language model fine-tuning", arXiv:1801.06146 (gradual unfreezing, discriminative rates).
 */
import { at } from '../base/arrays.ts'
import { ArgumentError } from '../base/errors.ts'
import type { ArrayDataset } from '../data/array-dataset.ts'
import { type Explainable, isGraph, layerNames, unknownLayer } from '../explain/layers.ts'
import * as loss from '../loss/index.ts'
import type { AnyModule, Layer } from '../nn/index.ts'
import { Adam, type Optimizer } from '../optim/index.ts'
import type { Parameter } from '../tensor/index.ts'
import { fit as fitModel } from './fit.ts'
import { type CacheFeaturesOptions, cacheFeatures, extractor } from './transfer/feature-cache.ts'
import { type Headed, type HeadSource, withHead } from './transfer/head.ts'
import type { AnyDataset, Callback, FitOptions, FitResult, Network } from './types.ts'

export type { CacheFeaturesOptions, FeatureStore } from './transfer/feature-cache.ts'
export { featureLevels } from './transfer/head.ts'

export interface TransferOptions {
  /** The new last layer, how many outputs a linear one has, or a function that makes it for a number of features. */
  readonly head: HeadSource
  /** The layer that the head replaces. Default: the last linear layer; of an ONNX model the last one with weights. */
  readonly replace?: string
  /**
   * Layers whose channels, averaged over their places, the head sees besides what enters the last layer: what early layers find helps
   * where pictures look unlike those that the network learned from. Source: Evci et al., "Head2Toe", arXiv:2201.03529.
   */
  readonly levels?: readonly string[]
  /**
   * What learns nothing: all but the head (true, the default), nothing (false), or the layers with these paths and all below them.
   * Frozen layers stay in evaluation mode, so that the statistics of batch normalisation stay what they are.
   */
  readonly freeze?: boolean | readonly string[]
  /** From which epoch (from 1) which frozen layers learn after all: `{ 3: ['layer4'], 5: ['layer3'] }`. */
  readonly unfreezeAt?: Readonly<Record<number, readonly string[]>>
  /**
   * How the learning rate falls from the head down: a factor from each layer of the model to the one below it, or factors by path.
   * Default 1, the same rate everywhere.
   */
  readonly discriminativeRates?: number | Readonly<Record<string, number>>
  /** The shape of an input without batch axis: checks the head's size at once; needed to make a head for an ONNX model or for levels. */
  readonly inputShape?: readonly number[]
}

/** The groups of an optimizer: parameters with their learning rate. */
export interface RateGroup {
  readonly params: readonly Parameter[]
  readonly lr: number
}

export interface FitHeadOptions
  extends Pick<FitOptions, 'epochs' | 'batchSize' | 'seed' | 'callbacks' | 'signal' | 'schedule' | 'clip'>,
    CacheOptions {
  readonly train: AnyDataset
  readonly validation?: AnyDataset
  readonly test?: AnyDataset
  /** Default: cross-entropy. */
  readonly loss?: FitOptions['loss']
  /** Default: Adam with its own rate. */
  readonly optimizer?: (parameters: Parameter[]) => Optimizer
}

interface CacheOptions {
  /** How features are computed and kept; `key` gets the name of the part ('train', …) added. */
  readonly features?: CacheFeaturesOptions
}

/**
 * Prepares a trained network for another task. The network itself is changed: it has the new head afterwards.
 *
 * @throws ArgumentError for a head of the wrong size, an unknown layer, and an epoch or rate out of range.
 * @example
 * import { data, loss, models, optim, train } from 'cognitron'
 * const digits = data.syntheticDigits('train', { count: 40 })
 * const transfer = train.transfer(models.leNet5(), { head: 10, unfreezeAt: { 2: ['3'] }, discriminativeRates: 0.5 })
 * await transfer.fitHead({ train: digits, epochs: 1 }) // on features that are computed once
 * await train.fit(transfer.model, {
 *   train: digits, epochs: 2, loss: loss.crossEntropy,
 *   optimizer: new optim.Adam(transfer.parameterGroups(1e-3)), callbacks: [transfer.callback],
 * })
 * console.log(transfer.headPath) // 11
 */
export function transfer(model: Explainable, options: TransferOptions): Transfer {
  return new Transfer(model, options)
}

/**
 * A network with a new head, and what training it takes. Made by `transfer`.
 *
 * @example
 * import { nn, train, zeros } from 'cognitron'
 * const net = new nn.Sequential(new nn.Linear(4, 8), new nn.ReLU(), new nn.Linear(8, 10))
 * const moved: train.Transfer = train.transfer(net, { head: 2 })
 * console.log(moved.model.forward(zeros([1, 4])).shape) // [1, 2]
 */
export class Transfer {
  /** The network with its new head. */
  readonly model: Network
  readonly head: Layer
  /** Where the head stands in the model. */
  readonly headPath: string
  readonly #headed: Headed
  readonly #options: TransferOptions
  readonly #schedule: readonly (readonly [epoch: number, paths: readonly string[]])[]
  readonly #extract: ReturnType<typeof extractor>
  #frozen: ReadonlySet<Parameter> = new Set()

  constructor(model: Explainable, options: TransferOptions) {
    this.#options = options
    this.#schedule = scheduleOf(options.unfreezeAt ?? {})
    checkRates(options.discriminativeRates ?? 1)
    this.#headed = withHead(model, options)
    this.model = this.#headed.model
    this.head = this.#headed.head
    this.headPath = this.#headed.path
    this.#extract = extractor(this.#headed)
    const { freeze = true } = options
    for (const path of [...(Array.isArray(freeze) ? freeze : []), ...this.#schedule.flatMap(([, paths]) => paths)]) {
      this.#checkPath(path)
    }
    this.#apply(0)
  }

  /**
   * Keeps frozen layers in evaluation mode while `fit` trains, and lets layers learn from their epoch on. Give it to `fit`'s `callbacks`.
   */
  get callback(): Callback {
    return {
      name: 'transfer',
      onStart: (view) => this.#apply(view.epoch),
      afterEpoch: (view, record) => {
        this.model.train()
        this.#apply(record.epoch + 1)
        void view
      },
    }
  }

  /** For a loop of your own: sets modes and freezes as they are in `epoch` (from 1). Call it after `model.train()`. */
  prepareEpoch(epoch: number): void {
    this.#apply(epoch)
  }

  /** The keys of parameters that learn nothing now. */
  get frozenKeys(): string[] {
    return this.model.namedParameters().flatMap(([key, parameter]) => (this.#frozen.has(parameter) ? [key] : []))
  }

  /**
   * Groups for an optimizer: the head at `lr`, what lies below at the rates that `discriminativeRates` gives. Parameters that never learn
   * are left out.
   */
  parameterGroups(lr: number): RateGroup[] {
    const byRate = new Map<number, Parameter[]>()
    const rates = this.#rates()
    for (const [key, parameter] of this.model.namedParameters()) {
      if (this.#isFrozen(key, Number.POSITIVE_INFINITY)) continue
      const rate = lr * rates(key)
      byRate.set(rate, [...(byRate.get(rate) ?? []), parameter])
    }
    return [...byRate].sort(([a], [b]) => b - a).map(([rate, params]) => ({ params, lr: rate }))
  }

  /**
   * What the layers below the head make of a data set, in evaluation mode, with the targets: a data set to train the head on.
   *
   * @throws ArgumentError for a store without a key for data that are loaded on demand.
   */
  cacheFeatures(dataset: AnyDataset, options: CacheFeaturesOptions = {}): Promise<ArrayDataset> {
    return cacheFeatures(this.#headed, this.#extract, dataset, options)
  }

  /**
   * Trains the head alone on kept features: every picture passes the frozen layers once.
   *
   * @throws ArgumentError when the head gives fewer scores than there are classes, and as `fit`.
   */
  async fitHead(options: FitHeadOptions): Promise<FitResult> {
    const { train, validation, test, features = {}, optimizer, loss: wanted = loss.crossEntropy, ...rest } = options
    const cached = (part: string, dataset: AnyDataset): Promise<ArrayDataset> =>
      this.cacheFeatures(dataset, {
        ...features,
        ...(features.key === undefined ? {} : { key: `${features.key}-${part}` }),
      })
    const sets = {
      train: await cached('train', train),
      ...(validation ? { validation: await cached('validation', validation) } : {}),
      ...(test ? { test: await cached('test', test) } : {}),
    }
    const parameters = this.head.parameters()
    return fitModel(this.head, {
      ...rest,
      ...sets,
      loss: wanted,
      optimizer: optimizer?.(parameters) ?? new Adam(parameters),
    })
  }

  #checkPath(path: string): void {
    if (layerNames(this.model).includes(path) || this.model.namedState().has(path)) return
    throw unknownLayer(this.model, path)
  }

  /** Whether the parameter or module at `key` learns nothing in `epoch`. */
  #isFrozen(key: string, epoch: number): boolean {
    const { freeze = true } = this.#options
    const thawed = this.#schedule.flatMap(([from, paths]) => (from <= epoch ? paths : []))
    if (freeze === false || lies(key, [this.headPath]) || lies(key, thawed)) return false
    return freeze === true || lies(key, freeze)
  }

  #apply(epoch: number): void {
    const frozen = new Set<Parameter>()
    for (const [key, parameter] of this.model.namedParameters()) {
      const isFrozen = this.#isFrozen(key, Math.max(1, epoch))
      parameter.requiresGrad = !isFrozen
      if (isFrozen) frozen.add(parameter)
    }
    this.#frozen = frozen
    for (const [path, module] of this.model.namedModules()) {
      if (path !== '' && isLeaf(module) && this.#isFrozen(path, Math.max(1, epoch))) module.eval()
    }
  }

  /** The factor of the learning rate by key. */
  #rates(): (key: string) => number {
    const { discriminativeRates = 1 } = this.#options
    if (typeof discriminativeRates === 'object') {
      return (key) => Object.entries(discriminativeRates).find(([path]) => lies(key, [path]))?.[1] ?? 1
    }
    const stages = stagesOf(this.model)
    const last = stages.findLastIndex((path) => lies(this.headPath, [path]))
    return (key) => {
      if (lies(key, [this.headPath])) return 1
      const index = stages.findIndex((path) => lies(key, [path]))
      return index < 0 ? 1 : discriminativeRates ** Math.max(1, last - index)
    }
  }
}

function isLeaf(module: AnyModule): boolean {
  return module.children().length === 0
}

/** Whether `key` is one of `paths` or lies below one. */
function lies(key: string, paths: readonly string[]): boolean {
  return paths.some((path) => key === path || key.startsWith(`${path}.`))
}

/** The layers that discriminative rates tell apart, in order: what the model consists of, and what its containers consist of. */
function stagesOf(model: Network): string[] {
  if (isGraph(model)) return []
  const children = model.namedChildren()
  const weighty = children.filter(([, module]) => module.parameters().length > 0)
  if (weighty.length > 2) return children.map(([name]) => name)
  return children.flatMap(([name, module]) => {
    const inner = module.namedChildren()
    return inner.length === 0 ? [name] : inner.map(([part]) => `${name}.${part}`)
  })
}

function scheduleOf(unfreezeAt: Readonly<Record<number, readonly string[]>>): [number, readonly string[]][] {
  const entries = Object.entries(unfreezeAt).map(([epoch, paths]): [number, readonly string[]] => [
    Number(epoch),
    paths,
  ])
  const wrong = entries.find(([epoch]) => !Number.isInteger(epoch) || epoch < 1)
  if (wrong) throw new ArgumentError(`unfreezeAt takes epochs as whole numbers from 1, given ${at(wrong, 0)}.`)
  return entries
}

function checkRates(rates: number | Readonly<Record<string, number>>): void {
  const all = typeof rates === 'number' ? [rates] : Object.values(rates)
  const wrong = all.find((rate) => !(rate > 0 && rate <= 1))
  if (wrong !== undefined)
    throw new ArgumentError(`discriminative rates are factors above 0 and up to 1, given ${wrong}.`)
}
