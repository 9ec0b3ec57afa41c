/**
 * Formulas in x and y: read from text, computed with numbers for the map, with tensors for the race (`engine/`), and written as a
 * program. Knows + − * / ^, brackets, numbers, π, e and a few functions; ^ binds to the right and before a sign, as in mathematics.
 */

export type FunctionName = 'sin' | 'cos' | 'tanh' | 'exp' | 'log' | 'sqrt' | 'abs'

export type Formula =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'variable'; readonly name: 'x' | 'y' }
  | { readonly kind: 'negative'; readonly of: Formula }
  | { readonly kind: 'call'; readonly name: FunctionName; readonly of: Formula }
  | {
      readonly kind: 'binary'
      readonly operator: '+' | '-' | '*' | '/' | '^'
      readonly left: Formula
      readonly right: Formula
    }

/** A text that is no formula; the message says where and what was expected. */
export class FormulaError extends Error {
  override name = 'FormulaError'
}

export const functions: Readonly<Record<FunctionName, (value: number) => number>> = {
  sin: Math.sin,
  cos: Math.cos,
  tanh: Math.tanh,
  exp: Math.exp,
  log: Math.log,
  sqrt: Math.sqrt,
  abs: Math.abs,
}

const constants: Readonly<Record<string, number>> = { pi: Math.PI, π: Math.PI, e: Math.E }

const tokenPattern = /\s*(?:(\d+(?:\.\d*)?(?:e[+-]?\d+)?|\.\d+)|([a-zπ]+)|([-+*/^()·×−²³]))/iy

interface Token {
  readonly text: string
  readonly at: number
}

function tokensOf(text: string): Token[] {
  const tokens: Token[] = []
  tokenPattern.lastIndex = 0
  while (tokenPattern.lastIndex < text.trimEnd().length) {
    const at = tokenPattern.lastIndex
    const found = tokenPattern.exec(text)
    if (!found) throw new FormulaError(`“${text.slice(at).trim().charAt(0)}” cannot stand in a formula.`)
    const same: Readonly<Record<string, string>> = { '·': '*', '×': '*', '−': '-' }
    const own = found[0].trim()
    if (own === '²' || own === '³') tokens.push({ text: '^', at }, { text: own === '²' ? '2' : '3', at })
    else tokens.push({ text: same[own] ?? own, at })
  }
  return tokens
}

/** Reads a formula. Throws FormulaError. */
export function parseFormula(text: string): Formula {
  if (text.trim() === '') throw new FormulaError('Type a formula in x and y, such as x^2 + 3*y^2.')
  const reader = new Reader(tokensOf(text))
  const formula = reader.sum()
  reader.end()
  return formula
}

class Reader {
  readonly #tokens: readonly Token[]
  #next = 0

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens
  }

  end(): void {
    const rest = this.#tokens[this.#next]
    if (rest)
      throw new FormulaError(`“${rest.text}” was not expected here; is an operator such as * missing before it?`)
  }

  sum(): Formula {
    let left = this.#term()
    for (let operator = this.#take('+', '-'); operator; operator = this.#take('+', '-')) {
      left = { kind: 'binary', operator, left, right: this.#term() }
    }
    return left
  }

  #term(): Formula {
    let left = this.#signed()
    for (let operator = this.#take('*', '/'); operator; operator = this.#take('*', '/')) {
      left = { kind: 'binary', operator, left, right: this.#signed() }
    }
    return left
  }

  #signed(): Formula {
    const sign = this.#take('+', '-')
    if (!sign) return this.#power()
    return sign === '-' ? { kind: 'negative', of: this.#signed() } : this.#signed()
  }

  #power(): Formula {
    const left = this.#atom()
    return this.#take('^') ? { kind: 'binary', operator: '^', left, right: this.#signed() } : left
  }

  #atom(): Formula {
    const token = this.#tokens[this.#next]
    if (!token) throw new FormulaError('The formula ends too early; a number, x, y or a bracket is missing.')
    this.#next += 1
    if (/^[\d.]/.test(token.text)) return { kind: 'number', value: Number(token.text) }
    if (token.text === '(') return this.#closed()
    const name = token.text.toLowerCase()
    if (name === 'x' || name === 'y') return { kind: 'variable', name }
    const constant = constants[name]
    if (constant !== undefined) return { kind: 'number', value: constant }
    if (Object.hasOwn(functions, name)) {
      if (!this.#take('(')) throw new FormulaError(`“${name}” needs a bracket after it: ${name}(x).`)
      return { kind: 'call', name: name as FunctionName, of: this.#closed() }
    }
    const known = Object.keys(functions).join(', ')
    throw new FormulaError(
      /^[a-zπ]/i.test(name)
        ? `“${token.text}” is unknown; there are x, y, pi, e and ${known}.`
        : `“${token.text}” was not expected here.`,
    )
  }

  #closed(): Formula {
    const inner = this.sum()
    if (!this.#take(')')) throw new FormulaError('A closing bracket is missing.')
    return inner
  }

  #take<const Word extends string>(...words: readonly Word[]): Word | undefined {
    const found = words.find((word) => word === this.#tokens[this.#next]?.text)
    if (found !== undefined) this.#next += 1
    return found
  }
}

/** What a formula is made of, for each way to compute it. */
export interface Arithmetic<T> {
  number(value: number): T
  negative(value: T): T
  binary(operator: '+' | '-' | '*' | '/', left: T, right: T): T
  /** A whole exponent from 2 to 4 comes as a number. */
  power(base: T, exponent: T | number): T
  call(name: FunctionName, value: T): T
}

export function evaluate<T>(formula: Formula, x: T, y: T, arithmetic: Arithmetic<T>): T {
  const value = (part: Formula): T => evaluate(part, x, y, arithmetic)
  switch (formula.kind) {
    case 'number':
      return arithmetic.number(formula.value)
    case 'variable':
      return formula.name === 'x' ? x : y
    case 'negative':
      return arithmetic.negative(value(formula.of))
    case 'call':
      return arithmetic.call(formula.name, value(formula.of))
    case 'binary': {
      const { operator, left, right } = formula
      if (operator !== '^') return arithmetic.binary(operator, value(left), value(right))
      const isSmall = right.kind === 'number' && [2, 3, 4].includes(right.value)
      return arithmetic.power(value(left), isSmall ? right.value : value(right))
    }
  }
}

export const plainNumbers: Arithmetic<number> = {
  number: (value) => value,
  negative: (value) => -value,
  binary: (operator, left, right) => {
    if (operator === '+') return left + right
    if (operator === '-') return left - right
    return operator === '*' ? left * right : left / right
  },
  power: (base, exponent) => base ** exponent,
  call: (name, value) => functions[name](value),
}

export function valueAt(formula: Formula, x: number, y: number): number {
  return evaluate(formula, x, y, plainNumbers)
}

/** A part of a program and whether it is a tensor there. */
interface Code {
  readonly text: string
  readonly isTensor: boolean
}

const methods = { '+': 'add', '-': 'sub', '*': 'mul', '/': 'div' } as const

const programText: Arithmetic<Code> = {
  number: (value) => ({ text: String(value), isTensor: false }),
  negative: ({ text, isTensor }) => ({ text: isTensor ? `${text}.neg()` : `-(${text})`, isTensor }),
  binary(operator, left, right) {
    if (!left.isTensor && !right.isTensor) return { text: `(${left.text} ${operator} ${right.text})`, isTensor: false }
    // A sum and a product may begin with the tensor; other operations need one made of the number.
    if (!left.isTensor && (operator === '+' || operator === '*')) return programText.binary(operator, right, left)
    const base = left.isTensor ? left.text : `tensor(${left.text})`
    return { text: `${base}.${methods[operator]}(${right.text})`, isTensor: true }
  },
  power(base, exponent) {
    if (typeof exponent === 'number') {
      return {
        text: base.isTensor ? `${base.text}.pow(${exponent})` : `${base.text} ** ${exponent}`,
        isTensor: base.isTensor,
      }
    }
    if (!base.isTensor && !exponent.isTensor) return { text: `(${base.text} ** ${exponent.text})`, isTensor: false }
    return { text: `${base.isTensor ? base.text : `tensor(${base.text})`}.pow(${exponent.text})`, isTensor: true }
  },
  call: (name, { text, isTensor }) => ({ text: isTensor ? `${text}.${name}()` : `Math.${name}(${text})`, isTensor }),
}

/** The formula as an expression of tensors `x` and `y`. */
export function formulaCode(formula: Formula): string {
  const { text, isTensor } = evaluate(
    formula,
    { text: 'x', isTensor: true },
    { text: 'y', isTensor: true },
    programText,
  )
  return isTensor ? text : `x.mul(0).add(${text})`
}
