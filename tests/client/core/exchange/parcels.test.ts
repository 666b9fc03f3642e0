/** Messages of the bulk lane as they are filled. */
import { setImmediate as turn } from 'node:timers/promises'
import { createBatching } from '@baton/client/core/exchange/batching'
import { createParcels } from '@baton/client/core/exchange/parcels'
import { expect, it } from 'vitest'
import { pattern } from '../../../support/link-pair.ts'
import { zlib } from '../../../support/zlib.ts'

it.each([100, 5000])('XC2 a flush ends when a run of %i bytes is sent', async (size) => {
  let sent = () => {}
  const parcels = createParcels({
    batching: createBatching(zlib, () => undefined),
    send: () =>
      new Promise((resolve) => {
        sent = resolve
      }),
    count: () => undefined,
  })
  await parcels.add({ rawBytes: 0, bytes: pattern(size, 1) })
  let over = false
  const flushing = parcels.flush().then(() => {
    over = true
  })
  for (let i = 0; i < 3; i++) await turn()
  expect(over).toBe(false)
  sent()
  await flushing
})
