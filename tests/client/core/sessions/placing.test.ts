/** PJ1, PJ2, LB1, LB2, SH1: which file stands for which history, and what is listed and shown of it. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createShow } from '@baton/client/core/sessions/show'
import { BatonError } from '@baton/shared/errors'
import { expect, it, vi } from 'vitest'
import { agentAppends } from '../../../support/corpus/append.ts'
import { put } from '../../../support/corpus/tree.ts'
import { nodePrimitives } from '../../../support/signer.ts'
import { link, sent, twoPeers } from '../../../support/two-peers.ts'

const transcriptsIn = (path: string) =>
  readdirSync(dirname(path)).filter((name) => name.endsWith('.jsonl'))

it('PJ1 a history that the copy does not begin gets a file and an id of its own, and keeps them', async () => {
  const { alice, bob, found, options } = await twoPeers()
  await link(alice, bob)
  const copy = (await sent(alice, found.id, options)).placed?.path as string
  const before = readFileSync(copy)
  const lines = readFileSync(found.path, 'utf8').split('\n')
  writeFileSync(found.path, `${lines.slice(0, 8).join('\n')}\n`)
  agentAppends(found.path, 2, 1)
  alice.clock.advance(1000)
  const other = await sent(alice, found.id, options)
  expect(other.placed?.path).not.toBe(copy)
  expect(readFileSync(copy)).toEqual(before)
  expect(transcriptsIn(copy)).toHaveLength(2)
  const [record] = agentAppends(found.path, 1, 2)
  alice.clock.advance(1000)
  const third = await sent(alice, found.id, options)
  expect(third.placed?.path).toBe(other.placed?.path)
  expect(transcriptsIn(copy)).toHaveLength(2)
  const { uuid } = JSON.parse(record as string) as { uuid: string }
  expect(readFileSync(third.placed?.path as string, 'utf8')).toContain(uuid)
})

it('PJ2 a file whose row was lost on the way is recognised, not written twice', async () => {
  const { alice, bob, found, options } = await twoPeers()
  await link(alice, bob)
  const full = new BatonError('store-full', 'failed to write the store: the disk is full')
  const writing = vi.spyOn(bob.repository, 'write').mockRejectedValueOnce(full)
  const first = await sent(alice, found.id, options)
  expect(first.receipt.unplaced).toMatchObject({ code: 'store-full' })
  expect(writing).toHaveBeenCalled()
  alice.clock.advance(1000)
  const second = await sent(alice, found.id, options)
  expect(transcriptsIn(second.placed?.path as string)).toEqual([`${found.id}.jsonl`])
  expect(await bob.library.rows()).toHaveLength(1)
})

it('LB2 a session is one row, found and carried, with its origin, place and members', async () => {
  const { alice, bob, found, options } = await twoPeers()
  expect(await alice.library.rows()).toMatchObject([
    { id: undefined, agentSession: found.id, records: undefined, placed: undefined },
  ])
  await link(alice, bob)
  const { receipt, placed } = await sent(alice, found.id, options)
  const { session: id, records, bytes } = receipt
  const row = { id, agentSession: found.id, origin: alice.device, records, bytes, live: false }
  expect(await alice.library.rows()).toMatchObject([
    { ...row, placed: undefined, sharedWith: [bob.device], branches: [] },
  ])
  expect(await bob.library.rows()).toMatchObject([
    { ...row, placed: placed?.path, sharedWith: [alice.device], branches: [] },
  ])
})

it('LB1 either id, and a beginning of it that one session has, names it', async () => {
  const { alice, bob, found, options } = await twoPeers()
  await link(alice, bob)
  const { receipt } = await sent(alice, found.id, options)
  for (const peer of [alice, bob]) {
    for (const id of [found.id, receipt.session]) {
      for (const ref of [id, id.slice(0, 4), id.slice(0, -1)]) {
        expect((await peer.library.resolve(ref)).session).toBe(receipt.session)
      }
      for (const ref of [id.slice(0, 3), '', `${id}x`]) {
        await expect(peer.library.resolve(ref)).rejects.toMatchObject({ code: 'not-found' })
      }
    }
  }
  const twin = found.path.replace(found.id, `${found.id.slice(0, -1)}0`)
  if (twin === found.path) throw new Error('another last letter is needed')
  writeFileSync(twin, readFileSync(found.path))
  await expect(alice.library.resolve(found.id.slice(0, 8))).rejects.toMatchObject({
    code: 'ambiguous',
  })
  expect((await alice.library.resolve(found.id)).session).toBe(receipt.session)
})

it('SH1 a session is shown record by record, its transcript first, by whoever reads its agent', async () => {
  const { alice, bob, found, options } = await twoPeers()
  await link(alice, bob)
  const line = '{"type":"user","message":{"role":"user","content":"of an agent"}}'
  put(join(dirname(found.path), found.id, 'subagents', 'agent-a1.jsonl'), `${line}\n`)
  const { receipt } = await sent(alice, found.id, options)
  const { transcripts, library, taking, source, documents, sharing, device: self } = bob
  const { sha256 } = nodePrimitives
  const parts = { library, transcripts, taking, sha256, self, documents, sharing }
  const show = createShow({ ...parts, sourceOf: () => source })
  const rows: { file: string; index: number; bytes: number }[] = []
  for await (const row of show(found.id)) rows.push(row)
  expect(rows).toHaveLength(receipt.records)
  expect(rows[0]).toMatchObject({ file: 'transcript.jsonl', index: 0 })
  const last = rows.findLastIndex(({ file }) => file === 'transcript.jsonl')
  expect(rows.findIndex(({ file }) => file !== 'transcript.jsonl')).toBe(last + 1)
  expect(rows[last]?.index).toBe(last)
  const unread = createShow({ ...parts, sourceOf: () => undefined })
  for (const [read, branch] of [
    [unread, undefined],
    [show, 'nothing'],
  ] as const) {
    const reading = read(found.id, branch === undefined ? {} : { branch })
    await expect(reading.next()).rejects.toMatchObject({ code: 'not-found' })
  }
})
