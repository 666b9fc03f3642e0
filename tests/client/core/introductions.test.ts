/** IN2 to IN4: for whom a device derives a pair record, and for whom not. */
import type { Devices } from '@baton/client/core/devices'
import { createIntroductions } from '@baton/client/core/introductions'
import type { Links } from '@baton/client/core/links'
import type { PairMemoryRecord, PairRecord } from '@baton/client/core/pairing/memory'
import { type DeviceId, deviceId, sessionId } from '@baton/shared/ids'
import { introduce } from '@baton/shared/keyexchange/introduction'
import type { RosterDevice } from '@baton/shared/roster/fold'
import { expect, it } from 'vitest'
import { createMemoryKeyring } from '../../support/memory-keyring.ts'

const roster = new Uint8Array(16).fill(5)
const [own, bob, carol, dave] = [1, 2, 3, 4].map(createMemoryKeyring) as [
  ReturnType<typeof createMemoryKeyring>,
  ReturnType<typeof createMemoryKeyring>,
  ReturnType<typeof createMemoryKeyring>,
  ReturnType<typeof createMemoryKeyring>,
]
const self = deviceId(own.device)

const listed = (keyring: typeof own, more: Partial<RosterDevice> = {}) =>
  ({
    device: deviceId(keyring.device),
    exchange: keyring.exchange,
    shown: 'device',
    platform: 'test',
    ownKeys: true,
    ...more,
  }) as RosterDevice

function world(rows: RosterDevice[], records: PairMemoryRecord[] = []) {
  const living = new Map(rows.map((row) => [row.device, row]))
  const kept: PairRecord[] = []
  const traced: string[] = []
  const paired = new Map<DeviceId, PairRecord>()
  const look = createIntroductions({
    self,
    keyring: own,
    paired,
    devices: {
      session: () => sessionId(roster),
      roster: () => ({ devices: living }),
      isMember: (device: DeviceId) => living.has(device),
    } as unknown as Devices,
    memory: {
      all: async () => records,
      put: async (record) => void records.push(record),
      remove: async (id) =>
        void records.splice(
          records.findIndex((each) => each.id === id),
          1,
        ),
    },
    links: { keep: (record: PairRecord) => void kept.push(record) } as unknown as Links,
    trace: (event, { error = '' } = {}) => void traced.push(`${event} ${error}`),
  })
  return { look, kept, traced, paired, records, living }
}

it('IN3 each device that says its own keys is kept once, under the root that it derives as well', async () => {
  const { look, kept, paired, records } = world([listed(own), listed(bob), listed(carol)])
  await Promise.all([look(), look()])
  await look()
  expect(kept.map(({ device }) => deviceId(device))).toEqual(
    [bob, carol].map((each) => deviceId(each.device)),
  )
  expect(records).toEqual(kept)
  expect(paired.size).toBe(2)
  const theirs = introduce(await bob.agree(own.exchange), roster, bob, own)
  expect(kept[0]).toMatchObject({ ...theirs, introduced: true, version: 0 })
})

it('IN2 nobody is introduced by keys that only another says', async () => {
  const { look, kept } = world([listed(own), listed(bob, { ownKeys: false })])
  await look()
  expect(kept).toEqual([])
})

it('IN4 whom it paired with in person, also if that is not told yet, and whom a removed device sees, are left alone', async () => {
  const record = { at: 'paired', id: 'x', device: bob.device } as PairRecord
  const { look, kept } = world([listed(own), listed(bob)], [record])
  await look()
  expect(kept).toEqual([])
  const gone = world([listed(bob)])
  await gone.look()
  expect(gone.kept).toEqual([])
})

it('IN3 a key that nothing can be agreed with is traced, and the next one is met', async () => {
  const bad = listed(bob, { exchange: new Uint8Array(32) })
  const { look, kept, traced } = world([listed(own), bad, listed(dave)])
  await look()
  expect(kept).toHaveLength(1)
  expect(traced).toEqual(['introduction.failed bad-key'])
})
