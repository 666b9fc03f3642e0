/** IV13: a visit is ended by a person, or with its invitation, at once and on both ends. */
import type { JoinEvent, Mesh, MeshEvent, Task } from '@baton/client/core/mesh-api'
import { expect, it } from 'vitest'
import { createMeshWorld, eventually } from '../support/mesh-world.ts'
import { tempFolder } from '../support/temp.ts'
import { rowOf } from '../support/three-devices.ts'

function followed(task: Task<JoinEvent>, cancelAt?: JoinEvent['at']) {
  const events: JoinEvent[] = []
  let given: (link: string) => void = () => {}
  const link = new Promise<string>((resolve) => {
    given = resolve
  })
  const ended = (async () => {
    for await (const event of task.events) {
      events.push(event)
      if (event.at === cancelAt) task.cancel()
      if (event.at === 'link') given(event.link)
    }
    return events
  })()
  return { link, ended, events }
}

function notices(mesh: Mesh): () => string[] {
  const told: MeshEvent[] = []
  mesh.watch((event) => told.push(event))
  return () => told.flatMap((event) => (event.kind === 'notice' ? [event.message] : []))
}

async function visiting() {
  const world = createMeshWorld(tempFolder('visits'))
  const [host, guest] = [
    await world.home('alice', 1).start(),
    await world.home('carol', 3).start(),
  ] as const
  const document = await host.documents.create('agent', { title: 'open' })
  await document.say('in open')
  const { session } = document
  const told = [notices(host), notices(guest)] as const
  const come = async () => {
    const invited = followed(host.invitations.inviteGuest(session, { kind: 'mirror' }))
    const joined = followed(guest.invitations.join(await invited.link))
    await Promise.all([invited.ended, joined.ended])
    const there = await eventually(async () => guest.documents.open(session).catch(() => undefined))
    await eventually(async () => ((await there.history()).length > 0 ? true : undefined))
    return joined.events.at(-1)
  }
  return { host, guest, document, session, told, come }
}

const apart = async (one: Mesh, other: Mesh) => {
  for (const [mesh, of] of [
    [one, other],
    [other, one],
  ] as const) {
    await eventually(async () => ((await rowOf(mesh, of)) === undefined ? true : undefined))
  }
}

it('IV13 whoever ends it closes its link at once, and both are told so; what came stays', async () => {
  for (const by of ['host', 'guest'] as const) {
    const { host, guest, document, session, told, come } = await visiting()
    await come()
    const [mesh, other] = by === 'host' ? [host, guest] : [guest, host]
    await mesh.remove(other.self)
    expect(await rowOf(mesh, other)).toBeUndefined()
    await apart(host, guest)
    const [here, there] = by === 'host' ? told : [told[1], told[0]]
    expect(here().at(-1)).toMatch(/^the visit (of carol|at alice) was ended: its link is closed/)
    await eventually(async () => there().find((text) => text.includes('ended it')))
    expect(there()).toHaveLength(1)
    await document.say('after')
    const kept = await guest.documents.open(session)
    expect((await kept.history()).map(({ value }) => value)).toEqual(['in open'])
    // A new invitation brings it back, and what was said meanwhile.
    await come()
    await eventually(async () => ((await kept.history()).length === 2 ? true : undefined))
  }
})

it('IV13 calling off what a guest was let into ends its visit; of devices that are paired nothing ends', async () => {
  const { host, guest, told, come } = await visiting()
  await come()
  const [row] = await host.handoffs.list()
  await host.handoffs.cancel(row?.id as string)
  await apart(host, guest)
  expect(told[0]().at(-1)).toContain('the visit of carol was ended')
  const again = host.handoffs.cancel(row?.id as string)
  await expect(again).rejects.toMatchObject({ code: 'not-found' })
})

it('IV13 an invitation that is called off once its guest came takes the link with it', async () => {
  const { host, guest, session } = await visiting()
  const invited = followed(host.invitations.inviteGuest(session, { kind: 'observe' }), 'met')
  const joined = followed(guest.invitations.join(await invited.link))
  const [here, there] = await Promise.all([invited.ended, joined.ended])
  expect(here.at(-1)).toMatchObject({ at: 'failed', code: 'cancelled' })
  expect(there.at(-1)).toMatchObject({ at: 'failed' })
  await apart(host, guest)
})

it('IV13 a visit whose link is lost is told as that on both ends', async () => {
  const { host, guest, told, come } = await visiting()
  await come()
  await guest.close()
  await eventually(async () => ((await rowOf(host, guest)) === undefined ? true : undefined))
  expect(told[0]().at(-1)).toMatch(/^the visit of carol is over: its link closed/)
})
