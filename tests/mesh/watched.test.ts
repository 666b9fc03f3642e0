/** HW, BR12: sessions in the files of agents change hands between whole meshes in memory. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { HandoffEvent, HandoffTask, Mesh, MeshEvent } from '@baton/client/core/mesh-api'
import { expect, it } from 'vitest'
import { agentAppends } from '../support/corpus/append.ts'
import { writeCorpus } from '../support/corpus/corpus.ts'
import { createMeshWorld, eventually, pair, until } from '../support/mesh-world.ts'
import { tempFolder } from '../support/temp.ts'

type Done = Extract<HandoffEvent, { at: 'done' }>

async function setUp() {
  const root = tempFolder('watched')
  const corpus = writeCorpus(join(root, 'corpus'), { seed: 7, sessions: 1, plain: true })
  const project = join(root, 'project')
  mkdirSync(project)
  const world = createMeshWorld(root)
  const homes = {
    alice: world.home('alice', 1, corpus.config),
    ...{ bob: world.home('bob', 2), carol: world.home('carol', 3) },
  }
  const [alice, bob, carol] = [
    await homes.alice.start(),
    ...[await homes.bob.start(), await homes.carol.start()],
  ] as [Mesh, Mesh, Mesh]
  const found = corpus.sessions[0] as (typeof corpus.sessions)[number]
  for (const mesh of [alice, bob, carol]) await mesh.handoffs.setPolicy('always')
  return { homes, alice, bob, carol, found, where: { maps: [], project } }
}

const connected = (mesh: Mesh, other: Mesh) =>
  eventually(async () =>
    (await mesh.devices()).find(({ id, state }) => id === other.self && state === 'connected'),
  )

/** What an agent that runs here says of the session it has open. */
function openIn(configDir: string, sessionId: string): () => void {
  mkdirSync(join(configDir, 'sessions'), { recursive: true })
  const entry = join(configDir, 'sessions', `${process.pid}.json`)
  writeFileSync(entry, JSON.stringify({ pid: process.pid, sessionId }))
  return () => rmSync(entry)
}

const done = (task: HandoffTask) => until(task.events, 'done') as Promise<Done>

async function lines(mesh: Mesh, ref: string, branch?: string): Promise<number> {
  let count = 0
  for await (const { file } of mesh.show(ref, branch === undefined ? {} : { branch })) {
    if (file === 'transcript.jsonl') count += 1
  }
  return count
}

const showing = (mesh: Mesh, ref: string, count: number) =>
  eventually(async () => ((await lines(mesh, ref)) === count ? true : undefined))

it('HW1 HW2 HW3 HF13 it goes once its agent is closed, is in its place there, and goes on from hand to hand', async () => {
  const { homes, alice, bob, carol, found, where } = await setUp()
  await pair(alice, bob)
  const close = openIn(homes.alice.configDir, found.id)
  const stages: string[] = []
  const task = alice.handoffs.hand(found.id, { to: bob.self, kind: 'transfer', where })
  let end: Done | undefined
  for await (const event of task.events) {
    stages.push(event.at)
    if (event.at === 'failed') throw new Error(JSON.stringify(event))
    if (event.at === 'open') {
      // What it says until it is closed goes along.
      agentAppends(found.path, 3, 1)
      close()
    }
    if (event.at === 'done') end = event
  }
  expect(stages).toEqual(['asking', 'accepted', 'open', 'carrying', 'signed', 'done'])
  expect(end).toMatchObject({ holding: { holder: bob.self, epoch: 1, split: false } })
  const there = end?.placed?.path as string
  expect(end?.placed?.resume).toContain(`claude --resume ${found.id}`)
  const whole = readFileSync(found.path, 'utf8').split('\n').length
  const [session] = (await bob.sessions()).map(({ id }) => id as string)
  expect(await lines(bob, session as string)).toBe(whole - 1)
  expect((await bob.sessions())[0]).toMatchObject({ holder: bob.self, branches: [] })
  // Bob's agent goes on, and that is the history for alice, too.
  agentAppends(there, 4, 2)
  await bob.handoffs.holding(session as string)
  await showing(bob, session as string, whole - 1 + 4)
  await showing(alice, session as string, whole - 1 + 4)
  // Carol never saw it, and alice is away.
  await alice.close()
  await pair(bob, carol)
  const second = await done(
    carol.handoffs.take(session as string, { kind: 'transfer', where }),
  ).catch(() => undefined)
  // Nobody takes what nobody showed: bob hands it on.
  expect(second).toBeUndefined()
  const third = await done(
    bob.handoffs.hand(session as string, { to: carol.self, kind: 'transfer', where }),
  )
  expect(third.holding).toMatchObject({ holder: carol.self, epoch: 2 })
  agentAppends(third.placed?.path as string, 2, 3)
  await showing(carol, session as string, whole - 1 + 6)
  // Back to alice, from a device that she never let in; her own file goes on by exactly that.
  const again = await homes.alice.start()
  await connected(carol, again)
  const before = readFileSync(found.path, 'utf8')
  const back = await done(again.handoffs.take(session as string, { kind: 'transfer', where }))
  expect(back.holding).toMatchObject({ holder: again.self, epoch: 3 })
  expect(back.placed?.path).toBe(found.path)
  const after = readFileSync(found.path, 'utf8')
  expect(after.startsWith(before)).toBe(true)
  expect(after.split('\n')).toHaveLength(whole + 6)
  agentAppends(found.path, 1, 4)
  await showing(again, session as string, whole + 6)
  for (const mesh of [bob, carol]) {
    await showing(mesh, session as string, whole + 6)
    expect((await mesh.sessions())[0]).toMatchObject({ holder: again.self, branches: [] })
  }
})

it('HW4 BR12 what its agent writes after it let go stands beside, on every device, and its person is told', async () => {
  const { alice, bob, found, where } = await setUp()
  await pair(alice, bob)
  const told: MeshEvent[] = []
  alice.watch((event) => told.push(event))
  const { holding, placed } = await done(
    alice.handoffs.hand(found.id, { to: bob.self, kind: 'transfer', where }),
  )
  const { session } = holding
  const before = await lines(bob, session)
  agentAppends(found.path, 3, 1)
  agentAppends(placed?.path as string, 2, 2)
  const beside = (mesh: Mesh) =>
    eventually(async () => {
      const row = (await mesh.sessions()).find(({ id }) => id === session)
      return row?.branches.find(({ device }) => device === alice.self)
    })
  await lines(alice, session)
  expect(await beside(alice)).toMatchObject({ records: 3 })
  expect(await beside(bob)).toMatchObject({ records: 3 })
  await showing(bob, session, before + 2)
  await eventually(async () =>
    (await lines(alice, session, 'main')) === before + 2 ? true : undefined,
  )
  // What stands in her own file is what she is shown.
  expect(await lines(alice, session)).toBe(before + 3)
  const notices = () => told.filter((event) => event.kind === 'notice')
  expect(await eventually(async () => notices()[0])).toMatchObject({
    message: expect.stringMatching(/which bob holds.*beside.*baton take/),
  })
  agentAppends(found.path, 1, 3)
  await lines(alice, session)
  expect(notices()).toHaveLength(1)
})

it('HW5 HW6 it is taken by force as far as it was seen, in its place here; nobody writes along', async () => {
  const { homes, alice, bob, found, where } = await setUp()
  await pair(alice, bob)
  const along = alice.handoffs.hand(found.id, { to: bob.self, kind: 'mirror' })
  await expect(done(along)).rejects.toThrow('--observe')
  const reads = await done(alice.handoffs.hand(found.id, { to: bob.self, kind: 'observe' }))
  const { session } = reads.holding
  const wants = bob.handoffs.take(session, { kind: 'mirror' })
  await expect(done(wants)).rejects.toThrow('--observe')
  // Bob holds it once, and hands it back; then alice is gone with what he has not seen.
  await done(bob.handoffs.take(session, { kind: 'transfer', where }))
  const { placed } = await done(alice.handoffs.take(session, { kind: 'transfer' }))
  expect(placed?.path).toBe(found.path)
  const before = await lines(bob, session)
  await alice.close()
  agentAppends(found.path, 2, 1)
  await expect(done(bob.handoffs.take(session, { kind: 'transfer' }))).rejects.toThrow(
    'peer-offline',
  )
  const taken = await done(bob.handoffs.take(session, { kind: 'transfer', force: true, where }))
  expect(taken).toMatchObject({ holding: { holder: bob.self, epoch: 3, split: true } })
  expect(taken.placed?.resume).toContain('claude --resume')
  agentAppends(taken.placed?.path as string, 3, 2)
  await showing(bob, session, before + 3)
  const again = await homes.alice.start()
  await connected(again, bob)
  await eventually(async () =>
    (await lines(again, session, 'main')) === before + 3 ? true : undefined,
  )
  for (const mesh of [again, bob]) {
    await eventually(async () => {
      const row = (await mesh.sessions()).find(({ id }) => id === session)
      const beside = row?.branches.find(({ device }) => device === alice.self)
      return beside?.records === 2 ? true : undefined
    })
  }
})

it('HW2 what cannot be put in its place there is not signed over, and says what to do', async () => {
  const { homes, alice, bob, found, where } = await setUp()
  await pair(alice, bob)
  const gone = { maps: [], project: join(where.project, 'gone') }
  const nowhere = alice.handoffs.hand(found.id, { to: bob.self, kind: 'transfer', where: gone })
  await expect(done(nowhere)).rejects.toThrow(/--project/)
  const [row] = await bob.sessions()
  const id = row?.id as string
  expect((await alice.handoffs.holding(id)).holder).toBe(alice.self)
  // Nor where its agent has it open.
  const copy = await until(alice.send(id, { to: bob.self, ...where }).events, 'done')
  expect(copy).toMatchObject({ placed: { path: expect.any(String) } })
  agentAppends(found.path, 1, 1)
  const close = openIn(homes.bob.configDir, found.id)
  const busy = alice.handoffs.hand(id, { to: bob.self, kind: 'transfer', where })
  await expect(done(busy)).rejects.toThrow(/running|open/)
  expect((await alice.handoffs.holding(id)).holder).toBe(alice.self)
  close()
  // Where it goes may be said on the device that wants it.
  const { holding, placed } = await done(bob.handoffs.take(id, { kind: 'transfer', where }))
  expect(holding.holder).toBe(bob.self)
  expect(placed?.resume).toContain(`cd '${where.project}'`)
})
