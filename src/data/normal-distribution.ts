/**
 * The normal distribution in double precision: cumulative probability and its inverse. Used by the quantile scaler and by
 * generated noise. Sources: W. J. Cody, "Rational Chebyshev approximation for the error function", Math. Comp. 23 (1969), whose
 * role is played here by a Taylor series and a continued fraction; M. J. Wichura, algorithm AS 241, Applied Statistics 37 (1988).
 */

/** Φ(x), the probability that a standard normal number is at most `x`; relative error below 1e-13. */
export function normalCdf(x: number): number {
  if (Number.isNaN(x)) return Number.NaN
  const tail = upperTail(Math.abs(x))
  return x > 0 ? 1 - tail : tail
}

/** 1 − Φ(x) for x ≥ 0. */
function upperTail(x: number): number {
  if (x > 39) return 0
  const density = Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI)
  if (x < 3) {
    // Φ(x) = ½ + φ(x) · (x + x³/3 + x⁵/(3·5) + …)
    let term = x
    let sum = x
    for (let n = 3; term > sum * 1e-17; n += 2) {
      term *= (x * x) / n
      sum += term
    }
    return 0.5 - density * sum
  }
  // 1 − Φ(x) = φ(x) / (x + 1/(x + 2/(x + 3/(x + …))))
  let fraction = x
  for (let n = 120; n >= 1; n--) fraction = x + n / fraction
  return density / fraction
}

const CENTRE_NUMERATOR = [
  3.387132872796366608, 1.3314166789178437745e2, 1.9715909503065514427e3, 1.3731693765509461125e4,
  4.5921953931549871457e4, 6.7265770927008700853e4, 3.3430575583588128105e4, 2.5090809287301226727e3,
]
const CENTRE_DENOMINATOR = [
  1, 4.2313330701600911252e1, 6.871870074920579083e2, 5.3941960214247511077e3, 2.1213794301586595867e4,
  3.930789580009271061e4, 2.8729085735721942674e4, 5.226495278852545925e3,
]
const MIDDLE_NUMERATOR = [
  1.42343711074968357734, 4.6303378461565452959, 5.7694972214606914055, 3.64784832476320460504, 1.27045825245236838258,
  2.4178072517745061177e-1, 2.27238449892691845833e-2, 7.7454501427834140764e-4,
]
const MIDDLE_DENOMINATOR = [
  1, 2.05319162663775882187, 1.6763848301838038494, 6.8976733498510000455e-1, 1.4810397642748007459e-1,
  1.51986665636164571966e-2, 5.475938084995344946e-4, 1.05075007164441684324e-9,
]
const TAIL_NUMERATOR = [
  6.6579046435011037772, 5.4637849111641143699, 1.7848265399172913358, 2.9656057182850489123e-1,
  2.6532189526576123093e-2, 1.2426609473880784386e-3, 2.71155556874348757815e-5, 2.01033439929228813265e-7,
]
const TAIL_DENOMINATOR = [
  1, 5.9983220655588793769e-1, 1.3692988092273580531e-1, 1.48753612908506148525e-2, 7.868691311456132591e-4,
  1.8463183175100546818e-5, 1.4215117583164458887e-7, 2.04426310338993978564e-15,
]

/** Φ⁻¹(p) for p in [0, 1], with ∓∞ at the ends; relative error about 1e-16. */
export function normalQuantile(p: number): number {
  if (!(p >= 0 && p <= 1)) return Number.NaN
  if (p === 0) return Number.NEGATIVE_INFINITY
  if (p === 1) return Number.POSITIVE_INFINITY
  const centred = p - 0.5
  if (Math.abs(centred) <= 0.425) {
    const r = 0.180625 - centred * centred
    return (centred * polynomial(CENTRE_NUMERATOR, r)) / polynomial(CENTRE_DENOMINATOR, r)
  }
  const r = Math.sqrt(-Math.log(centred < 0 ? p : 1 - p))
  const size =
    r <= 5
      ? polynomial(MIDDLE_NUMERATOR, r - 1.6) / polynomial(MIDDLE_DENOMINATOR, r - 1.6)
      : polynomial(TAIL_NUMERATOR, r - 5) / polynomial(TAIL_DENOMINATOR, r - 5)
  return centred < 0 ? -size : size
}

function polynomial(coefficients: readonly number[], x: number): number {
  return coefficients.reduceRight((sum, coefficient) => sum * x + coefficient, 0)
}
