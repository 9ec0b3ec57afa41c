/** The losses of ONNX on class numbers; labels that are ignored add nothing and do not count in the mean. */
import { type CrossEntropyOptions, crossEntropy, nll } from '../../../loss/cross-entropy.ts'
import { logSoftmax } from '../../../tensor/functional.ts'
import type { Tensor } from '../../../tensor/index.ts'
import { type OperatorCall, type OperatorTable, rule } from '../operator.ts'

function optionsOf(call: OperatorCall): CrossEntropyOptions {
  const reduction = call.text('reduction', 'mean')
  const weight = call.optional(2)
  return {
    reduction: reduction === 'none' || reduction === 'sum' ? reduction : 'mean',
    ...(weight ? { weight } : {}),
    ...(call.has('ignore_index') ? { ignoreIndex: call.int('ignore_index', 0) } : {}),
  }
}

function softmaxCrossEntropy(call: OperatorCall): (Tensor | undefined)[] {
  const [scores, labels] = [call.input(0), call.input(1)]
  const value = crossEntropy(scores, labels, optionsOf(call))
  return [value, call.wants(1) ? logSoftmax(scores, 1) : undefined]
}

export const losses: OperatorTable = {
  SoftmaxCrossEntropyLoss: rule(softmaxCrossEntropy),
  NegativeLogLikelihoodLoss: rule((call) => nll(call.input(0), call.input(1), optionsOf(call))),
}
