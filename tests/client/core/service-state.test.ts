/** ME6: whether the signaling service answers, as surfaces are told. */
import type { Rendezvous } from '@baton/client/core/ports/rendezvous'
import { watchService } from '@baton/client/core/service-state'
import { expect, it } from 'vitest'
import { createManualClock } from '../../support/manual-clock.ts'

function setUp() {
  const clock = createManualClock()
  const watchers = new Set<(state: 'up' | 'down') => void>()
  const rendezvous = {
    onState(handler: (state: 'up' | 'down') => void) {
      watchers.add(handler)
      return () => watchers.delete(handler)
    },
  } as unknown as Rendezvous
  const told: string[] = []
  const service = watchService({ rendezvous, clock }, (state) => told.push(state))
  const turn = (state: 'up' | 'down') => {
    for (const watcher of watchers) watcher(state)
  }
  return { clock, service, told, turn, watchers }
}

it('ME6 it is told as up at once, as down when that has lasted, each once', () => {
  const { clock, service, told, turn } = setUp()
  expect(service.now()).toBe('unasked')
  turn('up')
  expect(told).toEqual(['up'])
  turn('down')
  expect([service.now(), told]).toEqual(['down', ['up']])
  clock.advance(5_000)
  expect(told).toEqual(['up', 'down'])
  clock.advance(60_000)
  turn('up')
  expect(told).toEqual(['up', 'down', 'up'])
})

it('ME6 an absence of a moment is nobody’s news, however often it comes', () => {
  const { clock, told, turn } = setUp()
  for (let n = 0; n < 10; n++) {
    turn('up')
    clock.advance(4_000)
    turn('down')
    clock.advance(4_000)
  }
  expect(told).toEqual(['up'])
})

it('ME6 a service that never answered is told as down', () => {
  const { clock, told, turn } = setUp()
  turn('down')
  clock.advance(5_000)
  expect(told).toEqual(['down'])
})

it('ME6 nothing is left when it ends', () => {
  const { clock, service, told, turn, watchers } = setUp()
  turn('down')
  service.close()
  expect([clock.pending, watchers.size]).toEqual([0, 0])
  clock.advance(10_000)
  expect(told).toEqual([])
})
