/** GU4: kill -9 at every write, name and removal of changing the guard. */
import { execFile } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { changeGuard, type GuardChoice } from '@baton/client/node/guard/change'
import { openKeyring } from '@baton/client/node/keyring'
import { createRandom } from '@baton/client/node/platform'
import { isBatonError } from '@baton/shared/errors'
import { beforeAll, expect, it } from 'vitest'
import { builtChild } from '../support/built.ts'
import { tempFolder } from '../support/temp.ts'

const run = promisify(execFile)
const random = createRandom()
const secret = new Uint8Array(32).fill(0xa7)
let child = ''
beforeAll(() => {
  child = builtChild('real/guard-child.mts')
})

const access = (passphrase: string) => ({ passphrase: async () => passphrase, keychain: undefined })
const choices = {
  none: { by: 'files' },
  old: { by: 'passphrase', passphrase: 'the old words', logN: 10 },
  new: { by: 'passphrase', passphrase: 'the new words', logN: 10 },
} as const satisfies Record<string, GuardChoice>
type Name = keyof typeof choices

const passphraseOf = (name: Name) => (name === 'none' ? 'never asked' : `the ${name} words`)

/** A home guarded so, its device and its secrets. */
async function home(name: Name) {
  const folder = join(tempFolder('guard'), 'keys')
  const keyring = await openKeyring(folder, random)
  await keyring.putSecret('store', secret)
  await changeGuard({ folder, random, access: access('') }, async () => choices[name])
  return { folder, device: keyring.device }
}

/** How it opens: with one of the two, never with another's keys. */
async function opensWith(folder: string, device: Uint8Array, names: readonly Name[]) {
  const worked: Name[] = []
  for (const name of names) {
    try {
      const given = { access: access(passphraseOf(name)), alone: true }
      const keyring = await openKeyring(folder, random, given)
      expect(keyring.device).toEqual(device)
      expect(await keyring.getSecret('store')).toEqual(secret)
      worked.push(name)
    } catch (error) {
      if (!isBatonError(error) || error.code !== 'passphrase-wrong') throw error
    }
  }
  return worked
}

it.each([
  ['none', 'new'],
  ['old', 'new'],
  ['old', 'none'],
] as const)(
  'GU4 killed at any call, keys go from %s to %s or stay, and are whole',
  async (from, to) => {
    const seen = new Set<string>()
    for (let stop = 1; ; stop++) {
      const { folder, device } = await home(from)
      const args = [child, folder, passphraseOf(from), JSON.stringify(choices[to]), String(stop)]
      const ended = await run(process.execPath, [...args, stop % 2 ? '' : 'torn']).then(
        () => true,
        (error: { signal?: string }) => {
          expect(error.signal).toBe('SIGKILL')
          return false
        },
      )
      const worked = await opensWith(folder, device, [from, to])
      expect(worked.length).toBeGreaterThan(0)
      seen.add(String(worked[0]))
      expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([])
      if (ended) {
        expect(worked).toContain(to)
        if (from === 'old') expect(worked.includes('old')).toBe(to === 'none')
        expect(stop).toBeGreaterThan(3)
        break
      }
    }
    if (from !== 'none' && to !== 'none') expect([...seen].sort()).toEqual(['new', 'old'])
  },
)
