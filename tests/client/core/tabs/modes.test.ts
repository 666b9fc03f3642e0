/** A session in the interface modes of one device, out of the fields of its document (rule WB34). */
import { choosing, entering, modesOf } from '@baton/client/core/tabs/modes'
import type { Value } from '@baton/shared/encoding/msgpack'
import { type InterfaceMode, interfaceModes } from '@baton/shared/model/agent/schema'
import type { Change } from '@baton/shared/model/changes'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { agentSession, go, now, ui } from '../../../support/agent-session.ts'
import { apply } from '../../../support/apply-changes.ts'
import { tries } from '../../../support/tries.ts'

/** Fields of a document by their paths, as far as changes of them go. */
function fields() {
  const all = new Map<string, readonly [readonly string[], Value]>()
  return {
    seen: () => modesOf([...all.values()]),
    take(changes: readonly Change[]) {
      for (const each of changes) {
        if (each.kind !== 'register' || each.held.at !== 'value') continue
        all.set(each.path.join('/'), [each.path, each.held.value])
      }
      return changes
    },
  }
}

it('WB34 what is shown in a mode is what the model reads there, also before it was switched to', () => {
  const mode = fc.constantFrom(...interfaceModes)
  const step = fc.oneof(
    fc.record({ enter: mode }),
    fc.record({ choose: mode, size: fc.integer({ min: 8, max: 30 }) }),
    fc.record({ choose: mode, open: fc.boolean() }),
  )
  const law = fc.property(fc.array(step, { maxLength: 12 }), mode, (steps, last) => {
    const { alice } = agentSession()
    const own = fields()
    own.take([
      { kind: 'register', path: ['modes', 'active'], held: { at: 'value', value: 'popup' } },
      {
        kind: 'register',
        path: ['modes', 'available', 'popup'],
        held: { at: 'value', value: true },
      },
    ])
    for (const each of steps) {
      const seen = own.seen()
      if ('enter' in each) apply(alice, own.take(entering(seen, each.enter, now)))
      else {
        const [name, value] = 'size' in each ? ['fontSize', each.size] : ['sidebarOpen', each.open]
        apply(alice, own.take(choosing(seen, each.choose, [name, value] as [string, Value], now)))
      }
      const { active } = own.seen().modes
      expect(own.seen().shown(active)).toEqual(ui(alice, active))
    }
    const before = own.seen().shown(last)
    // One that it was in already keeps its own until it is switched to.
    if (!own.seen().modes.available.includes(last)) go(alice, last)
    expect(before).toEqual(ui(alice, last))
  })
  fc.assert(law, { numRuns: tries(100) })
})

it('WB34 each mode keeps what was chosen in it, and a value of the wrong kind is refused', () => {
  const own = fields()
  const choose = (mode: InterfaceMode, name: string, value: Value) =>
    own.take(choosing(own.seen(), mode, [name, value], now))
  own.take(entering(own.seen(), 'popup', now))
  own.take(entering(own.seen(), 'tab', now))
  choose('tab', 'fontSize', 20)
  choose('sidepanel', 'fontSize', 12)
  expect(own.seen().modes.active).toBe('sidepanel')
  expect(own.seen().shown('tab')).toMatchObject({ fontSize: 20, sidebarOpen: false })
  expect(own.seen().shown('sidepanel')).toMatchObject({ fontSize: 12, layout: 'sidebar' })
  expect(own.seen().shown('mobile')).toMatchObject({ fontSize: 12, layout: 'mobile' })
  for (const wrong of [0, -3, 'large', true]) {
    expect(() => choose('tab', 'fontSize', wrong)).toThrow('not what this name holds')
  }
})

it('WB34 what another device left there in any form is read over', () => {
  const hostile: (readonly [readonly string[], Value])[] = [
    [['modes', 'active'], 7],
    [['modes', 'carried', 'tab'], 'x'],
    [['ui', 'tab', 'fontSize'], -1],
    [['ui', 'tab', '__proto__'], { fontSize: 99 }],
    [['ui', 'tab'], 'x'],
  ]
  expect(modesOf(hostile).shown('tab')).toMatchObject({ fontSize: 14, layout: 'standard' })
})
