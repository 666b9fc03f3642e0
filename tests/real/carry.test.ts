/**
 * Every session there is goes from one device to another, each a process with a home of its own: what
 * the other one then holds on its disk is compared byte by byte with the files the agent wrote.
 * `BATON_DATA` names recorded sessions that are not part of the project.
 */

import { createHash } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { basename, join, relative } from 'node:path'
import { beforeAll, expect, it } from 'vitest'
import { builtChild } from '../support/built.ts'
import { writeCorpus } from '../support/corpus/corpus.ts'
import { type HeldSession, readHeld } from '../support/held.ts'
import { agentFolder, type Done, type PeerProcess, pairUp } from '../support/peer-process.ts'
import { noRealData, realData } from '../support/real-data.ts'
import { type TwoHomes, twoHomes } from '../support/two-homes.ts'
import {
  expectHeld,
  expectPlaced,
  filesBelow,
  type Written,
  writtenOf,
} from '../support/written.ts'

let child = ''
beforeAll(() => {
  child = builtChild('real/peer-child.mts')
})

interface Carried {
  readonly here: ReadonlyMap<string, HeldSession>
  readonly there: ReadonlyMap<string, HeldSession>
  readonly done: ReadonlyMap<string, Done>
}

/** Sends all, one after the other, closes both devices, and reads what each has on its disk. */
async function carryAll(homes: TwoHomes, sessions: readonly Written[]): Promise<Carried> {
  const alice = await homes.start('alice')
  const bob = await homes.start('bob')
  await pairUp(alice, bob)
  const done = new Map<string, Done>()
  for (const { id } of sessions) {
    done.set(id, await alice.sent(id, { to: bob.self, maps: [], project: homes.project }))
  }
  await sameReceipts(alice, bob, sessions.length)
  await Promise.all([alice.stop(), bob.stop()])
  const [here, there] = [await readHeld(alice.folder), await readHeld(bob.folder)]
  return { here, there, done }
}

async function sameReceipts(alice: PeerProcess, bob: PeerProcess, count: number): Promise<void> {
  const [ours, theirs] = await Promise.all([alice.receipts(), bob.receipts()])
  expect(ours).toHaveLength(count)
  expect(theirs).toEqual(ours)
  for (const { signedBy } of ours) expect(signedBy).toEqual([alice.self, bob.self])
}

function compare({ here, there, done }: Carried, session: Written): void {
  const end = done.get(session.id) as Done
  expect(end.digest.here).toBe(end.digest.there)
  expect(end.digest.here).toBe(end.receipt.digest)
  expect(end.unplaced).toBeUndefined()
  expectHeld(here.get(session.id), session)
  expectHeld(there.get(session.id), session)
  expectPlaced(end.placed?.path as string, session)
}

it('MJ1 every trait of the corpus arrives byte for byte', async () => {
  const homes = await twoHomes(child, 'carry')
  const corpus = writeCorpus(homes.folder('alice'), {
    seed: 11,
    sessions: 12,
    bytes: 200 * 1024,
    hugeLineBytes: 12 * 1024 * 1024,
    livePid: process.pid,
  })
  expect(corpus.sessions.some(({ files }) => files.some(({ torn }) => torn > 0))).toBe(true)
  const sessions = writtenOf(corpus)
  const carried = await carryAll(homes, sessions)
  for (const session of sessions) compare(carried, session)
  // Nothing that is no part of a session went along, however it is linked into the tree.
  for (const { files } of carried.there.values()) {
    for (const { bytes } of files.values()) {
      for (const { canary } of corpus.decoys) expect(bytes.includes(canary)).toBe(false)
    }
  }
  // ST19: nor does anything that was said stand readable on either disk.
  for (const name of ['alice', 'bob']) {
    const store = readFileSync(join(homes.folder(name), 'baton/store/store.mdb'))
    for (const text of ['"message"', '"uuid"', '"role"', '/home/']) {
      expect(store.includes(text)).toBe(false)
    }
  }
})

const recorded = join(realData ?? '', 'claude')

/** Puts the recorded sessions where the agent would have written them. */
function place(config: string): Written[] {
  const mains = readdirSync(recorded, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.jsonl') && !name.includes('subagents'))
    .map((name) => join(recorded, name))
  return mains.map((from) => {
    const name = basename(from, '.jsonl')
    const id = /^[0-9a-f-]{36}$/.test(name) ? name : uuidOf(relative(recorded, from))
    const folder = join(config, 'projects', '-recorded')
    mkdirSync(folder, { recursive: true })
    const path = join(folder, `${id}.jsonl`)
    cpSync(from, path)
    const files = new Map([['transcript.jsonl', path]])
    const beside = from.slice(0, -'.jsonl'.length)
    if (existsSync(beside)) cpSync(beside, join(folder, id), { recursive: true })
    for (const file of filesBelow(beside)) files.set(file, join(folder, id, file))
    return { id, files }
  })
}

function uuidOf(name: string): string {
  const hex = createHash('sha256').update(name).digest('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

it('MJ1 every recorded session arrives byte for byte', async ({ skip }) => {
  skip(realData === undefined, noRealData)
  const homes = await twoHomes(child, 'recorded')
  const sessions = place(agentFolder(homes.folder('alice')))
  expect(sessions.length).toBeGreaterThan(5)
  const carried = await carryAll(homes, sessions)
  for (const session of sessions) compare(carried, session)
})
