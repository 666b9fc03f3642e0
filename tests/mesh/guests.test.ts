/** IV10 to IV12: a device that was never paired comes in by a link, for one session. */
import type { JoinEvent, Mesh, Task } from '@baton/client/core/mesh-api'
import type { HandoffKind } from '@baton/shared/protocol/handoff'
import { expect, it } from 'vitest'
import { createMeshWorld, eventually, pair } from '../support/mesh-world.ts'
import { tempFolder } from '../support/temp.ts'
import { rowOf, when } from '../support/three-devices.ts'

/** Alice and bob are one person's, carol and dave another's. */
async function twoPeople() {
  const world = createMeshWorld(tempFolder('guests'))
  const [alice, bob, carol, dave] = await Promise.all(
    ['alice', 'bob', 'carol', 'dave'].map((name, at) => world.home(name, at + 1).start()),
  )
  if (!alice || !bob || !carol || !dave) throw new Error('no devices')
  await pair(alice, bob)
  await pair(carol, dave)
  return { world, alice, bob, carol, dave }
}

/** Every event, and the link as soon as there is one. */
function followed(task: Task<JoinEvent>) {
  const events: JoinEvent[] = []
  let given: (link: string) => void = () => {}
  const link = new Promise<string>((resolve) => {
    given = resolve
  })
  const ended = (async () => {
    for await (const event of task.events) {
      events.push(event)
      if (event.at === 'link') given(event.link)
    }
    return events
  })()
  return { link, ended }
}

async function visit(host: Mesh, guest: Mesh, session: string, kind: HandoffKind) {
  const invited = followed(host.invitations.inviteGuest(session, { kind }))
  const link = await invited.link
  const joined = followed(guest.invitations.join(link))
  return { link, host: await invited.ended, guest: await joined.ended }
}

const held = async (mesh: Mesh, title: string) => {
  const document = await mesh.documents.create('agent', { title })
  await document.say(`in ${title}`)
  return document
}

const said = async (mesh: Mesh, session: string) =>
  (await (await mesh.documents.open(session as never)).history()).map(({ value }) => value)

it('IV10 IV11 a guest gets the session it was invited to, and nothing else of anybody', async () => {
  const { alice, bob, carol, dave } = await twoPeople()
  const open = await held(alice, 'open')
  const secret = await held(alice, 'secret')
  await secret.share(bob.self, { write: true })
  const { link, host, guest } = await visit(alice, carol, open.session, 'observe')
  expect(link).toMatch(/^baton:invite\.\d+\.[\w-]{22}\./)
  for (const id of [alice.self, open.session]) expect(link).not.toContain(id)
  expect(host.at(-1)).toMatchObject({ at: 'done', handoff: { kind: 'observe', to: carol.self } })
  expect(guest.at(-1)).toMatchObject({ at: 'done', handoff: { from: alice.self, state: 'active' } })
  await eventually(async () =>
    (await said(carol, open.session)).includes('in open') ? true : undefined,
  )
  // Neither a roster, nor a device of it, nor another session, nor a right to write.
  expect(await rowOf(carol, alice)).toMatchObject({ trust: 0.3, role: undefined })
  expect(await rowOf(alice, carol)).toMatchObject({ trust: 0.3, role: undefined })
  expect(await rowOf(carol, bob)).toBeUndefined()
  expect(await rowOf(bob, carol)).toBeUndefined()
  expect(await rowOf(alice, dave)).toBeUndefined()
  expect(await rowOf(carol, dave)).toMatchObject({ trust: 1 })
  await secret.say('more')
  await open.say('last')
  await eventually(async () =>
    (await said(carol, open.session)).includes('last') ? true : undefined,
  )
  expect((await carol.sessions()).map(({ id }) => id)).toEqual([open.session])
  await expect(carol.documents.open(secret.session)).rejects.toMatchObject({ code: 'not-found' })
  const there = await carol.documents.open(open.session)
  await expect(there.set(['x'], 1)).rejects.toMatchObject({ code: 'not-permitted' })
})

it('IV11 what a guest writes reaches the others in the session, who never met it', async () => {
  const { alice, bob, carol } = await twoPeople()
  const open = await held(alice, 'open')
  await open.share(bob.self, { write: true })
  await (await eventually(async () => bob.documents.open(open.session).catch(() => undefined))).set(
    ['bob'],
    'was here',
  )
  await eventually(async () => ((await open.get(['bob'])) ? true : undefined))
  await visit(alice, carol, open.session, 'mirror')
  const there = await eventually(async () =>
    carol.documents.open(open.session).catch(() => undefined),
  )
  // What bob wrote comes to her, and what she writes to bob.
  await eventually(async () => ((await there.get(['bob'])) === 'was here' ? true : undefined))
  await eventually(async () =>
    there.set(['carol'], 'too').then(
      () => true,
      () => undefined,
    ),
  )
  const bobs = await bob.documents.open(open.session)
  await eventually(async () => ((await bobs.get(['carol'])) === 'too' ? true : undefined))
})

it('IV10 a transfer to a guest moves the work there', async () => {
  const { alice, bob, carol } = await twoPeople()
  const open = await held(alice, 'open')
  await open.share(bob.self)
  const { host, guest } = await visit(alice, carol, open.session, 'transfer')
  for (const events of [host, guest]) {
    expect(events.at(-1)).toMatchObject({ at: 'done', handoff: { state: 'active' } })
  }
  await (await carol.documents.open(open.session)).say('by carol')
  for (const mesh of [alice, bob]) {
    await eventually(async () =>
      (await said(mesh, open.session).catch((): unknown[] => [])).includes('by carol')
        ? true
        : undefined,
    )
    expect(await mesh.handoffs.holding(open.session)).toMatchObject({ holder: carol.self })
  }
})

it('IV11 a guest brings no session of its own, and nothing is given to it by a policy', async () => {
  const { alice, carol } = await twoPeople()
  await alice.handoffs.setPolicy('always')
  const open = await held(alice, 'open')
  await visit(alice, carol, open.session, 'mirror')
  const hers = await held(carol, 'hers')
  await hers.share(alice.self, { write: true })
  const there = await carol.documents.open(open.session)
  await eventually(async () =>
    there.set(['x'], 1).then(
      () => true,
      () => undefined,
    ),
  )
  await eventually(async () => ((await open.get(['x'])) === 1 ? true : undefined))
  await expect(alice.documents.open(hers.session)).rejects.toMatchObject({ code: 'not-found' })
  // Nor does its host press another session upon it.
  const another = await held(alice, 'another')
  await another.share(carol.self, { write: true })
  await open.set(['y'], 2)
  await eventually(async () => ((await there.get(['y'])) === 2 ? true : undefined))
  await expect(carol.documents.open(another.session)).rejects.toMatchObject({ code: 'not-found' })
  const pressed = alice.handoffs.hand(another.session, { to: carol.self, kind: 'mirror' })
  for await (const event of pressed.events) {
    if (event.at === 'failed') expect(event).toMatchObject({ code: 'cancelled' })
    else expect(event.at).toBe('asking')
  }
  expect(await carol.handoffs.list()).toHaveLength(1)
  const task = carol.handoffs.take(open.session, { kind: 'transfer' })
  await eventually(async () =>
    (await alice.handoffs.list()).some(({ waitsForUs }) => waitsForUs) ? true : undefined,
  )
  expect(await alice.handoffs.holding(open.session)).toMatchObject({ holder: alice.self })
  task.cancel()
})

it('IV12 a visit ends with its link, and neither knows the other any more', async () => {
  const { world, alice, carol } = await twoPeople()
  const open = await held(alice, 'open')
  await visit(alice, carol, open.session, 'observe')
  await eventually(async () => (await said(carol, open.session)).length || undefined)
  world.network.pairs.at(-1)?.cut()
  for (const [mesh, of] of [
    [alice, carol],
    [carol, alice],
  ] as const) {
    await eventually(async () => ((await rowOf(mesh, of)) === undefined ? true : undefined))
  }
  // What it got it keeps; what is said later it gets with the next invitation.
  await open.say('later')
  expect(await said(carol, open.session)).toEqual(['in open'])
  await visit(alice, carol, open.session, 'observe')
  await eventually(async () =>
    (await said(carol, open.session)).includes('later') ? true : undefined,
  )
})

it('IV12 who opens an invitation is taken in for that alone, or not at all', async () => {
  const { alice, carol } = await twoPeople()
  const open = await held(alice, 'open')
  // A link that looks like an invitation, by someone who means to take the other in for good.
  const trap = alice.invite({ qr: true, words: false, confirm: false })
  const events: string[] = []
  for await (const event of trap.events) {
    events.push(event.at === 'failed' ? event.code : event.at)
    if (event.at !== 'code') continue
    const link = event.code.replace('baton:', 'baton:invite.')
    const joined = await followed(carol.invitations.join(link)).ended
    expect(joined.at(-1)).toMatchObject({ at: 'failed' })
  }
  expect(events.at(-1)).toBe('not-permitted')
  expect(await rowOf(carol, alice)).toBeUndefined()
  expect(await rowOf(alice, carol)).toBeUndefined()
  // An invitation is no code of a pairing, and the other way round.
  const invited = alice.invitations.inviteGuest(open.session, { kind: 'observe' })
  const told = followed(invited)
  const link = await told.link
  expect(() => carol.join(link, { confirm: false })).toThrow(
    expect.objectContaining({ code: 'code-format' }),
  )
  invited.cancel()
  expect((await told.ended).at(-1)).toMatchObject({ at: 'failed', code: 'pairing-cancelled' })
})

it('IV10 a device that is paired already opens such a link over its own connection', async () => {
  const { alice, bob } = await twoPeople()
  const open = await held(alice, 'open')
  const { guest } = await visit(alice, bob, open.session, 'mirror')
  expect(guest.at(-1)).toMatchObject({ at: 'done', handoff: { kind: 'mirror', state: 'active' } })
  for (const [mesh, of] of [
    [alice, bob],
    [bob, alice],
  ] as const) {
    await when(mesh, of, 'connected')
    expect(await rowOf(mesh, of)).toMatchObject({ trust: 1 })
  }
  await open.say('more')
  await eventually(async () =>
    (await said(bob, open.session)).includes('more') ? true : undefined,
  )
})

it('IV11 a device that was removed is no guest either, whether it heard of that or not', async () => {
  const world = createMeshWorld(tempFolder('guests'))
  const [one, other] = [world.home('alice', 1), world.home('bob', 2)]
  const alice = await one.start()
  const before = await other.start()
  await pair(alice, before)
  await before.close()
  await alice.remove(before.self)
  const open = await held(alice, 'open')
  const bob = await other.start()
  const invited = followed(alice.invitations.inviteGuest(open.session, { kind: 'observe' }))
  const joining = bob.invitations.join(await invited.link)
  const hers = followed(joining)
  expect((await invited.ended).at(-1)).toMatchObject({ at: 'failed', code: 'revoked' })
  expect(alice.invitations.list()).toEqual([])
  await expect(bob.documents.open(open.session)).rejects.toMatchObject({ code: 'not-found' })
  joining.cancel()
  void hers.ended
})
