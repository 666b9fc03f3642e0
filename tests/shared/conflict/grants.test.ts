/** GR1, GR5: who is let in, by the set of grants alone; both folds say the same as the pure rule. */
import { createRights } from '@baton/shared/conflict/grants'
import type { GrantKind } from '@baton/shared/model/agent-entries'
import { encodeGrant, parseGrant } from '@baton/shared/model/agent-entries'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import {
  createDocumentWorld,
  deviceOf,
  fold,
  type Name,
  names,
} from '../../support/document-world.ts'
import { tries } from '../../support/tries.ts'

const name = fc.constantFrom(...names)
const kind = fc.constantFrom<GrantKind>('copy', 'mirror', 'full')
const grants = fc.array(fc.record({ by: name, to: name, kind }), { maxLength: 12 })
type Grants = readonly { readonly by: Name; readonly to: Name; readonly kind: GrantKind }[]

/** Said again and again until nothing changes: what the rule means. */
function model(all: Grants): Map<Name, number> {
  const up: readonly GrantKind[] = ['copy', 'mirror', 'full']
  const has = new Map<Name, number>([['alice', 2]])
  for (let before = -1; before !== [...has.values()].reduce((a, b) => a + b + 1, 0); ) {
    before = [...has.values()].reduce((a, b) => a + b + 1, 0)
    for (const { by, to, kind } of all) {
      if (has.get(by) === 2) has.set(to, Math.max(has.get(to) ?? 0, up.indexOf(kind)))
    }
  }
  return has
}

function rights(all: Grants, beginsAt: number) {
  const found = createRights()
  for (const [i, { by, to, kind }] of all.entries()) {
    if (i === beginsAt) found.begin(deviceOf('alice'))
    found.take(deviceOf(by), { device: deviceOf(to), kind })
  }
  found.begin(deviceOf('alice'))
  return found.has
}

it('GR1 GR5 who is let in depends on the set of grants, whatever came first', () => {
  fc.assert(
    fc.property(grants, fc.nat(12), (all, at) => {
      const up: readonly GrantKind[] = ['copy', 'mirror', 'full']
      const meant = new Map([...model(all)].map(([n, k]) => [deviceOf(n), up[k]]))
      expect(rights(all, at)).toEqual(meant)
      expect(rights([...all].reverse(), at)).toEqual(meant)
    }),
    { numRuns: tries(500) },
  )
})

it('GR5 the fold of a document lets write, and let others in, exactly those', () => {
  fc.assert(
    fc.property(grants, (all) => {
      const { writers, all: entries } = createDocumentWorld()
      writers.alice.row('tabs', 'k', { at: 'absent' })
      for (const { by, to, kind } of all) writers[by].grant(to, kind)
      const meant = model(all)
      const withAtLeast = (least: number) =>
        new Set(names.filter((n) => (meant.get(n) ?? -1) >= least).map(deviceOf))
      for (const order of [
        entries,
        [...entries].sort((a, b) => (a.log < b.log ? 1 : a.log > b.log ? -1 : 0)),
      ]) {
        const state = fold(order)
        expect(state.writers).toEqual(withAtLeast(1))
        expect(state.hosts).toEqual(withAtLeast(2))
      }
    }),
    { numRuns: tries(200) },
  )
})

it('GR5 a grant with that right is a mirror for whoever does not know it, and reads back as written', () => {
  const device = deviceOf('bob')
  for (const kind of ['copy', 'mirror', 'full'] as const) {
    expect(parseGrant(encodeGrant({ device, kind }))).toEqual({ device, kind })
  }
  const full = encodeGrant({ device, kind: 'full' }) as unknown[]
  expect(full.slice(0, 2)).toEqual(
    (encodeGrant({ device, kind: 'mirror' }) as unknown[]).slice(0, 2),
  )
  expect(parseGrant([full[0], 'copy', true])).toEqual({ device, kind: 'copy' })
  expect(parseGrant([full[0], 'mirror', 1])).toEqual({ device, kind: 'mirror' })
})
