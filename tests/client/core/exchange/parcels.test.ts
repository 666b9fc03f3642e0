/** Messages of the bulk lane as they are filled. */
import { setImmediate as turn } from 'node:timers/promises'
import { createBatching, splitBatch } from '@baton/client/core/exchange/batching'
import { createParcels } from '@baton/client/core/exchange/parcels'
import { batchBytes } from '@baton/shared/limits'
import { parseSync } from '@baton/shared/protocol/sync-messages'
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

it('XC2 small runs of many logs are joined in batches of up to 256 KiB, deflated where that pays', async () => {
  const batches: { raw: number; wire: number }[] = []
  const kept: Uint8Array[] = []
  const parcels = createParcels({
    batching: createBatching(zlib, (raw, message) => {
      batches.push({ raw, wire: message.length })
    }),
    async send(message) {
      const said = parseSync(message)
      if (said?.kind !== 'batch') throw new Error(said?.kind)
      const [, rawBytes, packed] = said.form
      const raw = rawBytes > 0 ? await zlib.inflate(packed, rawBytes) : packed
      for (const part of splitBatch(raw)) kept.push(part.slice())
    },
    count: () => undefined,
  })
  const text = new Uint8Array(900).fill(97)
  const given = [
    ...Array.from({ length: 600 }, () => text),
    ...Array.from({ length: 150 }, (_, i) => pattern(3000 + i, i + 1)),
  ]
  for (const bytes of given) await parcels.add({ rawBytes: 0, bytes })
  await parcels.flush()
  expect(kept).toEqual(given)
  expect(Math.max(...batches.map(({ raw }) => raw))).toBeLessThanOrEqual(batchBytes)
  expect(Math.max(...batches.map(({ raw }) => raw))).toBeGreaterThan(batchBytes / 2)
  const small = batches.filter(({ raw, wire }) => wire < raw / 4)
  expect(small.length).toBeGreaterThan(1)
  expect(batches.length - small.length).toBeGreaterThan(1)
})
