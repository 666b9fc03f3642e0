/** Pairing runs as a mesh keeps them: what becomes of a guest. */
import { createGuestCare } from '@baton/client/core/guests'
import type { Links } from '@baton/client/core/links'
import type { DeviceRow } from '@baton/client/core/mesh-api'
import type { PairMemory, PairRecord } from '@baton/client/core/pairing/memory'
import type { PairRun, PairRunEvent } from '@baton/client/core/pairing/ports'
import { createPairTasks, type Guest } from '@baton/client/core/pairing/tasks'
import { type DeviceId, idBytes } from '@baton/shared/ids'
import { expect, it } from 'vitest'
import { createChannelPair } from '../../../support/channel-pair.ts'
import { signer } from '../../../support/signer.ts'

it('LK4 a guest that came again is not forgotten when its older channel closes', async () => {
  const { device } = signer(3)
  const guests = new Map<DeviceId, Guest>()
  const channels = [createChannelPair(), createChannelPair()]
  let visit = 0
  const run = (): PairRun => {
    const channel = channels[visit++]?.alice
    const peer = { device: idBytes(device), name: `visit ${visit}`, platform: 'x', guest: true }
    const link = { bound: { channel, device: peer.device } }
    const events = async function* () {
      yield { at: 'paired', peer, link, ms: 1 } as unknown as PairRunEvent
    }
    return { events: events(), answer: () => {}, cancel: () => {} } as unknown as PairRun
  }
  const care = { links: {} as Links, isGuest: () => true, notice: () => undefined }
  const tasks = createPairTasks({
    pairing: { invite: run, join: run } as never,
    memory: { all: async () => [] } as unknown as PairMemory,
    paired: new Map<DeviceId, PairRecord>(),
    guests,
    links: { guest: () => {} } as unknown as Links,
    left: createGuestCare({ ...care, guests }).left,
    row: (id) => ({ id, name: guests.get(id)?.name }) as unknown as DeviceRow,
  })
  for (const _ of channels) {
    for await (const event of tasks.join('code', { confirm: false }).events) {
      expect(event.at).toBe('paired')
    }
  }
  channels[0]?.cut()
  expect(guests.get(device)?.name).toBe('visit 2')
  channels[1]?.cut()
  expect(guests.size).toBe(0)
})
