/** HF14, HW7: whoever handed a watched session over has it gone on with there, where that device allows it; and branches go on. */
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { HandoffEvent, Mesh } from '@baton/client/core/mesh-api'
import { expect, it } from 'vitest'
import { agentAppends } from '../support/corpus/append.ts'
import { writeCorpus } from '../support/corpus/corpus.ts'
import { createMeshWorld, eventually, pair, until } from '../support/mesh-world.ts'
import { tempFolder } from '../support/temp.ts'

type Done = Extract<HandoffEvent, { at: 'done' }>

async function handedOver() {
  const root = tempFolder('resuming')
  const corpus = writeCorpus(join(root, 'corpus'), { seed: 7, sessions: 1, plain: true })
  const project = join(root, 'project')
  mkdirSync(project)
  const world = createMeshWorld(root)
  const [alice, bob, carol] = [
    await world.home('alice', 1, corpus.config).start(),
    await world.home('bob', 2).start(),
    await world.home('carol', 3).start(),
  ] as [Mesh, Mesh, Mesh]
  await pair(alice, bob)
  await pair(bob, carol)
  for (const mesh of [alice, bob]) await mesh.handoffs.setPolicy('always')
  const [found] = corpus.sessions as [(typeof corpus.sessions)[number]]
  const where = { maps: [], project }
  const task = alice.handoffs.hand(found.id, { to: bob.self, kind: 'transfer', where })
  const done = (await until(task.events, 'done')) as Done
  return { alice, bob, carol, where, found, done, id: done.handoff?.id as string }
}

it('HF14 it runs there once, by its own line, when its person allowed that and sits there', async () => {
  const { alice, bob, where, done, id } = await handedOver()
  const ran: string[] = []
  let busy = true
  expect(await alice.handoffs.resume(id)).toBe('not-allowed')
  await bob.handoffs.setResumePolicy('always', alice.self)
  expect(await alice.handoffs.resume(id)).toBe('no-terminal')
  const stop = bob.handoffs.serveResume(({ resume }) => {
    if (!busy) ran.push(resume)
    return !busy
  })
  expect(await alice.handoffs.resume(id)).toBe('busy')
  busy = false
  for (let i = 0; i < 3; i++) expect(await alice.handoffs.resume(id)).toBe('started')
  expect(ran).toEqual([done.placed?.resume])
  stop()
  // What went on from there is not theirs to begin again.
  const session = done.holding.session
  await until(alice.handoffs.take(session, { kind: 'transfer', where }).events, 'done')
  bob.handoffs.serveResume(() => true)
  expect(await alice.handoffs.resume(id)).toBe('not-here')
})

it('HF14 another device, a request that is none, and one that never allowed it come to nothing', async () => {
  const { alice, bob, carol, id } = await handedOver()
  await bob.handoffs.setResumePolicy('always')
  await bob.handoffs.setResumePolicy('never', alice.self)
  bob.handoffs.serveResume(() => {
    throw new Error('it must not run')
  })
  expect(await alice.handoffs.resume(id)).toBe('not-allowed')
  await expect(bob.handoffs.resume(id)).rejects.toMatchObject({ code: 'invalid' })
  await expect(carol.handoffs.resume(id)).rejects.toMatchObject({ code: 'not-found' })
  expect(bob.handoffs.resumePolicy(alice.self)).toBe('never')
  expect(alice.handoffs.resumePolicy()).toBe('never')
})

it('HW7 a branch of a watched session goes on in a new file under a new id, as a session of its own', async () => {
  const { alice, bob, where, found, done } = await handedOver()
  const { session } = done.holding
  const original = readFileSync(found.path, 'utf8')
  agentAppends(found.path, 3, 1)
  const beside = await eventually(async () => {
    // Reading takes what the agent wrote.
    for await (const _ of alice.show(session)) break
    const row = (await bob.sessions()).find(({ id }) => id === session)
    return row?.branches.find(({ device }) => device === alice.self)
  })
  const held = readFileSync(done.placed?.path as string, 'utf8')
  const before = (await bob.sessions()).length
  const { path, resume } = await bob.handoffs.continueBranch(session, beside.name, where)
  expect(path).not.toBe(done.placed?.path)
  const id = /([0-9a-f-]{36})\.jsonl$/.exec(path)?.[1] as string
  expect(id).not.toBe(found.id)
  expect(resume).toContain(`claude --resume ${id}`)
  // What the agent wrote after it had let go is in it, behind all that was before, under the new id.
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n')
  const records = original.trimEnd().split('\n').length + 3
  expect(lines.length).toBeLessThanOrEqual(records)
  expect(lines.at(-1)?.replaceAll(id, found.id)).toBe(
    readFileSync(found.path, 'utf8').trimEnd().split('\n').at(-1),
  )
  expect(readFileSync(path, 'utf8')).not.toContain(`"sessionId":"${found.id}"`)
  expect(readFileSync(done.placed?.path as string, 'utf8')).toBe(held)
  // A session of its own, which this device holds: what goes on in it is history there alone.
  const fresh = await eventually(async () => {
    const rows = await bob.sessions()
    return rows.length > before ? rows.find(({ agentSession }) => agentSession === id) : undefined
  })
  expect(fresh.origin).toBe(bob.self)
  agentAppends(path, 2, 5)
  expect((await bob.handoffs.holding(id)).holder).toBe(bob.self)
  const row = (await bob.sessions()).find(({ id: of }) => of === session)
  expect(row?.branches.map(({ records: count }) => count)).toEqual([beside.records])
  for (const name of ['none', 'main']) {
    const none = bob.handoffs.continueBranch(session, name, where)
    await expect(none).rejects.toMatchObject({ code: 'not-found' })
  }
})
