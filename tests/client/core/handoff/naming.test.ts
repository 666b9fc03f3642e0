/** LE14: what entries name by which a session changes hands, however many logs somebody began. */
import { namedOf } from '@baton/client/core/handoff/leases'
import { encode } from '@baton/shared/encoding/msgpack'
import { type DeviceId, joinLogId, type LogId, splitLogId } from '@baton/shared/ids'
import { maxInlineBytes } from '@baton/shared/limits'
import { kinds } from '@baton/shared/log/kinds'
import {
  encodeAccept,
  encodeLease,
  encodeReady,
  maxLeaseLogs,
} from '@baton/shared/model/lease-entries'
import { expect, it } from 'vitest'
import { deviceOf, session } from '../../../support/document-world.ts'
import {
  heldBy,
  holders,
  joinPeers,
  openHandoffPeer,
  soon,
  told,
} from '../../../support/handoff-peers.ts'

const many = (device: DeviceId, count: number): LogId[] =>
  Array.from({ length: count }, (_, i) => {
    const inc = new Uint8Array(8)
    new DataView(inc.buffer).setUint32(0, i)
    return joinLogId(session, device, inc)
  })

it('LE14 an entry names only logs of who hands over or is taken from, and fits whatever was begun', () => {
  const [alice, bob] = [deviceOf('alice'), deviceOf('bob')]
  const logs = [...many(bob, 5000), ...many(alice, 5000)]
  const held = logs.map((log) => [log, 2 ** 40] as const)
  // Of her first logs alice said something in a few.
  const said = many(alice, 20)
  const state = {
    logs: new Map(
      logs.map((log, i) => [
        log,
        { device: alice, seq: 1, hash: new Uint8Array(32), changed: i, hiddenCount: 0 },
      ]),
    ),
    judged: new Map(
      said.map((log) => [log, new Map([[3, { last: 1, first: 0, reason: undefined }]])]),
    ),
  }
  const vector = namedOf(state, held, { device: alice, epoch: 3 })
  expect(vector.size).toBe(maxLeaseLogs)
  expect([...vector.keys()].every((log) => splitLogId(log).device === alice)).toBe(true)
  for (const log of [...said, ...many(alice, 5000).slice(-1000)]) expect(vector.has(log)).toBe(true)
  const request = new Uint8Array(16)
  for (const payload of [
    encodeLease({ epoch: 4, how: 'transfer', holder: bob, request, vector }),
    encodeReady({ request, vector }),
    encodeAccept({ vector }),
  ]) {
    expect(encode(payload).length).toBeLessThan(maxInlineBytes)
  }
})

it('LE14 a third device that begins logs is in the way of no handoff and no takeover', async () => {
  const [alice, bob, carol] = [
    await openHandoffPeer(1),
    await openHandoffPeer(2),
    await openHandoffPeer(3),
  ]
  const { session: of } = await heldBy(alice, bob.self, carol.self)
  await joinPeers(alice, carol)
  await joinPeers(alice, bob)
  await soon(async () => (await carol.documents.state(of)).writers.has(carol.self))
  for (let i = 0; i < 30; i++) {
    await carol.repository.apart(of)((to) => {
      to.append(kinds.inbox, [`${i}`, 'x'])
      return []
    })
  }
  await soon(() => alice.repository.heads(of).length > 30)
  await bob.handoffs.setPolicy('always')
  await told(alice.handoffs.hand(of, { to: bob.self, kind: 'transfer' }))
  expect(await holders(of, alice, bob)).toEqual([1, 1])
  await told(alice.handoffs.take(of, { kind: 'transfer', force: true }))
  const { leases } = await alice.documents.state(of)
  const devices = (epoch: number) =>
    [...(leases.leases.get(epoch)?.[0]?.vector.keys() ?? [])].map((log) => splitLogId(log).device)
  expect([new Set(devices(1)), new Set(devices(2))]).toEqual([
    new Set([alice.self]),
    new Set([bob.self]),
  ])
})
