/** An examination of a model and its data before (or after) training: the debugging kit of the lectures as functions. */
import type { Optimizer } from '../../optim/optimizer.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import type { AnyDataset, Network } from '../types.ts'
import { checkDuplicates, checkInputScale, checkLabelBalance } from './data-checks.ts'
import type { Finding } from './finding.ts'
import { checkDeadUnits, checkGradientFlow, checkSaturation, checkUpdateRatio } from './layer-checks.ts'
import { checkGradients, checkInitialLoss, checkOverfit } from './loss-checks.ts'
import { type TrialOptions, takeBatch } from './trial.ts'

export { checkDuplicates, checkInputScale, checkLabelBalance } from './data-checks.ts'
export type { Finding, FindingStatus } from './finding.ts'
export { checkDeadUnits, checkGradientFlow, checkSaturation, checkUpdateRatio } from './layer-checks.ts'
export { checkGradients, checkInitialLoss, checkOverfit } from './loss-checks.ts'
export { type Trial, type TrialOptions, takeBatch } from './trial.ts'

export interface DoctorOptions<Output = Tensor> extends TrialOptions<Output> {
  /** Whether test samples stand in the training set, too. */
  readonly test?: AnyDataset
  /** Whether its steps are of a sensible size. */
  readonly optimizer?: Optimizer
  /** The model has learned already, so its loss is not that of chance. */
  readonly trained?: boolean
  /** Called with each finding as it is made. */
  readonly onFinding?: (finding: Finding) => void
}

/**
 * Examines a model and its data; changes neither. The findings come in the order in which a person would look.
 *
 * @throws ArgumentError for an empty training set or labels that do not fit the network.
 * @example
 * import { data, loss, models, train } from 'cognitron'
 * const findings = await train.doctor.examineTraining(models.mlp([2, 8, 2]), {
 *   train: data.toys.circle({ count: 64, seed: 1, target: 'class' }),
 *   loss: loss.crossEntropy,
 * })
 * for (const { check, status } of findings) console.log(status, check)
 */
export async function examineTraining<Output = Tensor>(
  model: Network<Output>,
  options: DoctorOptions<Output>,
): Promise<Finding[]> {
  const { train, test, optimizer, trained = false, onFinding } = options
  const trial = await takeBatch(model, options)
  const checks: (() => Finding | Promise<Finding>)[] = [
    () => checkLabelBalance(train),
    () => checkInputScale(train),
    ...(test ? [() => checkDuplicates(train, test)] : []),
    ...(trained ? [] : [() => checkInitialLoss(trial)]),
    () => checkGradients(trial),
    () => checkGradientFlow(trial),
    () => checkDeadUnits(trial),
    () => checkSaturation(trial),
    ...(optimizer ? [() => checkUpdateRatio(trial, optimizer)] : []),
    () => checkOverfit(trial),
  ]
  const findings: Finding[] = []
  for (const check of checks) {
    const finding = await check()
    findings.push(finding)
    onFinding?.(finding)
  }
  return findings
}
