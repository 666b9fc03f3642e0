/** IM7: a session whose copy was left for one beside it, both written by an agent. */
import { setImmediate as turn } from 'node:timers/promises'
import { createMemoryStore } from '@baton/client/core/memory/store'
import type { Source } from '@baton/client/core/ports/source'
import type { Store } from '@baton/client/core/ports/store'
import { createProjections } from '@baton/client/core/sessions/projections'
import { expect, it } from 'vitest'
import { agentAppends } from '../../../support/corpus/append.ts'
import { nodePrimitives } from '../../../support/signer.ts'
import { link, sent, twoPeers } from '../../../support/two-peers.ts'

it('IM7 both files grow at once, and every record of either is in its own history', async () => {
  const inner = createMemoryStore()
  const bobStore: Store = {
    ...inner,
    async write(batch) {
      await inner.write(batch)
      await turn()
    },
  }
  const { alice, bob, found, options } = await twoPeers({ bobStore })
  await link(alice, bob)
  const first = await sent(alice, found.id, options)
  const { session } = first.receipt
  agentAppends(first.placed?.path ?? '', 3, 1)
  for (const file of await bob.library.filesOf(session)) await bob.taking.file(file)
  agentAppends(found.path, 3, 2)
  await alice.clock.elapse(1)
  await sent(alice, found.id, options)
  const files = await bob.library.filesOf(session)
  expect(files).toHaveLength(2)
  for (const [i, { found: file }] of files.entries()) agentAppends(file.path, 900, 10 + i)
  const grown = await bob.library.filesOf(session)
  /** How much was read of each; whoever is ahead gives the other the time to come up. */
  const read = grown.map(() => 0)
  const abreast = (source: Source, own: number): Source => ({
    ...source,
    async *read(file, state) {
      for await (const item of source.read(file, state)) {
        yield item
        const ahead = ++(read as [number])[own as 0]
        for (let i = 0; i < 300 && read.some((each) => each < ahead); i++) await turn()
      }
    },
  })
  await Promise.all(
    grown.map(({ source, found: file }, i) =>
      bob.taking.file({ source: abreast(source, i), found: file }),
    ),
  )
  expect(Math.min(...read)).toBeGreaterThan(1)
  const projections = createProjections(bob.store, nodePrimitives.sha256)
  let whole = 0
  for (const { files: projected } of await projections.ofSession(session)) {
    for (const [file, { position }] of projected) {
      const history = await bob.transcripts.to(session, file, position)
      let lines = 0
      if (history) for await (const part of bob.transcripts.lines(history)) lines += part.length
      expect(lines).toBe(position.records)
      if (lines > 900) whole += 1
    }
  }
  expect(whole).toBe(2)
})
