/** The interpreter's rule for every primitive; a primitive without one does not compile. */
import { contractionRules } from './contraction.ts'
import { elementwiseRules } from './elementwise.ts'
import { leafRules } from './leaves.ts'
import { movementRules } from './movement.ts'
import { reductionRules } from './reduction.ts'
import type { RuleTable } from './rule.ts'
import { windowRules } from './window.ts'

export const rules: RuleTable = {
  ...leafRules,
  ...elementwiseRules,
  ...reductionRules,
  ...movementRules,
  ...contractionRules,
  ...windowRules,
}
