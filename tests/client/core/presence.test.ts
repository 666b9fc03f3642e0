/** PN1 to PN4: where the devices of a person are active just now. */
import { createPresence, type Presence } from '@baton/client/core/presence'
import { type DeviceId, deviceId, idBytes, type SessionId, sessionId } from '@baton/shared/ids'
import { maxPresenceRows, presenceMs } from '@baton/shared/limits'
import {
  encodeSync,
  parseSync,
  type SyncForm,
  syncTypes,
} from '@baton/shared/protocol/sync-messages'
import { caps, ownCaps } from '@baton/shared/protocol/version'
import { describe, expect, it } from 'vitest'
import { aheadDevices } from '../../support/ahead-devices.ts'
import { openLinks, openPair, recordOf } from '../../support/links-world.ts'
import { createManualClock, type ManualClock } from '../../support/manual-clock.ts'
import { assistant } from '../../support/stream-documents.ts'

const [aliceId, bobId] = [1, 2].map((n) => deviceId(new Uint8Array(32).fill(n))) as [
  DeviceId,
  DeviceId,
]
const sessionOf = (n: number) => sessionId(new Uint8Array(16).fill(n))
const [one, two] = [sessionOf(1), sessionOf(2)]

/** Alice with a link to bob, who hears what she says; `say`: what he says. */
function linked(shared: readonly SessionId[] | 'all' = 'all') {
  const clock: ManualClock = createManualClock()
  const presence: Presence = createPresence(aliceId, clock)
  const heard: SyncForm<'presence'>[1][] = []
  const changes: DeviceId[] = []
  const pair = openPair()
  presence.onChange((device) => void changes.push(device))
  const link = presence.join(bobId, {
    channel: pair.alice,
    say(form) {
      const message = parseSync(encodeSync(form))
      if (message?.kind === 'presence') heard.push(message.form[1])
    },
    shares: (session) => shared === 'all' || shared.includes(session),
  })
  const say = (rows: readonly (readonly [SessionId, number])[]) =>
    link.take([syncTypes.presence, rows.map(([session, doing]) => [idBytes(session), doing])])
  return { clock, presence, heard, changes, pair, say }
}

describe('one device', () => {
  it('PN1 says at once where it is active, then at most twice a second, and nothing twice', () => {
    const { clock, presence, heard } = linked()
    const left = presence.begin(one, 'watching')
    expect(heard).toEqual([[[idBytes(one), 1]]])
    const ended = presence.begin(one, 'writing')
    const other = presence.begin(one, 'watching')
    expect(heard).toHaveLength(1)
    clock.advance(presenceMs)
    expect(heard.slice(1)).toEqual([[[idBytes(one), 3]]])
    other()
    clock.advance(presenceMs)
    expect(heard).toHaveLength(2)
    left()
    left()
    clock.advance(presenceMs)
    expect(heard.at(-1)).toEqual([[idBytes(one), 2]])
    ended()
    clock.advance(presenceMs)
    expect(heard.at(-1)).toEqual([])
    expect([presence.of(aliceId), clock.pending]).toEqual([[], 0])
  })

  it('PN1 says at most 64, those in which it writes first', () => {
    const { clock, presence, heard } = linked()
    for (let n = 0; n < 100; n++) presence.begin(sessionOf(n), 'watching')
    presence.begin(sessionOf(200), 'writing')
    clock.advance(presenceMs)
    expect(heard.at(-1)).toHaveLength(maxPresenceRows)
    expect(heard.at(-1)?.[0]).toEqual([idBytes(sessionOf(200)), 2])
    expect(presence.of(aliceId)).toHaveLength(101)
  })

  it('PN2 what a device said is known until its link ends', () => {
    const { clock, presence, changes, pair, say } = linked()
    expect(presence.of(bobId)).toBeUndefined()
    say([
      [one, 1],
      [two, 2],
    ])
    expect(presence.of(bobId)).toEqual([
      { session: one, watching: true, writing: false },
      { session: two, watching: false, writing: true },
    ])
    expect(changes).toEqual([bobId])
    clock.advance(presenceMs)
    pair.cut()
    expect(presence.of(bobId)).toBeUndefined()
    expect(changes).toEqual([bobId, bobId])
  })

  it('PN3 of what is not shared nothing is said or shown; a flood is told twice a second', () => {
    const { clock, presence, heard, changes, say } = linked([one])
    presence.begin(two, 'writing')
    expect(heard).toEqual([])
    for (let n = 0; n < 1000; n++) say([[one, n]])
    expect(changes).toHaveLength(1)
    clock.advance(presenceMs)
    expect(changes).toHaveLength(2)
    // Bits of a later version say nothing here.
    say([
      [one, 2 ** 31 - 4],
      [two, 3],
    ])
    expect(presence.of(bobId)).toEqual([{ session: one, watching: false, writing: false }])
    const form = [syncTypes.presence, Array(65).fill([idBytes(one), 1])]
    expect(() => parseSync(encodeSync(form as never))).toThrow('failed to read')
  })

  it.each([
    ['one that knows it', ownCaps, 1],
    ['one of an older version', caps.ahead, 0],
  ])('PN4 %s is told so much', async (_who, of, messages) => {
    const { bob, links, presence, contacts, bound } = await openLinks()
    links.keep(recordOf(bob.device))
    const pair = openPair()
    contacts.at(-1)?.hooks.connected(bound(pair, of))
    await pair.flush()
    const before = pair.waiting('bob')
    presence.begin(sessionOf(1), 'watching')
    await new Promise(setImmediate)
    expect(pair.waiting('bob') - before).toBe(messages)
  })
})

it('PN2 devices know of each other where somebody watches, and where a message is written', async () => {
  const world = await aheadDevices()
  const bob = await world.join(2)
  const stop = bob.document.watch(() => undefined)
  const unfollow = bob.document.follow('a', () => undefined)
  await world.flush()
  const { session } = world.here
  const watching = { session, watching: true, writing: false }
  expect(world.alice.presence.of(bob.peer.device)).toEqual([watching])
  const writer = await world.here.stream(assistant, { id: 'a' })
  await world.elapse(presenceMs)
  expect(bob.peer.presence.of(world.alice.device)).toEqual([
    { session, watching: false, writing: true },
  ])
  stop()
  await writer.end()
  await world.elapse(presenceMs)
  // It followed what is over.
  unfollow()
  await world.elapse(presenceMs)
  await world.elapse(presenceMs)
  expect(world.alice.presence.of(bob.peer.device)).toEqual([])
  expect(bob.peer.presence.of(world.alice.device)).toEqual([])
})
