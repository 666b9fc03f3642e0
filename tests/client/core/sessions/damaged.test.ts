/** LB3: one damaged session among others. */
import { createMemoryStore } from '@baton/client/core/memory/store'
import { under } from '@baton/client/core/repo/keys'
import { idBytes } from '@baton/shared/ids'
import { expect, it } from 'vitest'
import { openCorpus } from '../../../support/claude.ts'
import { openTestPeer } from '../../../support/peer.ts'
import { link, sent } from '../../../support/two-peers.ts'

it('LB3 a session that is damaged on disk hides no other, which can still be sent', async () => {
  const { corpus, source } = openCorpus({ seed: 2, sessions: 2, plain: true })
  const [damaged, whole] = corpus.sessions.map(({ id }) => id) as [string, string]
  const store = createMemoryStore()
  const before = await openTestPeer({ seed: 1, source, store })
  const session = await before.taking.ref(damaged)
  await before.taking.ref(whole)
  for await (const [put, value] of store.list(under('d', idBytes(session)))) {
    await store.write([{ put, value: value.slice(0, value.length >> 1) }])
  }
  const alice = await openTestPeer({ seed: 1, source, store })
  const bob = await openTestPeer({ seed: 2, source })
  await link(alice, bob)
  const rows = await alice.library.rows()
  expect(rows.map(({ agentSession, id }) => [agentSession, id === undefined])).toEqual(
    expect.arrayContaining([
      [damaged, true],
      [whole, false],
    ]),
  )
  expect(rows).toHaveLength(2)
  expect(alice.traced).toContain('session.damaged store-corrupt')
  const end = await sent(alice, whole, { to: bob.device, maps: [], carryOnly: true })
  expect(end.digest.there).toBe(end.digest.here)
  await expect(alice.taking.ref(damaged)).rejects.toMatchObject({ code: 'store-corrupt' })
})
