/** Whole meshes in memory: pairing, rows, handing over, following, branches, restarts, guests. */
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Mesh, MeshEvent, SendEvent, ShownRecord } from '@baton/client/core/mesh-api'
import { expect, it } from 'vitest'
import { agentAppends } from '../support/corpus/append.ts'
import { writeCorpus } from '../support/corpus/corpus.ts'
import { createMeshWorld, eventually, pair, until } from '../support/mesh-world.ts'
import { tempFolder } from '../support/temp.ts'

async function setUp(sessions = 2) {
  const root = tempFolder('whole')
  const corpus = writeCorpus(join(root, 'corpus'), { seed: 7, sessions, plain: true })
  const project = join(root, 'project')
  mkdirSync(project)
  const world = createMeshWorld(root)
  const homes = { alice: world.home('alice', 1, corpus.config), bob: world.home('bob', 2) }
  const alice = await homes.alice.start()
  const bob = await homes.bob.start()
  return { world, homes, alice, bob, corpus, project }
}

const done = (mesh: Mesh, ref: string, to: Mesh, project: string) =>
  until(mesh.send(ref, { to: to.self, maps: [], project }).events, 'done') as Promise<
    Extract<SendEvent, { at: 'done' }>
  >

async function shown(mesh: Mesh, ref: string, branch?: string): Promise<ShownRecord[]> {
  const rows: ShownRecord[] = []
  for await (const row of mesh.show(ref, branch === undefined ? {} : { branch })) rows.push(row)
  return rows
}

it('ME2 ME6 two meshes pair, know each other, and tell it, and that their service answers', async () => {
  const { alice, bob } = await setUp(1)
  const told: MeshEvent[] = []
  const stop = bob.watch((event) => told.push(event))
  await pair(alice, bob)
  const row = await eventually(async () =>
    (await bob.devices()).find(({ name, state }) => name === 'alice' && state === 'connected'),
  )
  expect(row).toMatchObject({ self: false, path: 'direct', trust: 1 })
  // RS5: each learns what the other is, without asking.
  for (const [mesh, name] of [
    [alice, 'bob'],
    [bob, 'alice'],
  ] as const) {
    await eventually(async () =>
      (await mesh.devices()).find((each) => each.name === name && each.type === 'server'),
    )
  }
  await eventually(async () =>
    (await alice.devices()).find(({ name, state }) => name === 'bob' && state === 'connected'),
  )
  expect(told.some((event) => event.kind === 'device')).toBe(true)
  expect(told.filter((event) => event.kind === 'signaling')).toEqual([
    { kind: 'signaling', state: 'up', server: 'http://signaling.test' },
  ])
  stop()
  const status = await alice.status()
  expect(status.devices).toMatchObject({ paired: 1, connected: 1 })
  expect(status.self).toMatchObject({ name: 'alice', state: 'self' })
})

it('RS4 a device renamed on one is called so on the other, and told of; names are to be seen', async () => {
  const { alice, bob, homes } = await setUp(1)
  await pair(alice, bob)
  const told: string[] = []
  bob.watch((event) => event.kind === 'device' && told.push(event.device.name))
  await alice.rename(bob.self, 'old laptop')
  const names = async (mesh: Mesh) => (await mesh.devices()).map(({ name }) => name).toSorted()
  await eventually(async () => ((await names(bob)).includes('old laptop') ? true : undefined))
  expect(await names(alice)).toEqual(['alice', 'old laptop'])
  expect(told).toContain('old laptop')
  await bob.rename(alice.self, 'desk')
  await eventually(async () => ((await names(alice)).includes('desk') ? true : undefined))
  for (const name of ['', 'a\u0007b', 'x'.repeat(65), '\u202egnp']) {
    await expect(alice.rename(bob.self, name)).rejects.toMatchObject({ code: 'invalid' })
  }
  await bob.close()
  expect(await names(await homes.bob.start())).toEqual(['desk', 'old laptop'])
})

it('ME8 a device is told when its row changes, and not with every word of it', async () => {
  const { alice, bob, corpus, project } = await setUp(1)
  const told: string[] = []
  for (const mesh of [alice, bob]) {
    mesh.watch((event) => {
      if (event.kind !== 'device') return
      const row = { ...event.device, rttMs: undefined, lastSeen: undefined }
      told.push(`${mesh.self.slice(0, 4)} ${JSON.stringify(row)}`)
    })
  }
  await pair(alice, bob)
  const [session] = corpus.sessions
  await done(alice, session?.id ?? '', bob, project)
  for (const mesh of [alice, bob]) {
    const own = told.filter((line) => line.startsWith(mesh.self.slice(0, 4)))
    expect(own.length).toBeGreaterThan(0)
    expect(own.filter((line, at) => line === own[at - 1])).toEqual([])
  }
})

it('ME3 a session is found, sent, listed, read and followed', async () => {
  const { alice, bob, corpus, project } = await setUp()
  await pair(alice, bob)
  const session = corpus.sessions[0] as (typeof corpus.sessions)[number]
  expect((await alice.sessions()).map(({ agentSession }) => agentSession)).toContain(session.id)
  const end = await done(alice, session.id.slice(0, 8), bob, project)
  expect(end.digest.here).toBe(end.digest.there)
  const rows = await bob.sessions()
  expect(rows.find(({ agentSession }) => agentSession === session.id)).toMatchObject({
    origin: alice.self,
    placed: end.placed?.path,
  })
  const before = await shown(bob, session.id)
  expect(before).toHaveLength((await shown(alice, session.id)).length)
  agentAppends(session.path, 2, 5)
  await eventually(async () => {
    const now = await shown(bob, session.id)
    return now.length === before.length + 2 ? now : undefined
  })
  expect(await alice.receipts()).toEqual(await bob.receipts())
})

it('BR9 both went on: the branch stands beside main, named, readable, and nothing is lost', async () => {
  const { alice, bob, corpus, project } = await setUp()
  await pair(alice, bob)
  const session = corpus.sessions[0] as (typeof corpus.sessions)[number]
  const there = await done(alice, session.id, bob, project)
  agentAppends(there.placed?.path ?? '', 3, 8)
  const theirs = await bob.sessions()
  expect(theirs).toHaveLength(1)
  agentAppends(session.path, 2, 9)
  await shown(alice, session.id)
  const back = await done(bob, session.id, alice, project)
  expect(back.merged).toBe('beside')
  expect(back.unplaced).toBeDefined()
  const row = (await alice.sessions()).find(({ agentSession }) => agentSession === session.id)
  const [branch] = row?.branches ?? []
  expect(branch).toMatchObject({ device: bob.self, records: 3 })
  const main = await shown(alice, session.id)
  const other = await shown(alice, session.id, branch?.name)
  expect(other).toHaveLength(main.length + 1)
  await expect(shown(alice, session.id, 'nothing')).rejects.toMatchObject({ code: 'not-found' })
  expect(row?.branches[0]?.shown).toBeUndefined()
})

it('SH3 a device that went on by itself shows its own history, and the main one by its name', async () => {
  const { alice, bob, corpus, project } = await setUp()
  await pair(alice, bob)
  const session = corpus.sessions[0] as (typeof corpus.sessions)[number]
  const there = await done(alice, session.id, bob, project)
  agentAppends(there.placed?.path ?? '', 3, 8)
  await shown(bob, session.id)
  agentAppends(session.path, 2, 9)
  await done(alice, session.id, bob, project)
  const main = await shown(alice, session.id)
  const own = await shown(bob, session.id)
  expect(own).toHaveLength(main.length + 1)
  expect(await shown(bob, session.id, 'main')).toEqual(main)
  expect(await shown(alice, session.id, 'main')).toEqual(main)
  const row = (await bob.sessions()).find(({ agentSession }) => agentSession === session.id)
  expect(row?.branches).toMatchObject([{ device: bob.self, records: 3, shown: true }])
  expect(row?.branches[0]?.modified).toBeGreaterThan(0)
})

it('ME4 after a restart of either side they meet again without a code, and go on', async () => {
  const { alice, bob, homes, corpus, project } = await setUp(1)
  await pair(alice, bob)
  const session = corpus.sessions[0] as (typeof corpus.sessions)[number]
  await done(alice, session.id, bob, project)
  await alice.close()
  agentAppends(session.path, 2, 3)
  const again = await homes.alice.start()
  await eventually(async () =>
    (await again.devices()).find(({ name, state }) => name === 'bob' && state === 'connected'),
  )
  const end = await done(again, session.id, bob, project)
  expect(end.digest.here).toBe(end.digest.there)
})

it('ME5 a guest receives and is forgotten when it goes', async () => {
  const { alice, bob, corpus, project } = await setUp(1)
  await pair(alice, bob, true)
  const session = corpus.sessions[0] as (typeof corpus.sessions)[number]
  const end = await done(alice, session.id, bob, project)
  expect(end.digest.here).toBe(end.digest.there)
  await bob.close()
  await eventually(async () => ((await alice.devices()).length === 1 ? true : undefined))
})

it('LB1 a reference names one session, or the error says what to do', async () => {
  const { alice, bob } = await setUp(3)
  await expect(shown(alice, 'zzzz')).rejects.toMatchObject({ code: 'not-found' })
  await expect(shown(alice, 'abc')).rejects.toMatchObject({ code: 'not-found' })
  const task = alice.send('zzzz', { to: bob.self, maps: [] })
  const events: SendEvent[] = []
  for await (const event of task.events) events.push(event)
  expect(events.at(-1)).toMatchObject({ at: 'failed', code: 'not-found' })
})

it('SD2 a send to a device that is not there can be cancelled, and says so', async () => {
  const { alice, bob, corpus } = await setUp(1)
  await pair(alice, bob)
  await bob.close()
  const session = corpus.sessions[0] as (typeof corpus.sessions)[number]
  const task = alice.send(session.id, { to: bob.self, maps: [] })
  const events: SendEvent[] = []
  for await (const event of task.events) {
    events.push(event)
    if (event.at === 'connecting') task.cancel()
  }
  expect(events.at(-1)).toMatchObject({ at: 'failed', code: 'cancelled' })
})

const mainOf = (rows: readonly ShownRecord[]) =>
  rows.filter(({ file }) => file === 'transcript.jsonl')

it('IM1 a file that was cut and went on differently is main as it is now, the rest stays', async () => {
  const { alice, corpus } = await setUp(1)
  const session = corpus.sessions[0] as (typeof corpus.sessions)[number]
  const before = mainOf(await shown(alice, session.id))
  const lines = readFileSync(session.path, 'utf8').split('\n').slice(0, -1)
  expect(before).toHaveLength(lines.length)
  const kept = lines.slice(0, 10)
  writeFileSync(session.path, `${kept.join('\n')}\n`)
  agentAppends(session.path, 4, 21)
  const now = mainOf(await shown(alice, session.id))
  expect(now).toHaveLength(14)
  const row = (await alice.sessions())[0]
  expect(row?.branches).toHaveLength(1)
  expect(row?.branches[0]).toMatchObject({ device: alice.self, records: lines.length - 10 })
})

it('IM2 a second look takes only what is new, a torn line once it is whole', async () => {
  const { alice, corpus } = await setUp(1)
  const session = corpus.sessions[0] as (typeof corpus.sessions)[number]
  const first = mainOf(await shown(alice, session.id)).length
  expect(mainOf(await shown(alice, session.id))).toHaveLength(first)
  appendFileSync(session.path, '{"type":"user","torn')
  expect(mainOf(await shown(alice, session.id))).toHaveLength(first)
  appendFileSync(session.path, '":1}\n')
  expect(mainOf(await shown(alice, session.id))).toHaveLength(first + 1)
})
