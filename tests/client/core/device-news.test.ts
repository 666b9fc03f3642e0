/** ME8: which rows of a device are news. */
import { createDeviceNews } from '@baton/client/core/device-news'
import type { DeviceRow } from '@baton/client/core/mesh-api'
import { expect, it } from 'vitest'
import { alice, bob } from '../../support/fake-mesh.ts'

it('ME8 a row is told when it changed, and not for what is only measured', () => {
  let row: DeviceRow | undefined = bob
  const told: DeviceRow[] = []
  const news = createDeviceNews(
    () => row,
    (each) => told.push(each),
  )
  const says = (next: DeviceRow | undefined) => {
    row = next
    const before = told.length
    for (let i = 0; i < 100; i++) news(bob.id)
    return told.slice(before)
  }
  expect(says(bob)).toEqual([bob])
  expect(says({ ...bob, rttMs: 9, lastSeen: 2000 })).toEqual([])
  const relayed: DeviceRow = { ...bob, path: 'relayed', rttMs: 40 }
  expect(says(relayed)).toEqual([relayed])
  const trouble = { code: 'no-path', message: 'no path', hint: undefined }
  const offline: DeviceRow = { ...bob, state: 'offline', path: undefined, trouble }
  expect(says(offline)).toEqual([offline])
  const other = { ...offline, trouble: { ...trouble, message: 'no path, tried 3' } }
  expect(says(other)).toEqual([other])
  // One that is unknown now, and known again, is news.
  expect(says(undefined)).toEqual([])
  expect(says(other)).toEqual([other])
})

it('ME8 what one device says hides nothing of another', () => {
  const rows = new Map([alice, bob].map((row) => [row.id, row]))
  const told: string[] = []
  const news = createDeviceNews(
    (id) => rows.get(id),
    ({ name }) => told.push(name),
  )
  for (const id of [alice.id, bob.id, alice.id]) news(id)
  expect(told).toEqual(['alice', 'bob'])
})
