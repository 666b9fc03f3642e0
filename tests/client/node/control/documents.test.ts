/** CS3: conflicts, and what does not count, over the control socket. */
import type { HiddenRow } from '@baton/client/core/mesh-api'
import { joinLogId } from '@baton/shared/ids'
import { expect, it } from 'vitest'
import { aliceId, aSession, bobId } from '../../../support/fake-mesh.ts'
import { openControl } from '../../../support/served-control.ts'

it('CS3 open conflicts cross with their values, bytes among them, and are settled', async () => {
  const sides = [
    { device: aliceId, at: 2, value: { bytes: new Uint8Array([1, 2, 255]), list: [null, -1.5] } },
    { device: bobId, at: 1, value: undefined },
  ]
  const row = {
    id: 'abcdef012345',
    kind: 'field' as const,
    path: ['a', '__proto__'],
    strategy: 'manual' as const,
    sides,
    shown: 'x',
  }
  const session = aSession.id as never
  const { mesh, control } = await openControl({
    conflicts: [{ session, title: undefined, conflicts: [row] }],
  })
  const [told] = await control.conflicts('ref')
  expect(told?.conflicts[0]?.sides.map(({ value }) => value)).toEqual([
    { bytes: { $bytes: 'AQL_' }, list: [null, -1.5] },
    undefined,
  ])
  await control.settle({ ref: 'r', conflict: 'abc', settling: { by: 'value', value: { a: 1 } } })
  expect(mesh.asked).toEqual([
    ['conflicts', 'ref'],
    ['settle', 'r', 'abc', { by: 'value', value: { a: 1 } }],
  ])
  const wrong = { ref: 'r', conflict: 'abc', settling: { by: 'side', side: -1 } } as const
  await expect(control.settle(wrong)).rejects.toMatchObject({ code: 'invalid' })
})

it('CS3 what does not count crosses, and a place of it or all is taken over', async () => {
  const log = joinLogId(aSession.id as never, bobId, new Uint8Array(8))
  const row: HiddenRow = {
    ...{ id: 'abcdef012345', log, seq: 4, device: bobId, reason: 'forked', taken: false },
    ...{ at: 17, kind: 'register', about: ['a', '__proto__'] },
  }
  const unreadable = { ...row, at: undefined, kind: 'unreadable', about: [] }
  const { mesh, control } = await openControl({ hidden: [row, unreadable] })
  expect(await control.hidden('ref')).toEqual([row, unreadable])
  expect(await control.adopt({ ref: 'r', what: { log, seq: 4 } })).toBe(1)
  expect(await control.adopt({ ref: 'r', what: 'all' })).toBe(7)
  expect(mesh.asked).toEqual([
    ['hidden', 'ref'],
    ['adopt', 'r', { log, seq: 4 }],
    ['adopt', 'r', 'all'],
  ])
  for (const what of ['some', { log, seq: 'x' }, { log: 'short', seq: 4 }]) {
    await expect(control.adopt({ ref: 'r', what } as never)).rejects.toMatchObject({
      code: 'invalid',
    })
  }
})
