/** TF6, TF9, TF13: what a paired device says of others, of what it may not write, and without measure. */
import type { Channel } from '@baton/client/core/ports/channel'
import { idBytes } from '@baton/shared/ids'
import { maxAheadBytes, maxAheadLinkBytes } from '@baton/shared/limits'
import { kinds } from '@baton/shared/log/kinds'
import { encodeStream } from '@baton/shared/model/stream-entries'
import { encodeSync, syncTypes } from '@baton/shared/protocol/sync-messages'
import { expect, it } from 'vitest'
import { aheadDevices } from '../../../support/ahead-devices.ts'
import { createChannelPair } from '../../../support/channel-pair.ts'
import type { TestPeer } from '../../../support/peer.ts'
import { assistant, textOf } from '../../../support/stream-documents.ts'

/** A channel to a peer whose other end says what a test says, as that device. */
async function rawTo(peer: TestPeer, as: TestPeer) {
  const pair = createChannelPair()
  pair.alice.admit()
  pair.bob.admit()
  let end: string | undefined
  pair.bob.onClose(({ reason }) => {
    end = reason
  })
  pair.bob.receive(() => undefined)
  await peer.join(pair.alice, as.device)
  const raw: Channel = pair.bob
  return {
    say: (form: Parameters<typeof encodeSync>[0]) => void raw.send('live', encodeSync(form)),
    sayBytes: (bytes: Uint8Array) => void raw.send('live', bytes),
    flush: pair.flush,
    ended: () => end,
  }
}

it('TF6 nobody says anything ahead for another device, not even in its open message', async () => {
  const world = await aheadDevices()
  const bob = await world.join(2)
  const carol = await world.join(3)
  const writer = await world.here.stream(assistant, { id: 'a' })
  await writer.write('mine')
  await writer.flush()
  await world.flush()
  const raw = await rawTo(carol.peer, bob.peer)
  const session = idBytes(world.here.session)
  raw.say([syncTypes.aheadBegin, 0, session, 'a', 4, ' and a lie'])
  await raw.flush()
  const message = (await carol.document.history()).at(-1)
  expect([textOf(message), message?.stream]).toEqual(['mine', { state: 'open' }])
})

it('TF13 of a device that may only read nothing is shown, nor of a message that is no stream of its own', async () => {
  const world = await aheadDevices()
  const bob = await world.join(2)
  const beginning = { at: 'beginning' as const, epoch: 0, parent: undefined, consumes: undefined }
  await bob.peer.repository.write(world.here.session, (to) => {
    to.append(kinds.stream, encodeStream({ ...beginning, id: 'b', fields: {} }))
    return []
  })
  await world.here.say({ content: 'plain' }, { id: 'c' })
  await world.flush()
  const raw = await rawTo(world.alice, bob.peer)
  const session = idBytes(world.here.session)
  raw.say([syncTypes.aheadBegin, 0, session, 'b', 0, 'I may not'])
  raw.say([syncTypes.aheadBegin, 1, session, 'c', 0, 'not a stream'])
  raw.say([syncTypes.aheadBegin, 2, session, 'nobody', 0, 'not there'])
  await raw.flush()
  expect(await world.here.history()).toMatchObject([{ id: 'c', value: { content: 'plain' } }])
  expect(raw.ended()).toBeUndefined()
})

it('TF9 a frame that is no text, too long or without a message ends the link; a flood is bounded in all', async () => {
  const world = await aheadDevices()
  const bob = await world.join(2)
  const session = idBytes(world.here.session)
  const begin = encodeSync([syncTypes.aheadBegin, 0, session, 'a', 0, 'xx'])
  const bad = begin.slice()
  bad.set([0xc3, 0x28], bad.length - 2)
  const wrong: (readonly unknown[])[] = [
    [syncTypes.ahead, 0, 0, ''],
    [syncTypes.ahead, 0, 0, 'x'.repeat(8193)],
    [syncTypes.ahead, 0, 0, '€'.repeat(2731)],
    [syncTypes.ahead, 128, 0, 'x'],
    [syncTypes.ahead, 0, -1, 'x'],
    [syncTypes.ahead, 0, 2 ** 49, 'x'],
    [syncTypes.ahead, 0, 0, new Uint8Array(1)],
    [syncTypes.aheadBegin, 0, session, '', 0, 'x'],
    [syncTypes.aheadBegin, 0, session.slice(1), 'a', 0, 'x'],
    [syncTypes.aheadHeard, 0, 0, 1],
  ]
  for (const bytes of [bad, ...wrong.map((form) => encodeSync(form as never))]) {
    const raw = await rawTo(world.alice, bob.peer)
    raw.sayBytes(bytes)
    await raw.flush()
    expect(raw.ended()).toBeDefined()
  }
  // More devices than there is room for.
  const peers = []
  for (let n = 0; n < 9; n++) peers.push(await world.join(10 + n))
  for (const { peer } of peers) {
    const raw = await rawTo(world.alice, peer)
    for (let ref = 0; ref < 16; ref++) {
      raw.say([syncTypes.aheadBegin, ref, session, `m${ref}`, 0, 'x'.repeat(8000)])
      for (let at = 1; at < 4; at++) raw.say([syncTypes.ahead, ref, 8000 * at, 'x'.repeat(8000)])
    }
    await raw.flush()
    expect(raw.ended()).toBeUndefined()
  }
  expect(world.alice.ahead.cost).toBeLessThanOrEqual(maxAheadBytes)
  expect(world.alice.ahead.cost).toBeGreaterThan(7 * maxAheadLinkBytes)
})
