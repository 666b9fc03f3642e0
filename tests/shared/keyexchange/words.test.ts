import { toHex, utf8Encode } from '@baton/shared/bytes'
import { completeWord, findWord, isOneEdit } from '@baton/shared/keyexchange/word-search'
import { words } from '@baton/shared/keyexchange/words'
import { sha256 } from '@noble/hashes/sha2.js'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { tries } from '../../support/tries.ts'

const letters = 'abcdefghijklmnopqrstuvwxyz'

/** Every text one slip away from `word`. */
function slips(word: string): Set<string> {
  const out = new Set<string>()
  for (let at = 0; at <= word.length; at++) {
    const head = word.slice(0, at)
    out.add(head + word.slice(at + 1))
    if (at + 1 < word.length) out.add(head + word[at + 1] + word[at] + word.slice(at + 2))
    for (const letter of letters) {
      out.add(head + letter + word.slice(at))
      if (at < word.length) out.add(head + letter + word.slice(at + 1))
    }
  }
  out.delete(word)
  return out
}

it('CD1 the list has 2048 sorted words of 4 to 8 plain letters, and is frozen', () => {
  expect(words).toHaveLength(2048)
  expect(words.filter((word) => !/^[a-z]{4,8}$/.test(word))).toEqual([])
  expect([...words].sort()).toEqual(words)
  expect(toHex(sha256(utf8Encode(words.join(' '))))).toBe(
    '0ce3bc60246056e95ea615a9cb4499004ddbe00779be043c88bd9d67caf56bce',
  )
})

it('CD1 the first four letters name one word', () => {
  expect(new Set(words.map((word) => word.slice(0, 4))).size).toBe(2048)
})

it('CD1 no slip turns one word into another', () => {
  const known = new Set(words)
  const hits = words.filter((word) => [...slips(word)].some((slip) => known.has(slip)))
  expect(hits).toEqual([])
})

it('CD4 every word is found whole and by any beginning of four letters or more', () => {
  for (const word of words)
    for (let length = 4; length <= word.length; length++)
      expect(findWord(word.slice(0, length)).word).toBe(word)
})

it('CD4 a slip is mended exactly when one word only could be meant', () => {
  const some = fc.constantFrom(...words)
  fc.assert(
    fc.property(some, fc.nat(), (word, pick) => {
      const all = [...slips(word)]
      const typed = all[pick % all.length] as string
      const around = slips(typed)
      const meant = words.filter((other) => around.has(other))
      const { word: found, near } = findWord(typed)
      const abbreviated = words.filter((other) => typed.length >= 4 && other.startsWith(typed))
      if (abbreviated.length === 1) expect(found).toBe(abbreviated[0])
      else if (meant.length === 1) expect(found).toBe(word)
      else expect([found, near.length > 1]).toEqual([undefined, true])
    }),
    { numRuns: tries(150) },
  )
})

it('CD5 what no word is near to has no suggestion, and there are never more than three', () => {
  expect(findWord('xqzzk')).toEqual({ word: undefined, near: [] })
  for (const typed of ['bat', 'ham', 'ring', 'male', 'rode', 'bottles'])
    expect(findWord(typed).near.length).toBeLessThanOrEqual(3)
  expect(findWord('crosswind')).toEqual({ word: undefined, near: ['crossbar'] })
})

it('CD6 a beginning is completed with every word that starts like it', () => {
  expect(completeWord('cros')).toEqual(['crossbar'])
  expect(completeWord(' ZEB')).toEqual(['zebra'])
  expect(completeWord('qua')).toEqual(words.filter((word) => word.startsWith('qua')))
  expect(completeWord('zzz')).toEqual([])
  expect(completeWord('')).toHaveLength(2048)
})

it('CD4 one slip is a missing, added, changed or swapped letter, and nothing else', () => {
  for (const slip of slips('anvil')) expect(isOneEdit(slip, 'anvil')).toBe(true)
  for (const other of ['anvil', 'navli', 'anv', 'anvilxy', 'livna', '', 'a'])
    expect(isOneEdit(other, 'anvil')).toBe(false)
})
