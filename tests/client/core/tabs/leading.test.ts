/** Who leads the pages of one origin, with time as an input (rules WB4, WB30). */
import {
  beginLeading,
  type Leading,
  type LeadingInput,
  stepLeading,
} from '@baton/client/core/tabs/leading'
import { tabAskMs, tabAsks } from '@baton/client/core/tabs/limits'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { tries } from '../../../support/tries.ts'

/** A machine, driven; gives what each input asked for. */
function driven() {
  let state: Leading = beginLeading()
  return {
    put(input: LeadingInput): string[] {
      const [next, effects] = stepLeading(state, input)
      state = next
      return effects.map((effect) => effect.do)
    },
    get role() {
      return state.role
    },
    get leader() {
      return state.leader
    },
  }
}

it('WB4 a page waits for the lock, opens the device when it has it, and answers who asks', () => {
  const page = driven()
  expect(page.put({ on: 'begin', now: 0 })).toEqual(['queue', 'ask'])
  expect(page.put({ on: 'asked' })).toEqual([])
  expect(page.put({ on: 'granted' })).toEqual(['tell', 'open'])
  expect(page.put({ on: 'asked' })).toEqual(['tell'])
  expect(page.put({ on: 'opened', term: 4 })).toEqual(['tell', 'follow'])
  expect(page.put({ on: 'lost', now: 9 })).toEqual(['gone', 'close', 'release', 'queue', 'ask'])
  expect(page.role).toBe('waiting')
})

it('WB30 a leader that lets go, or whose lock another has, is asked nothing more at once', () => {
  const page = driven()
  page.put({ on: 'begin', now: 0 })
  expect(page.put({ on: 'heard', tab: 'a', term: 4, now: 0 })).toEqual(['follow'])
  expect(page.put({ on: 'heard', tab: 'a', term: 4, now: 1 })).toEqual([])
  expect(page.put({ on: 'going', tab: 'b', now: 2 })).toEqual([])
  expect(page.put({ on: 'going', tab: 'a', now: 2 })).toEqual(['gone', 'ask'])
  expect(page.put({ on: 'heard', tab: 'b', term: 0, now: 3 })).toEqual([])
  expect(page.put({ on: 'heard', tab: 'b', term: 5, now: 4 })).toEqual(['follow'])
  // One that was, and does not know yet.
  expect(page.put({ on: 'heard', tab: 'a', term: 4, now: 5 })).toEqual([])
  expect(page.put({ on: 'heard', tab: 'c', term: 6, now: 6 })).toEqual(['gone', 'follow'])
})

it('WB29 WB30 one that leads steps down by the browser’s lock or the fence, and by nobody’s words', () => {
  const page = driven()
  page.put({ on: 'begin', now: 0 })
  page.put({ on: 'granted' })
  page.put({ on: 'opened', term: 4 })
  expect(page.put({ on: 'heard', tab: 'a', term: 3, now: 1 })).toEqual([])
  expect(page.put({ on: 'heard', tab: 'a', term: 0, now: 1 })).toEqual([])
  expect(page.put({ on: 'heard', tab: 'a', term: 5, now: 1 })).toEqual([])
  expect(page.put({ on: 'going', tab: 'a', now: 1 })).toEqual([])
  expect(page.put({ on: 'lost', now: 1 })).toContain('close')
})

it('WB30 silence is counted in questions: a page that slept takes nothing, five without an answer do', () => {
  const page = driven()
  page.put({ on: 'begin', now: 0 })
  page.put({ on: 'heard', tab: 'a', term: 4, now: 0 })
  expect(page.put({ on: 'tick', now: tabAskMs - 1, front: true })).toEqual([])
  // A night later.
  let now = 30_000_000
  for (let i = 0; i < tabAsks; i++) {
    expect(page.put({ on: 'tick', now, front: true })).toEqual(['ask'])
    now += tabAskMs
  }
  expect(page.put({ on: 'tick', now, front: false })).toEqual(['ask'])
  now += tabAskMs
  expect(page.put({ on: 'tick', now, front: true })).toEqual(['gone', 'pass', 'steal'])
  expect(page.role).toBe('taking')
  expect(page.put({ on: 'granted' })).toEqual(['tell', 'open'])

  // Taken back by one that was only slow: from now on twice as patient.
  page.put({ on: 'lost', now })
  for (let i = 0; i < 2 * tabAsks; i++) {
    now += tabAskMs
    expect(page.put({ on: 'tick', now, front: true })).toEqual(['ask'])
  }
  expect(page.put({ on: 'tick', now: now + tabAskMs, front: true })).toContain('steal')
})

it('WB30 a frozen page lets go and waits for nothing until it is thawed', () => {
  const page = driven()
  page.put({ on: 'begin', now: 0 })
  page.put({ on: 'granted' })
  page.put({ on: 'opened', term: 4 })
  expect(page.put({ on: 'frozen' })).toEqual(['gone', 'pass', 'close', 'release'])
  for (const input of [
    { on: 'granted' },
    { on: 'asked' },
    { on: 'tick', now: 99_000, front: true },
    { on: 'heard', tab: 'a', term: 9, now: 99_000 },
  ] as const) {
    expect(page.put(input)).toEqual([])
  }
  expect(page.put({ on: 'thawed', now: 100_000 })).toEqual(['queue', 'ask'])
})

it('WB4 whatever comes in whatever order, the device is opened under the lock and closed before it is again', () => {
  const time = fc.nat(20_000)
  const tab = fc.constantFrom('a', 'b')
  const input: fc.Arbitrary<LeadingInput> = fc.oneof(
    fc.record({ on: fc.constantFrom('begin' as const, 'thawed' as const), now: time }),
    fc.record({ on: fc.constant('lost' as const), now: time }),
    fc.record({ on: fc.constantFrom('granted' as const, 'refused', 'asked', 'frozen') }),
    fc.record({ on: fc.constant('opened' as const), term: fc.integer({ min: 1, max: 9 }) }),
    fc.record({ on: fc.constant('heard' as const), tab, term: fc.nat(9), now: time }),
    fc.record({ on: fc.constant('going' as const), tab, now: time }),
    fc.record({ on: fc.constant('tick' as const), now: time, front: fc.boolean() }),
  ) as fc.Arbitrary<LeadingInput>
  const law = fc.property(fc.array(input, { maxLength: 60 }), (inputs) => {
    const page = driven()
    let open = false
    let asked = false
    for (const each of inputs) {
      const effects = page.put(each)
      for (const effect of effects) {
        if (effect === 'open') {
          expect(each.on).toBe('granted')
          expect(asked).toBe(true)
          expect(open).toBe(false)
          open = true
        } else if (effect === 'close') {
          expect(open).toBe(true)
          open = false
        } else if (effect === 'queue' || effect === 'steal') asked = true
        else if (effect === 'release') asked = false
      }
      expect(open).toBe(page.role === 'opening' || page.role === 'leading')
      if (open) expect(page.leader).toBeUndefined()
    }
  })
  fc.assert(law, { numRuns: tries(500) })
})
