/** SW6: streams of a device that ran twice, and of one that was cut off. */

import { entriesOf } from '@baton/client/core/repo/rows'
import { type LogId, splitLogId } from '@baton/shared/ids'
import { kinds } from '@baton/shared/log/kinds'
import { parseStream } from '@baton/shared/model/stream-entries'
import { expect, it } from 'vitest'
import { openTestPeer, type TestPeer } from '../../support/peer.ts'
import { assistant, textOf } from '../../support/stream-documents.ts'
import { createShared, documentOf, meetAll, meetPeers, openTwins } from '../../support/twins.ts'

const shownOn = async (peer: TestPeer, id: string) =>
  (await (await documentOf(peer)).history()).find((message) => message.id === id)

it('SW6 a stream that was half written when its device was copied is whole again, once', async () => {
  const other = await openTestPeer({ seed: 2 })
  const [left, right] = await openTwins(createShared(other.device))
  const writer = await (await documentOf(left)).stream(assistant, { id: 'story' })
  await writer.write('Once ')
  await writer.flush()
  await (await documentOf(right)).say('elsewhere', { id: 'elsewhere' })
  await meetAll(left, right, other)
  await meetAll(left, right, other)
  // Its process goes on in a new log.
  await writer.write('upon')
  await writer.flush()
  await meetAll(left, right, other)
  for (const peer of [left, right, other]) {
    // Its copy took it for left behind, and said so: until its end comes.
    expect(textOf(await shownOn(peer, 'story'))).toBe('Once upon')
  }
  await writer.write(' a time')
  await writer.end()
  await meetAll(left, right, other)
  for (const peer of [left, right, other]) {
    const message = await shownOn(peer, 'story')
    expect([textOf(message), message?.stream]).toEqual(['Once upon a time', undefined])
    expect(await shownOn(peer, 'elsewhere')).toBeDefined()
  }
})

it('SW6 FK7 what was taken back of a stream is not said again, none of its pieces', async () => {
  const other = await openTestPeer({ seed: 2 })
  const [left, right] = await openTwins(createShared(other.device))
  const document = await documentOf(left)
  const writer = await document.stream(assistant, { id: 'secret' })
  await writer.write('my password')
  await writer.flush()
  await document.retract('secret')
  await document.say('no secret', { id: 'other' })
  await (await documentOf(right)).say('elsewhere', { id: 'elsewhere' })
  await meetAll(left, right, other)
  await meetAll(left, right, other)
  for (const peer of [left, right, other]) {
    expect(await shownOn(peer, 'secret')).toMatchObject({ value: null, redacted: true })
    const again: string[] = []
    for (const { log } of peer.repository.heads(document.session)) {
      for await (const delta of peer.repository.read(log, 0)) {
        for (const { entry } of entriesOf(delta)) {
          if (entry?.again && entry.kind === kinds.stream) {
            again.push(parseStream(entry.payload)?.id ?? '')
          }
        }
      }
    }
    expect(again).toEqual([])
  }
})

it('SW6 FK8 the end of a stream of a device that is cut off is taken over, with the pieces before it', async () => {
  const other = await openTestPeer({ seed: 2 })
  const author = await openTestPeer({ seed: 1 })
  await createShared(other.device)(author)
  await meetPeers(author, other)
  const document = await documentOf(other)
  const writer = await document.stream(assistant, { id: 'story' })
  for (const text of ['Once ', 'upon ', 'a time']) {
    await writer.write(text)
    await writer.flush()
  }
  await writer.end()
  await meetPeers(author, other)
  const { log, seq } = author.repository
    .heads(document.session)
    .find(({ log: id }) => splitLogId(id).device === other.device) as { log: LogId; seq: number }
  // Its beginning and first piece count.
  for (const peer of [author, other]) peer.cuts.set('revoked', new Map([[log, seq - 3]]))
  const before = await shownOn(author, 'story')
  expect([textOf(before), before?.stream]).toEqual(['Once ', { state: 'interrupted' }])
  await author.forks.adopt(log, seq)
  await meetPeers(author, other)
  for (const peer of [author, other]) {
    const message = await shownOn(peer, 'story')
    expect(textOf(message)).toBe('Once upon a time')
    expect(message?.device).toBe(other.device)
    expect(message?.stream).toEqual({ state: 'done', adoptedBy: [author.device] })
  }
})
