/** NS: sessions that Baton drives, by the names people use. */
import { shownHistory } from '@baton/client/core/driven/shown'
import { createShow } from '@baton/client/core/sessions/show'
import type { SessionId } from '@baton/shared/ids'
import { heldOf } from '@baton/shared/model/changes'
import { expect, it } from 'vitest'
import { deskOf, oneDesk } from '../../../support/driven-desk.ts'
import { openTestPeer, type TestPeer } from '../../../support/peer.ts'
import { nodePrimitives } from '../../../support/signer.ts'
import { twoDocuments } from '../../../support/two-documents.ts'

const { sha256 } = nodePrimitives

async function shown(peer: TestPeer, ref: string) {
  const { transcripts, library, taking, documents, sharing, device: self } = peer
  const parts = { transcripts, library, taking, documents, sharing, sha256, self }
  const show = createShow({ ...parts, sourceOf: () => undefined })
  const rows: unknown[][] = []
  for await (const { kind, text, state } of show(ref)) rows.push([kind, text, state])
  return rows
}

it('NS1 a session is begun whose id is no option, and names its device', async () => {
  const starts = new Set<string>()
  const peer = await openTestPeer({ seed: 1 })
  const desk = deskOf(peer)
  let last: SessionId | undefined
  for (let i = 0; i < 130; i++) {
    last = await desk.create({})
    starts.add(last[0] as string)
  }
  expect(starts.size).toBeGreaterThan(20)
  expect(starts.has('-')).toBe(false)
  const document = await peer.documents.open(last as SessionId)
  expect(await document.get(['identity', 'device'])).toBe(peer.device)
  expect(await document.get(['modes', 'active'])).toBe('headless')
})

it('NS2 NS5 what is said is a message of the session, which is a row that says it is driven', async () => {
  const { peer, desk, session, history } = await oneDesk()
  const said = await desk.say(session.slice(0, 6), { role: 'user', text: 'half \ud83d a pair' })
  expect(said).toMatchObject({ session, waits: false })
  await desk.say(session, { role: 'assistant', text: 'yes' })
  expect(await history()).toEqual([
    { role: 'user', content: 'half \ufffd a pair' },
    { role: 'assistant', content: 'yes' },
  ])
  const [row] = await peer.library.rows()
  expect(row).toMatchObject({ id: session, agent: 'baton', title: 'one', records: 2, driven: true })
  expect(row?.bytes).toBeGreaterThan(100)
  const browser = await peer.documents.create('browser', { title: 'tabs' })
  const other = (await peer.library.rows()).find(({ id }) => id === browser.session)
  expect(other).toMatchObject({ agent: 'browser', agentSession: '' })
  expect(other).not.toHaveProperty('driven')
})

it('NS3 NS6 what a user says to a session that another holds waits in the inbox, once', async () => {
  const { alice, bob, here, there, meet } = await twoDocuments({ open: false })
  const [holder, other] = [deskOf(alice), deskOf(bob)]
  const said = await other.say(here.session, { role: 'user', text: 'from bob' })
  expect(said.waits).toBe(true)
  await bob.clock.elapse(5)
  await other.say(here.session, { role: 'user', text: 'again' })
  await expect(other.say(here.session, { role: 'assistant', text: 'no' })).rejects.toMatchObject({
    code: 'not-holder',
  })
  await meet()
  const values = async () => (await here.inputs()).map(({ device, value }) => [device, value])
  expect(await values()).toEqual([
    [bob.device, { role: 'user', content: 'from bob' }],
    [bob.device, { role: 'user', content: 'again' }],
  ])
  expect(await here.history()).toEqual([])
  await here.say('taken', { consumes: said.id })
  expect(await values()).toHaveLength(1)
  const rows: unknown[] = []
  for await (const { kind, text, state } of shownHistory(here)) rows.push([kind, text, state])
  expect(rows).toEqual([
    ['user', 'taken', undefined],
    ['user', 'again', 'waiting'],
  ])
  expect(await there.inputs()).toHaveLength(2)

  const pen = await holder.drive(here.session)
  expect(await holder.say(here.session, { role: 'user', text: 'x' })).toMatchObject({ waits: true })
  await expect(holder.say(here.session, { role: 'system', text: 'x' })).rejects.toMatchObject({
    code: 'not-permitted',
  })
  await expect(holder.drive(here.session)).rejects.toMatchObject({ code: 'already-running' })
  await pen.close()
  expect(await holder.say(here.session, { role: 'user', text: 'x' })).toMatchObject({
    waits: false,
  })
  await expect(other.drive(here.session)).rejects.toMatchObject({ code: 'not-holder' })
  const plan = await alice.documents.create('federation')
  expect(await holder.say(plan.session, { role: 'system', text: 'x' })).toMatchObject({
    waits: false,
  })
})

it('WB31 what is said under an id of the caller’s is said once, as a message and in the inbox', async () => {
  const { alice, bob, here } = await twoDocuments({ open: false })
  const id = 'ab'.repeat(12)
  const [holder, other] = [deskOf(alice), deskOf(bob)]
  const once = { role: 'user' as const, text: 'once', id }
  const first = await holder.say(here.session, once)
  expect(await holder.say(here.session, once)).toEqual(first)
  expect(await here.history()).toHaveLength(1)
  const waiting = { ...once, id: 'cd'.repeat(12) }
  const left = await other.say(here.session, waiting)
  expect(left).toMatchObject({ id: waiting.id, waits: true })
  expect(await other.say(here.session, waiting)).toEqual(left)
  const there = await bob.documents.open(here.session)
  expect(await there.inputs()).toHaveLength(1)

  // Also when it would go elsewhere by now.
  const pen = await holder.drive(here.session)
  expect(await holder.say(here.session, once)).toEqual(first)
  const taken = { ...once, id: 'ef'.repeat(12) }
  expect(await holder.say(here.session, taken)).toMatchObject({ waits: true })
  await pen.close()
  expect(await holder.say(here.session, taken)).toMatchObject({ waits: true })
  expect(await here.history()).toHaveLength(1)
})

it('NS4 a document is shown by who said what, and how it stands', async () => {
  const { peer, desk, session, document } = await oneDesk()
  await desk.say(session, { role: 'user', text: 'go' })
  const pen = await desk.drive(session)
  const call = { call: 'c1', name: 'bash', input: '{"command":"pwd"}' }
  await pen.apply([
    { do: 'begin', stream: 'a', role: 'assistant' },
    { do: 'text', stream: 'a', text: 'so' },
    { do: 'abort', stream: 'a' },
    { do: 'tool', ...call, status: 'proposed' },
    { do: 'tool', ...call, status: 'ok', output: '/work' },
    { do: 'begin', stream: 'b', role: 'thought' },
    { do: 'text', stream: 'b', text: 'hm' },
  ])
  expect(await shown(peer, session)).toEqual([
    ['user', 'go', undefined],
    ['assistant', 'so', 'interrupted'],
    ['tool', 'bash {"command":"pwd"}', 'ok'],
    ['result', '/work', undefined],
    ['other', 'hm', 'open'],
  ])
  await pen.close()
  const id = await document.say({ role: 'user', content: 'secret' })
  await document.retract(id)
  await document.say([1, 2])
  await document.say({ role: 7, content: [{ text: 'a' }, 5, { text: '' }, { text: 'b' }] })
  await document.say({ role: 'tool', call: 'nowhere', content: 'c' })
  await document.say('x'.repeat(40_000))
  const rows = await shown(peer, session)
  expect(rows.slice(4, -1)).toEqual([
    ['other', 'hm', 'interrupted'],
    ['other', '', 'retracted'],
    ['other', '', undefined],
    ['other', 'a\nb', undefined],
    ['tool', 'c', undefined],
  ])
  expect(rows.at(-1)?.[1]).toHaveLength(16 * 1024)
  const change = { kind: 'tool', call: 'c2', status: 'running', held: heldOf([]) } as const
  await document.change([change])
  expect((await document.tools()).at(-1)).toMatchObject({ call: 'c2', status: 'running' })
})
