/**
 * Everything public is documented: a sentence and an example at every class and function, and a word on every error that it throws
 * itself. The examples are run by `documentation.test.ts`.
 */
import { expect, test } from 'vitest'
import * as dataFiles from '../src/data/node/index.ts'
import * as library from '../src/index.ts'
import * as ioFiles from '../src/io/node/index.ts'
import * as trainFiles from '../src/train/node/index.ts'
import { type Declaration, publicDeclarations } from './support/public-interface.ts'

const found = [
  ...publicDeclarations(library, 'src/index.ts'),
  ...publicDeclarations(dataFiles, 'src/data/node/index.ts', 'data/node: '),
  ...publicDeclarations(ioFiles, 'src/io/node/index.ts', 'io/node: '),
  ...publicDeclarations(trainFiles, 'src/train/node/index.ts', 'train/node: '),
]
const declared = found.filter((entry): entry is [string, Declaration] => entry[1] !== undefined)
const namesWhere = (wrong: (declaration: Declaration) => boolean): string[] =>
  declared.filter(([, declaration]) => wrong(declaration)).map(([name, { path }]) => `${name} (${path})`)

test('every public class and function is found in its file', () => {
  expect(found.filter(([, declaration]) => declaration === undefined).map(([name]) => name)).toEqual([])
  expect(declared.length).toBeGreaterThan(500)
})

test('each has a doc comment that begins with a sentence', () => {
  const hasSentence = (doc: string): boolean =>
    /^\/\*\*[\s*]+[^\s@*][\s\S]*?[.:;]/.test(doc) || /^\/\*\* \S.* \*\//.test(doc)
  expect(namesWhere(({ doc }) => !hasSentence(doc))).toEqual([])
})

test('each has an example, a class at itself or at its constructor', () => {
  expect(namesWhere(({ doc, body, kind }) => !(kind === 'class' ? doc + body : doc).includes('@example'))).toEqual([])
})

test('each function names the errors that it throws itself', () => {
  const unnamed = ({ doc, body, kind }: Declaration): boolean =>
    kind === 'function' && [...body.matchAll(/throw new (\w+)/g)].some(([, error]) => !doc.includes(error ?? ''))
  expect(namesWhere(unnamed)).toEqual([])
})
