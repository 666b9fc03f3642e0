/** A device and its living copy write the same place at the same moment. */
import { type Delta, verifyDelta } from '@baton/shared/log/delta'
import { expect, it } from 'vitest'
import { createFaultyDisk } from '../../../support/faulty-store.ts'
import { seededRandom } from '../../../support/pair-world.ts'
import { firstLog, openTestRepo } from '../../../support/repo.ts'
import { nodePrimitives, session } from '../../../support/signer.ts'

it('RP3 what a copy wrote does not slip in under a write of this device that is under way', async () => {
  const disk = createFaultyDisk()
  const own = await openTestRepo(1, { store: await disk.open(), random: seededRandom('copy') })
  const copy = await openTestRepo(1, { random: seededRandom('copy') })
  for (const repo of [own, copy]) await repo.append(session(1), 'shared')
  const log = firstLog(own)
  const held = disk.holdWrites()
  const writing = own.append(session(1), 'of this one')
  await expect.poll(() => held.waiting).toBe(1)
  await copy.append(session(1), 'of the copy', 'and more')
  let run: Delta | undefined
  for await (const delta of copy.read(log, 2)) run = delta
  let taken: string | undefined
  void own.receive(run as Delta).then(({ at }) => {
    taken = at
  })
  await expect.poll(() => taken ?? held.waiting).toBe('refused')
  held.release()
  await writing
  expect(await own.lines(log)).toEqual(['shared', 'of this one'])
  // What is on disk is one line, as it was signed.
  let head: Parameters<typeof verifyDelta>[1]
  for await (const delta of own.read(log, 0)) {
    const verdict = await verifyDelta(nodePrimitives, head, delta)
    expect(verdict.at).toBe('verified')
    if (verdict.at === 'verified') head = verdict.delta.head
  }
  expect(head?.seq).toBe(own.head(log)?.seq)
})
