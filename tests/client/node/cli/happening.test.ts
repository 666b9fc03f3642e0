/** UP8: what a device that is up tells of what happens. */
import { createHappenings } from '@baton/client/node/cli/happening'
import { createPaint } from '@baton/client/node/cli/paint'
import { expect, it } from 'vitest'
import { bob } from '../../../support/fake-mesh.ts'

const server = 'http://signaling.test'
const lines = () => createHappenings(createPaint(false), { home: '/home/a', now: () => 0 })

it('UP8 a service that goes away and comes back is one line each', () => {
  const lineOf = lines()
  const told = (['up', 'down', 'down', 'up', 'up', 'down'] as const).map((state) =>
    lineOf({ kind: 'signaling', state, server })?.slice(10),
  )
  const away = `no answer from the signaling service at ${server}; open connections stay`
  const back = `the signaling service at ${server} answers again`
  expect(told).toEqual([undefined, away, undefined, back, undefined, away])
})

it('UP8 a device is told when its state changes, and a guest by who invited it', () => {
  const lineOf = lines()
  const tell = (row: Partial<typeof bob>) =>
    lineOf({ kind: 'device', device: { ...bob, addedAt: 1, ...row } })?.slice(10)
  expect(tell({})).toBe(`bob (${bob.short}) connected direct`)
  expect(tell({ rttMs: 9 })).toBeUndefined()
  expect(tell({ state: 'connecting', path: undefined })).toBeUndefined()
  expect(tell({ state: 'offline', path: undefined })).toBe(`bob (${bob.short}) offline`)
  expect(tell({ addedAt: 0 })).toBeUndefined()
})
