/** XC3: a blob of which the store lost a part. */
import { createBlobSending } from '@baton/client/core/exchange/blob-sending'
import { expect, it } from 'vitest'

it('XC3 a blob whose end is gone from the store is an error, not a wait for ever', async () => {
  const hash = new Uint8Array(32).fill(1)
  const chunk = new Uint8Array(10)
  const sending = createBlobSending({
    channel: { send: async () => undefined } as never,
    repository: {
      blobs: {
        facts: async () => ({ bytes: 30, have: 30 }),
        async *read(_hash: Uint8Array, from: number) {
          for (let offset = from; offset < 20; offset += 10) yield { offset, chunk }
        },
      },
    } as never,
    shrink: async () => undefined,
    count: () => undefined,
  })
  await expect(sending.send(hash, 0)).rejects.toMatchObject({ code: 'store-corrupt' })
})
