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

it('XC3 a blob that becomes complete while it is looked up goes once, and is not waited for for ever', async () => {
  const hash = new Uint8Array(32).fill(1)
  const sent: number[] = []
  let answer: (facts: { bytes: number; have: number }) => void = () => undefined
  const sending = createBlobSending({
    channel: { send: async () => void sent.push(1) } as never,
    repository: {
      blobs: {
        facts: () => new Promise((resolve) => (answer = resolve)),
        async *read() {
          yield { offset: 0, chunk: new Uint8Array(10) }
        },
      },
    } as never,
    shrink: async () => undefined,
    count: () => undefined,
  })
  // Read before the last of it came, told after: as where rows are opened by a key that takes its time.
  for (const have of [5, 10]) {
    const first = sending.send(hash, 0)
    expect(sending.wanted(hash)).toBe(0)
    answer({ bytes: 10, have })
    await first
    expect(sent).toEqual([])
    const second = sending.send(hash, 0)
    answer({ bytes: 10, have: 10 })
    await second
    expect(sent.splice(0)).toEqual([1])
    expect(sending.wanted(hash)).toBeUndefined()
  }
})
