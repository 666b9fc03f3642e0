/** ME7: what a person is told when a send stands still. */
import { stallOf } from '@baton/client/core/sessions/stall'
import { diskRetryMs } from '@baton/shared/limits'
import { expect, it } from 'vitest'

it('ME7 a send that stands still is given up after a minute', () => {
  expect(stallOf(60_000, undefined)).toBeUndefined()
  expect(stallOf(60_001, undefined)).toMatchObject({ code: 'timeout' })
})

it.each(['store-full', 'store-readonly'] as const)(
  'ME7 a disk over there that says %s is named once it has tried again in vain',
  (trouble) => {
    expect(stallOf(diskRetryMs, trouble)).toBeUndefined()
    const told = stallOf(diskRetryMs + 5_001, trouble)
    expect(told).toMatchObject({ code: trouble, hint: expect.stringContaining('send again') })
    expect(told?.message).toContain('the other device')
  },
)
