/** PF9: garbage outside of the heap is collected in time. */
import { createCollecting } from '@baton/client/node/collecting'
import { expect, it } from 'vitest'

/** A process that holds `live` bytes; what else it allocated stays until it is collected. */
function process(beyond: number) {
  const state = { live: 0, garbage: 0, collections: 0, most: 0, marking: [] as boolean[] }
  const quiet = new Set<() => void>()
  const due: (() => void)[] = []
  const allocated = createCollecting(
    {
      arrayBuffers: () => state.live + state.garbage,
      collect() {
        state.garbage = 0
        state.collections += 1
      },
      soon: (run) => due.push(run),
      marking: (stepwise) => state.marking.push(stepwise),
      later(_ms, run) {
        quiet.add(run)
        return () => quiet.delete(run)
      },
    },
    beyond,
  )
  return {
    state,
    due,
    quiet,
    allocate(bytes: number) {
      state.garbage += bytes
      state.most = Math.max(state.most, state.garbage)
      allocated(bytes)
      for (const run of due.splice(0)) run()
    },
  }
}

it('PF9 however much is allocated, garbage stays near the bound, live bytes not counted', () => {
  const { state, allocate } = process(1000)
  state.live = 5000
  allocate(500)
  const first = state.collections
  for (let i = 0; i < 10_000; i++) allocate(10)
  expect(state.most).toBeLessThanOrEqual(1500)
  expect(state.collections - first).toBeLessThanOrEqual(100_000 / 1000)
})

it('PF9 what V8 collected by itself is not collected again', () => {
  const { state, allocate } = process(1000)
  for (let i = 0; i < 1000; i++) {
    allocate(100)
    state.garbage = 0
  }
  expect(state.collections).toBe(0)
})

it('PF9 memory that came free lowers what garbage is counted from', () => {
  const { state, allocate } = process(1000)
  state.live = 50_000
  for (let i = 0; i < 20; i++) allocate(100)
  state.live = 0
  const before = state.collections
  for (let i = 0; i < 50; i++) allocate(100)
  expect(state.collections).toBeGreaterThan(before)
})

it('PF9 one check is asked for at a time', () => {
  const { due, state } = process(1000)
  const asked: (() => void)[] = []
  const allocated = createCollecting(
    {
      arrayBuffers: () => 0,
      collect: () => {},
      soon: (run) => asked.push(run),
      marking: () => {},
      later: () => () => {},
    },
    1000,
  )
  for (let i = 0; i < 100; i++) allocated(1000)
  expect(asked).toHaveLength(1)
  asked[0]?.()
  allocated(1000)
  expect([asked.length, due.length, state.collections]).toEqual([2, 0, 0])
})

it('PF9 while data moves V8 does not mark bit by bit, and does again when it is quiet', () => {
  const { state, quiet, allocate } = process(1000)
  allocate(100)
  expect(state.marking).toEqual([])
  for (let i = 0; i < 100; i++) allocate(100)
  expect([state.marking, quiet.size]).toEqual([[false], 1])
  for (const run of quiet) run()
  quiet.clear()
  expect(state.marking).toEqual([false, true])
  for (let i = 0; i < 10; i++) allocate(100)
  expect(state.marking).toEqual([false, true, false])
})
