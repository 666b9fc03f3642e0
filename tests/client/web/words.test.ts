/** WB49: every sentence of the page stands in its catalogues, and each language has all of them. */
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { de } from '@baton/client/web/page/words/de'
import { en } from '@baton/client/web/page/words/en'
import { firstOf } from '@baton/client/web/page/words/language'
import { countIn } from '@baton/client/web/page/words/plural'
import { parseSync } from 'vite'
import { expect, it } from 'vitest'

const folder = fileURLToPath(new URL('../../../client/src/web/page/', import.meta.url))
const screens = readdirSync(folder).filter((name) => name.endsWith('.tsx'))

/** Attributes whose value a person sees or hears. */
const shown = /^(title|label|legend|alt|placeholder|aria-label|aria-description|note)$/

interface Node {
  readonly type: string
  readonly start: number
  readonly name?: unknown
  readonly value?: unknown
  readonly openingElement?: unknown
}

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && 'type' in value

const nameOf = (node: unknown): string => {
  const { name, namespace } = node as { readonly name: unknown; readonly namespace?: Node }
  return namespace ? `${nameOf(namespace)}:${nameOf(name)}` : String(name)
}

/** What a compiler sees of text for people in one file, as `file:line text`. */
function sentencesIn(name: string, text: string): string[] {
  const found: string[] = []
  const say = ({ start }: Node, said: string) => {
    found.push(`${name}:${text.slice(0, start).split('\n').length} ${said.trim()}`)
  }
  function look(node: Node): void {
    // Types, other files, and what is code in any language.
    if (/^(Import|TSType|TSInterface)/.test(node.type)) return
    if (node.type === 'JSXElement') {
      const { name: tag } = node.openingElement as { readonly name: Node }
      if (/^(code|pre)$/.test(nameOf(tag))) return
    }
    if (node.type === 'JSXText' && /\p{L}{2}/u.test(String(node.value)))
      say(node, String(node.value))
    if (node.type === 'JSXAttribute' && isNode(node.value) && node.value.type === 'Literal') {
      if (shown.test(nameOf(node.name))) say(node, String(node.value.value))
      return
    }
    const cooked = (node.value as { readonly cooked?: unknown } | undefined)?.cooked
    const literal = node.type === 'TemplateElement' ? cooked : node.value
    // A sentence has a space between words, or begins as one does.
    if (/^(Literal|TemplateElement)$/.test(node.type) && typeof literal === 'string') {
      if (/\p{L}{2,} \p{L}|^\p{Lu}\p{Ll}{2}|^ ?\p{L}{2,} $/u.test(literal)) say(node, literal)
    }
    for (const value of Object.values(node)) {
      for (const each of [value].flat()) if (isNode(each)) look(each)
    }
  }
  look(parseSync(name, text).program as unknown as Node)
  return found
}

/** Names of the product and of drawings, and classes put together: nothing that a language changes. */
const untranslated = [
  / Baton$/,
  / (Enter|End|412-candle-castle-anvil)$/,
  / M[\d ]/,
  / (card|frame|said|state|dot|badge|reader layout-) ?/,
  / M\d+ \d+/,
]

it('WB49 no screen holds a sentence of its own', () => {
  const found = screens.flatMap((name) =>
    sentencesIn(name, readFileSync(`${folder}${name}`, 'utf8')),
  )
  expect(found.filter((each) => !untranslated.some((known) => known.test(each)))).toEqual([])
  // And one that did would be found.
  const bad = '<p title="To whom">Hand it over {a ? "Not yet" : `to ` + b + "at once"}</p>'
  expect(sentencesIn('bad.tsx', bad)).toHaveLength(5)
})

type Leaf = string | ((...given: (string | number)[]) => string)

function leaves(words: object, path = ''): [path: string, leaf: Leaf][] {
  return Object.entries(words).flatMap(([name, value]) =>
    typeof value === 'object' && value !== null
      ? leaves(value, `${path}${name}.`)
      : [[`${path}${name}`, value as Leaf] as [string, Leaf]],
  )
}

it('WB49 each language has every sentence, in words of its own, with all that is put into it', () => {
  const [english, german] = [en, de].map(({ errors, language, ...words }) => new Map(leaves(words)))
  if (!english || !german) throw new Error('no words')
  expect([...german.keys()]).toEqual([...english.keys()])
  // What is the same in both, and right.
  const same = new Set(['Details', 'offline', 'Admin', 'admin', 'Agent', 'System', 'Link', ''])
  for (const [path, leaf] of english) {
    const other = german.get(path)
    if (typeof leaf === 'string') {
      expect(typeof other, path).toBe('string')
      if (!same.has(leaf)) expect(other, path).not.toBe(leaf)
      continue
    }
    if (typeof other !== 'function') throw new Error(path)
    expect(other.length, path).toBe(leaf.length)
    const given = Array.from({ length: leaf.length }, (_, at) => `⟨${at}⟩`)
    for (const said of [leaf(...given), other(...given)]) {
      for (const each of given) expect(said.includes(each) || /NaN/.test(said), path).toBe(true)
    }
  }
})

it('WB49 the first language of the browser that is here is spoken, and numbers as in it', () => {
  expect(firstOf(['de-AT', 'en'])).toBe('de')
  expect(firstOf(['fr', 'DE', 'en'])).toBe('de')
  expect([firstOf(['fr']), firstOf([]), firstOf(['en-GB', 'de'])]).toEqual(['en', 'en', 'en'])
  const [english, german] = [countIn('en'), countIn('de')]
  expect([0, 1, 2, 3_000].map((n) => english(n, 'line', 'lines'))).toEqual([
    ...['0 lines', '1 line', '2 lines', '3,000 lines'],
  ])
  expect([1, 3_000].map((n) => german(n, 'Zeile', 'Zeilen'))).toEqual(['1 Zeile', '3.000 Zeilen'])
})
