/** RD: messages taken back, on the disk and between devices. */
import { createMemoryStore } from '@baton/client/core/memory/store'
import { decodeStored } from '@baton/client/core/repo/rows'
import { createDeflate } from '@baton/client/node/platform'
import { entryHash, withheld } from '@baton/shared/log/chain'
import type { Delta } from '@baton/shared/log/delta'
import { expect, it } from 'vitest'
import { openTestPeer, type TestPeer } from '../../../support/peer.ts'
import { nodePrimitives } from '../../../support/signer.ts'
import { twoDocuments } from '../../../support/two-documents.ts'

const secret = 'correct horse battery staple'
type MemoryStore = ReturnType<typeof createMemoryStore>

/** Everything in a store as text, runs unfolded. */
async function textOf(store: MemoryStore): Promise<string> {
  const { inflate } = createDeflate()
  const parts: Uint8Array[] = []
  for (const [key, value] of store.rows()) {
    parts.push(key, value)
    if (key[0] !== 'd'.charCodeAt(0)) continue
    const { rawBytes, bytes } = decodeStored(value).packed
    if (rawBytes > 0) parts.push(await inflate(bytes, rawBytes))
  }
  return Buffer.concat(parts).toString('latin1')
}

const saying = (list: readonly { readonly value: unknown; readonly redacted?: true }[]) =>
  list.map(({ value, redacted }) => (redacted ? 'taken back' : value))

it('RD5 what was said is off the disk when it is said to be, its place stays, and the log verifies', async () => {
  const store = createMemoryStore()
  const { documents, repository } = await openTestPeer({ seed: 1, store })
  const document = await documents.create('agent')
  await document.say('before')
  const id = await document.say(secret)
  await document.say('after')
  expect(await textOf(store)).toContain(secret)
  await document.redact(id)
  expect(await textOf(store)).not.toContain(secret)
  expect(saying(await document.history())).toEqual(['before', 'taken back', 'after'])
  const digest = await document.digest()
  // Again, and after a restart: nothing changes any more.
  await document.redact(id)
  const again = await openTestPeer({ seed: 1, store })
  const reopened = await again.documents.open(document.session)
  expect(saying(await reopened.history())).toEqual(['before', 'taken back', 'after'])
  expect(await reopened.digest()).toBe(digest)
  expect(repository.heads(document.session)).toEqual(again.repository.heads(document.session))
})

it('RD5 a large one, kept as a blob, goes too, unless something else says the same', async () => {
  const store = createMemoryStore()
  const { documents } = await openTestPeer({ seed: 1, store })
  const document = await documents.create('agent')
  const large = `${secret} ${'x'.repeat(100_000)}`
  const first = await document.say(large)
  const second = await document.say(large)
  await document.redact(first)
  expect(saying(await document.history())).toEqual(['taken back', large])
  await document.redact(second)
  expect(saying(await document.history())).toEqual(['taken back', 'taken back'])
  expect(await textOf(store)).not.toContain(secret)
})

it('RD6 devices that hold it forget it, and one that comes later gets the log without it, durably', async () => {
  const two = await twoDocuments()
  const id = await two.here.say(secret)
  await two.here.say('after')
  await two.meet()
  expect(saying(await two.there.history())).toEqual([secret, 'after'])
  await two.here.redact(id)
  await two.meet()
  expect(saying(await two.there.history())).toEqual(['taken back', 'after'])
  expect(await two.there.digest()).toBe(await two.here.digest())
})

/** Every run of a session's logs, as one peer hands them to another. */
async function runsOf({ repository }: TestPeer, session: string): Promise<Delta[]> {
  const runs: Delta[] = []
  for (const { log } of repository.heads(session as never)) {
    for await (const delta of repository.read(log, 0)) runs.push(delta)
  }
  return runs
}

it('RD6 a log that came without a body is durable once it is heard that its author took it back', async () => {
  const alice = await openTestPeer({ seed: 1 })
  const bob = await openTestPeer({ seed: 2 })
  const document = await alice.documents.create('agent')
  await document.say('before')
  const id = await document.say(secret)
  await document.redact(id)
  const runs = await runsOf(alice, document.session)
  const last = runs.at(-1) as Delta
  for (const run of runs.slice(0, -1)) await bob.repository.receive(run)
  await bob.repository.flush()
  const { log } = last
  expect(bob.repository.durable(log)).toBeLessThan(last.after)
  expect(bob.repository.lacking(log)).toHaveLength(1)
  await bob.repository.receive(last)
  await bob.repository.redacted()
  await bob.repository.flush()
  expect(bob.repository.durable(log)).toBe(bob.repository.head(log)?.seq)
  expect(bob.repository.lacking(log)).toEqual([])
  const there = await bob.documents.open(document.session)
  expect(saying(await there.history())).toEqual(['before', 'taken back'])
  expect(await there.digest()).toBe(await document.digest())
})

it('RD7 a body that somebody on the way kept back is never acknowledged as held', async () => {
  const alice = await openTestPeer({ seed: 1 })
  const store = createMemoryStore()
  const bob = await openTestPeer({ seed: 2, store })
  const document = await alice.documents.create('agent')
  await document.say('before')
  await document.say(secret)
  for (const run of await runsOf(alice, document.session)) {
    const bodies = run.bodies.map((body) =>
      Buffer.from(body).includes(secret) ? withheld(entryHash(nodePrimitives.sha256, body)) : body,
    )
    expect(await bob.repository.receive({ ...run, bodies })).toEqual({ at: 'stored' })
  }
  await bob.repository.flush()
  const [head] = bob.repository.heads(document.session)
  if (!head) throw new Error('nothing came')
  expect(bob.repository.durable(head.log)).toBeLessThan(head.seq)
  const again = await openTestPeer({ seed: 2, store })
  expect(again.repository.durable(head.log)).toBeLessThan(head.seq)
})

it('RD5 what was to go when the device stopped goes at its next start', async () => {
  const store = createMemoryStore()
  const { documents } = await openTestPeer({ seed: 1, store })
  const document = await documents.create('agent')
  const id = await document.say(secret)
  const before = store.rows()
  await document.redact(id)
  // The redaction is on disk, the body still too: as after a crash between the two.
  const isRun = ([key]: readonly [Uint8Array, Uint8Array]) => key[0] === 'd'.charCodeAt(0)
  const later = store.rows().filter((row) => !isRun(row))
  const asked = later.map(
    ([key, value]) => [key, key[0] === 'x'.charCodeAt(0) ? Uint8Array.of(0) : value] as const,
  )
  const runs = new Map(
    store
      .rows()
      .filter(isRun)
      .map(([key, value]) => [key.join(), value]),
  )
  const crashed = createMemoryStore([
    ...asked,
    ...store
      .rows()
      .filter(isRun)
      .map(([key, value]) => {
        const old = before.find(([known]) => known.join() === key.join())
        return [key, old?.[1] ?? runs.get(key.join()) ?? value] as const
      }),
  ])
  expect(await textOf(crashed)).toContain(secret)
  const again = await openTestPeer({ seed: 1, store: crashed })
  await again.repository.redacted()
  expect(await textOf(crashed)).not.toContain(secret)
})

it('RD3 a message of another device is not taken back, nor one that is not there', async () => {
  const two = await twoDocuments()
  const id = await two.here.say(secret)
  await two.meet()
  await expect(two.there.redact(id)).rejects.toMatchObject({ code: 'not-permitted' })
  await expect(two.there.redact('nothing')).rejects.toMatchObject({ code: 'not-found' })
})
