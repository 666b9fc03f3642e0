/** What changes go over in a page (rule WB35). */
import { type ChannelFacts, chosen, pageChannels } from '@baton/client/core/tabs/channels'
import { expect, it } from 'vitest'
import { alice, bob } from '../../../support/fake-mesh.ts'

const facts: ChannelFacts = {
  ...{ hasBroadcast: true, heard: 10, written: 20, devices: [alice, bob], now: 100 },
  signaling: { server: 'http://127.0.0.1:7370', state: 'up' },
}

it('WB35 channels stand in their order, with whether they are sealed and when they were used', () => {
  expect(pageChannels(facts)).toEqual([
    { type: 'broadcast', priority: 1, encryption: false, up: true, lastSync: 10 },
    { type: 'indexeddb', priority: 2, encryption: true, up: true, lastSync: 20 },
    { type: 'websocket', priority: 3, encryption: true, up: true, lastSync: 100 },
    { type: 'webrtc', priority: 4, encryption: true, up: true, lastSync: 100 },
  ])
})

it('WB35 the next one carries what the first cannot', () => {
  const rows = pageChannels(facts)
  expect([chosen(rows, 'page'), chosen(rows, 'device')]).toEqual(['broadcast', 'webrtc'])
  const less = pageChannels({
    ...{ ...facts, hasBroadcast: false, signaling: undefined },
    devices: [alice, { ...bob, state: 'offline', lastSeen: 50 }],
  })
  expect(less[0]).toMatchObject({ type: 'storage', encryption: true })
  expect(less.slice(2)).toMatchObject([{ up: false }, { up: false, lastSync: 50 }])
  // What another device does not get now stands in the store until it does.
  expect([chosen(less, 'page'), chosen(less, 'device')]).toEqual(['storage', 'indexeddb'])
})
