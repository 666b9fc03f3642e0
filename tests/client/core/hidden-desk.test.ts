/** FK10: what does not count of a session, listed for people and taken over. */
import { createHiddenDesk } from '@baton/client/core/hidden-desk'
import { type LogId, splitLogId } from '@baton/shared/ids'
import { expect, it } from 'vitest'
import { openTestPeer, type TestPeer } from '../../support/peer.ts'
import { nodePrimitives } from '../../support/signer.ts'
import { assistant, textOf } from '../../support/stream-documents.ts'
import { createShared, documentOf, meetPeers, saidAgain } from '../../support/twins.ts'

const { sha256 } = nodePrimitives
const deskOf = (peer: TestPeer) => createHiddenDesk({ ...peer, self: peer.device, sha256 })

/** The other device wrote one entry of many kinds, and is cut off behind its log's beginning. */
async function cutOff(reason: 'revoked' | 'observer' = 'revoked') {
  const other = await openTestPeer({ seed: 2 })
  const author = await openTestPeer({ seed: 1 })
  await createShared(other.device)(author)
  await meetPeers(author, other)
  const document = await documentOf(other)
  await document.set(['config', 'x'.repeat(500)], 'a value')
  await document.say('a message', { id: 'm' })
  const writer = await document.stream(assistant, { id: 's' })
  await writer.write('a stream')
  await writer.end()
  const held = { at: 'value', value: 'held' } as const
  await document.change([
    { kind: 'row', collection: 'tabs', key: '1', held },
    { kind: 'tool', call: 'call 1', status: 'ok', held },
    { kind: 'capture', origin: 'https://example.org', held },
    { kind: 'inbox', id: 'input', held },
  ])
  await meetPeers(author, other)
  const { session } = document
  const log = author.repository
    .heads(session)
    .find(({ log: id }) => splitLogId(id).device === other.device)?.log as LogId
  for (const peer of [author, other]) peer.cuts.set(reason, new Map([[log, 1]]))
  return { author, other, log, session }
}

it('FK10 lists what each entry is, who wrote it when and why it does not count, and nothing it says', async () => {
  const { author, other, log, session } = await cutOff('observer')
  const rows = await deskOf(author).hidden(session)
  expect(rows.map(({ kind, about }) => [kind, ...about])).toEqual([
    ['register', 'config', 'x'.repeat(120)],
    ['message'],
    ['stream'],
    ['stream'],
    ['row', 'tabs', '1'],
    ['tool', 'call 1'],
    ['capture', 'https://example.org'],
    ['inbox'],
  ])
  for (const [i, row] of rows.entries()) {
    expect(row).toMatchObject({ log, seq: i + 2, device: other.device, reason: 'observer' })
    expect(row.taken).toBe(false)
    expect(row.at).toBeGreaterThan(1_600_000_000_000)
    expect(row.id).toMatch(/^[0-9a-f]{12}$/)
  }
  expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length)
  expect(JSON.stringify(rows)).not.toMatch(/a value|a message|a stream|held/)
  expect((await deskOf(other).hidden(session)).map(({ id }) => id)).toEqual(
    rows.map(({ id }) => id),
  )
})

it('FK10 takes over one, once, then all that is left, and says how many', async () => {
  const { author, other, log, session } = await cutOff()
  const desk = deskOf(author)
  expect(await desk.adopt(session, { log, seq: 3 })).toBe(1)
  expect(await desk.adopt(session, { log, seq: 3 })).toBe(0)
  expect((await desk.hidden(session)).filter(({ taken }) => taken)).toMatchObject([{ seq: 3 }])
  expect(await desk.adopt(session, 'all')).toBe(7)
  expect(await desk.adopt(session, 'all')).toBe(0)
  expect((await desk.hidden(session)).every(({ taken }) => taken)).toBe(true)
  await meetPeers(author, other)
  for (const peer of [author, other]) {
    const document = await documentOf(peer)
    expect(await document.get(['config', 'x'.repeat(500)])).toBe('a value')
    expect((await document.history()).map(({ id }) => id)).toEqual(['m', 's'])
    expect(textOf((await document.history()).at(-1))).toBe('a stream')
    expect(await saidAgain(peer)).toHaveLength(8)
    expect((await peer.documents.state(session)).hidden.map(({ reason }) => reason)).toEqual(
      Array(8).fill('revoked'),
    )
  }
})

it('FK10 where nothing is hidden, or this device may only read, nothing is taken over', async () => {
  const { author, other, log, session } = await cutOff()
  for (const seq of [1, 99]) {
    await expect(deskOf(author).adopt(session, { log, seq })).rejects.toMatchObject({
      code: 'not-found',
    })
  }
  const elsewhere = await author.documents.create('agent')
  await expect(deskOf(author).adopt(elsewhere.session, { log, seq: 2 })).rejects.toMatchObject({
    code: 'not-found',
  })
  expect(await deskOf(author).hidden(elsewhere.session)).toEqual([])
  const reader = await openTestPeer({ seed: 3 })
  await (await author.documents.open(session)).share(reader.device)
  await meetPeers(author, reader)
  reader.cuts.set('revoked', new Map([[log, 1]]))
  await expect(deskOf(reader).adopt(session, 'all')).rejects.toMatchObject({
    code: 'not-permitted',
  })
  expect(await saidAgain(reader)).toEqual([])
  expect(await saidAgain(other)).toEqual([])
})
