/** RZ17 to RZ20: reading by socket or by poll, and over what goes wrong. */
import type { Slot, SlotEvent } from '@baton/client/core/ports/rendezvous'
import { createRendezvous } from '@baton/client/rendezvous/client'
import { slotGraceMs } from '@baton/shared/limits'
import { closeCodes } from '@baton/shared/protocol/rendezvous'
import { expect, it } from 'vitest'
import { fakeSockets } from '../../support/fake-socket.ts'
import { createManualClock } from '../../support/manual-clock.ts'
import { json, scriptedFetch } from '../../support/scripted-fetch.ts'

const token = 'A'.repeat(32)
const random = { bytes: () => Uint8Array.of(128, 0) }
const crowded = (seq: number) => ({ kind: 'crowded', seq })
const message = (seq: number, blob = 'AAAA') => ({ kind: 'message', seq, blob })

/** A joiner's slot whose events come from `polls` or from sockets the test holds. */
async function joined(polls: Parameters<typeof scriptedFetch>[0] = () => new Error('down')) {
  const clock = createManualClock()
  const sockets = fakeSockets()
  const script = scriptedFetch((asked, n) => {
    if (asked.path === '/v1/claim') return json({ token, sid: 'A'.repeat(22), turn: 1 })
    return asked.path === '/v1/events' ? polls(asked, n) : json({})
  })
  const rendezvous = createRendezvous({
    server: 'https://signal.example',
    clock,
    random,
    fetch: script.fetch,
    socket: sockets.open,
  })
  const listen = (slot: Slot) => {
    const events: SlotEvent[] = []
    slot.onEvent((event) => events.push(event))
    return events
  }
  const slot = await rendezvous.claim('412')
  const polled = () => script.asked.filter(({ path }) => path === '/v1/events')
  return { clock, rendezvous, slot, events: listen(slot), listen, sockets: sockets.made, polled }
}

it('RZ20 events come once and in order over reconnects, each frame is acknowledged', async () => {
  const { clock, events, sockets } = await joined()
  const [first] = sockets
  expect(first?.url).toBe('wss://signal.example/v1/socket')
  first?.open()
  expect(first?.sent).toEqual([{ token, after: 0 }])
  first?.frame({ events: [crowded(1), message(2)] })
  first?.frame({ events: [message(2), message(3)] })
  expect(first?.sent.slice(1)).toEqual([{ ack: 2 }, { ack: 3 }])
  first?.end(1006)
  await clock.elapse(1000)
  const [, second] = sockets
  second?.open()
  expect(second?.sent).toEqual([{ token, after: 3 }])
  second?.frame({ events: [message(3), crowded(4)] })
  expect(events.map(({ kind }) => kind)).toEqual(['crowded', 'message', 'message', 'crowded'])
})

it('RZ18 a socket that does not come up within 4 s gives way to long poll, for ten minutes', async () => {
  let answer = (_response: Response) => {}
  const waiting = new Promise<Response>((resolve) => {
    answer = resolve
  })
  let polls = 0
  const { clock, rendezvous, events, listen, sockets, polled } = await joined(() =>
    polls++ === 0 ? json({ events: [crowded(1)] }) : waiting,
  )
  sockets[0]?.open()
  await clock.elapse(3_999)
  expect(polled()).toHaveLength(0)
  await clock.elapse(1)
  expect(events).toEqual([{ kind: 'crowded' }])
  expect(sockets[0]?.closed).toBe(true)
  expect(polled()[1]?.body).toEqual({ token, after: 1 })
  // another stream of the same client goes straight to the poll
  listen(await rendezvous.claim('413'))
  await clock.elapse(0)
  expect(sockets).toHaveLength(1)
  expect(polled()).toHaveLength(3)
  await clock.elapse(10 * 60_000 - 40_000)
  answer(json({ events: [] }))
  await clock.elapse(60_000)
  expect(sockets.length).toBeGreaterThan(1)
})

it('RZ18 a socket that is refused gives way at once, and is tried again when all was down', async () => {
  let up = false
  const { clock, events, sockets } = await joined(() =>
    up ? json({ events: [crowded(1)] }) : new Error('down'),
  )
  sockets[0]?.end(1006)
  await clock.elapse(1000)
  expect(sockets.length).toBeGreaterThan(1)
  up = true
  for (const socket of sockets) socket.end(1006)
  await clock.elapse(0)
  expect(events[0]).toEqual({ kind: 'crowded' })
})

it('RZ19 a poll that comes back at once with nothing is not asked in a loop', async () => {
  const { clock, sockets, polled } = await joined(() => json({ events: [] }))
  sockets[0]?.end(1006)
  await clock.elapse(4_000)
  expect(polled().length).toBeLessThan(8)
})

it.each<[string, unknown]>([
  ['no JSON', 'hello'],
  ['no events', {}],
  ['an unknown kind', { events: [{ kind: 'hello', seq: 1 }] }],
  ['a wrong number', { events: [{ kind: 'crowded', seq: -1 }] }],
  ['a blob of other letters', { events: [{ kind: 'message', seq: 1, blob: '<script>' }] }],
  ['a blob too large', { events: [{ kind: 'message', seq: 1, blob: 'A'.repeat(43_692) }] }],
  ['too many', { events: Array.from({ length: 257 }, (_, n) => crowded(n + 1)) }],
  ['too much', ' '.repeat(513 * 1024)],
  ['bytes', 7],
])('RZ19 a frame with %s ends the socket and nothing else', async (_what, frame) => {
  const { clock, events, sockets } = await joined()
  sockets[0]?.open()
  sockets[0]?.frame({ events: [crowded(1)] })
  sockets[0]?.frame(frame)
  expect(sockets[0]?.closed).toBe(true)
  sockets[0]?.frame({ events: [crowded(2)] })
  await clock.elapse(1000)
  sockets[1]?.open()
  expect(sockets[1]?.sent).toEqual([{ token, after: 1 }])
  expect(events).toEqual([{ kind: 'crowded' }])
})

it('RZ19 a blob that is no base64url is dropped alone', async () => {
  const { events, sockets } = await joined()
  sockets[0]?.open()
  sockets[0]?.frame({ events: [message(1, 'AAAAA'), message(2, 'AB'), crowded(3)] })
  expect(events).toEqual([{ kind: 'crowded' }])
})

it('RZ20 a socket that is silent for a minute is dropped', async () => {
  const { clock, sockets } = await joined()
  sockets[0]?.open()
  sockets[0]?.frame({ events: [] })
  await clock.elapse(59_999)
  expect(sockets[0]?.closed).toBe(false)
  await clock.elapse(1)
  expect(sockets[0]?.closed).toBe(true)
  await clock.elapse(1000)
  expect(sockets).toHaveLength(2)
})

it('RZ17 tries are spaced by doubling pauses, and a slot is lost when its grace is long over', async () => {
  const { clock, events, sockets } = await joined()
  const starts: number[] = []
  const begun = clock.monotonic()
  while (events.length === 0) {
    const count = sockets.length
    sockets.at(-1)?.end(1006)
    while (sockets.length === count && events.length === 0) await clock.elapse(125)
    starts.push(clock.monotonic() - begun)
  }
  expect(starts.slice(0, 5)).toEqual([125, 375, 875, 1875, 3875])
  expect(events).toEqual([{ kind: 'ended', reason: 'lost' }])
  expect(starts.at(-1)).toBeGreaterThan(2 * slotGraceMs)
  expect(clock.pending).toBe(0)
})

it('RZ17 a service that restarts is left alone for half a second', async () => {
  const { clock, sockets } = await joined()
  sockets[0]?.open()
  sockets[0]?.frame({ events: [] })
  sockets[0]?.end(closeCodes.draining)
  await clock.elapse(499)
  expect(sockets).toHaveLength(1)
  await clock.elapse(300)
  expect(sockets).toHaveLength(2)
})

it.each([
  ['unknown', closeCodes.unknown],
  ['replaced', closeCodes.replaced],
])('RZ12 a token the service calls %s is lost', async (_why, code) => {
  const { clock, slot, events, sockets } = await joined()
  sockets[0]?.open()
  sockets[0]?.frame({ events: [] })
  sockets[0]?.end(code)
  await clock.elapse(0)
  expect(events).toEqual([{ kind: 'ended', reason: 'lost' }])
  await expect(slot.send(new Uint8Array(1))).rejects.toMatchObject({ code: 'signaling-lost' })
  expect(clock.pending).toBe(0)
})

it('RZ19 a service that floods a slot nobody reads yet fills no memory', async () => {
  const { sockets, rendezvous, listen } = await joined()
  const slot = await rendezvous.claim('413')
  sockets[1]?.open()
  for (let n = 0; n < 1000; n++) sockets[1]?.frame({ events: [crowded(n + 1)] })
  expect(listen(slot)).toHaveLength(256)
})
