/** RP6: blobs that stored runs name and that are not held. */
import { createMemoryStore } from '@baton/client/core/memory/store'
import { openLacking } from '@baton/client/core/repo/lacking'
import { logId } from '@baton/shared/ids'
import { expect, it } from 'vitest'

const log = logId(new Uint8Array(56))
const blob = (n: number) => {
  const hash = new Uint8Array(32)
  new DataView(hash.buffer).setUint32(0, n)
  return hash
}

it('RP6 a log may lack more blobs than a call takes arguments, and each is found', async () => {
  const lacking = await openLacking(createMemoryStore())
  const count = 130_000
  for (let n = 1; n <= count; n++) lacking.add(log, n, [blob(n)]).apply()
  lacking.add(log, count + 1, [blob(count), blob(0)]).apply()
  expect(lacking.floor(log)).toBe(1)
  expect(lacking.rowsWithout(blob(count))).toHaveLength(2)
  expect(lacking.remove(blob(count))).toEqual([log])
  expect(lacking.rowsWithout(blob(count))).toEqual([])
  expect(lacking.remove(blob(1))).toEqual([log])
  expect(lacking.floor(log)).toBe(2)
  expect(lacking.remove(blob(1))).toEqual([])
  expect(lacking.remove(blob(0))).toEqual([log])
  expect(lacking.of(log)).toHaveLength(count - 2)
})
