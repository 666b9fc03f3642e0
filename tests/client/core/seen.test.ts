/** LK2: when devices were last connected, over restarts. */
import { createMemoryStore } from '@baton/client/core/memory/store'
import { openSeen } from '@baton/client/core/seen'
import { expect, it } from 'vitest'
import { createManualClock } from '../../support/manual-clock.ts'
import { signer } from '../../support/signer.ts'

const [bob, carol] = [signer(2).device, signer(3).device]
const hourMs = 3_600_000

it('LK2 it is known after a restart, and after a crash to the hour', async () => {
  const store = createMemoryStore()
  const clock = createManualClock()
  const seen = await openSeen(store, clock)
  expect(seen.last(bob)).toBeUndefined()
  const gone = seen.begin(bob)
  seen.begin(carol)
  await clock.elapse(hourMs / 2)
  expect(seen.last(bob)).toBe(clock.now())
  gone()
  const left = clock.now()
  await clock.elapse(hourMs)
  // Nobody closed it: the process was killed.
  const again = await openSeen(store, clock)
  expect(again.last(bob)).toBe(left)
  expect(clock.now() - (again.last(carol) ?? 0)).toBe(hourMs / 2)
})

it('LK2 of two links to one device the last one counts, and who is forgotten is', async () => {
  const store = createMemoryStore()
  const clock = createManualClock()
  const seen = await openSeen(store, clock)
  const [first, second] = [seen.begin(bob), seen.begin(bob)]
  first()
  first()
  await clock.elapse(1000)
  expect(seen.last(bob)).toBe(clock.now())
  seen.forget(bob)
  second()
  expect(seen.last(bob)).toBeUndefined()
  expect(clock.pending).toBe(0)
  expect((await openSeen(store, clock)).last(bob)).toBeUndefined()
})

it('LK2 a disk that takes nothing costs only the memory of it', async () => {
  const store = { ...createMemoryStore(), write: async () => Promise.reject(new Error('full')) }
  const seen = await openSeen(store, createManualClock())
  seen.begin(bob)()
  expect(seen.last(bob)).toBe(createManualClock().now())
})
