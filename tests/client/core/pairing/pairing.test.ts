/** Pairing end to end in the fake world: codes, slots and people. */
import type { SlotEvent } from '@baton/client/core/ports/rendezvous'
import { utf8Decode } from '@baton/shared/bytes'
import { codeLifeMs } from '@baton/shared/limits'
import { expect, it } from 'vitest'
import { endOf, invite, join, two } from '../../../support/pair-steps.ts'
import { createWorld } from '../../../support/pair-world.ts'
import { fields } from '../../../support/pairing-blobs.ts'
import { entropy, party } from '../../../support/pure-pairing.ts'

it('P1 a code typed on the other device pairs both, over a bound channel', async () => {
  const world = createWorld()
  const [alice, bob] = two(world)
  const inviting = await invite(world, alice)
  const joining = await join(world, bob, inviting.code)
  expect(inviting.seen.events.map(({ at }) => at)).toEqual([
    'code',
    'waiting',
    'claimed',
    'proving',
    'check',
    'connecting',
    'paired',
  ])
  const [there, here] = [inviting.seen.of('paired'), joining.seen.of('paired')]
  expect(there.peer.device).toEqual(bob.keyring.device)
  expect(here.peer.device).toEqual(alice.keyring.device)
  expect(there.peer.root).toEqual(here.peer.root)
  expect(inviting.seen.of('check').emoji).toEqual(joining.seen.of('check').emoji)

  const got: string[] = []
  here.link?.bound.channel.receive((_lane, message) => void got.push(utf8Decode(message)))
  await there.link?.bound.channel.send('bulk', new TextEncoder().encode('hello'))
  await world.settle()
  expect(got).toEqual(['hello'])
  expect(world.network.deaths).toEqual([])
})

it('P1 the QR pairs as the words do, and ends them', async () => {
  const world = createWorld()
  const [alice, bob] = two(world)
  const inviting = await invite(world, alice, { qr: true })
  const joining = await join(world, bob, inviting.qr ?? '')
  expect([endOf(inviting.seen.events), endOf(joining.seen.events)]).toEqual(['paired', 'paired'])
  const carol = await join(world, world.device('carol', 3), inviting.code)
  expect(endOf(carol.seen.events)).toBe('code-expired')
})

it('P1 a link to another service is refused before any use of the network', async () => {
  const world = createWorld()
  const link = 'baton:7.AAAAAAAAAAAAAAAAAAAAAA.other.example.org'
  expect(() => world.device('bob', 2).pairing.join(link, { confirm: false })).toThrowError(
    expect.objectContaining({ code: 'signaling-refused' }),
  )
  expect(() => world.device('bob', 2).pairing.join('7-nonsense', { confirm: false })).toThrowError(
    expect.objectContaining({ code: 'code-format' }),
  )
  expect(world.signaling.seen).toEqual([])
})

it('P2 a second joiner is told that the code is busy, and the first goes on', async () => {
  const world = createWorld({ intercept: ({ from, blob }) => (from === 'inviter' ? [] : [blob]) })
  const [alice, bob] = two(world)
  const inviting = await invite(world, alice)
  await join(world, bob, inviting.code)
  const carol = await join(world, world.device('carol', 3), inviting.code)
  expect(endOf(carol.seen.events)).toBe('code-busy')
  expect(inviting.seen.last()?.at).toBe('claimed')
})

it('P2 a joiner that falls silent is put out after 20 s, and the next one pairs', async () => {
  const world = createWorld()
  const [alice, bob] = two(world)
  const inviting = await invite(world, alice)
  const silent = await world.device('carol', 3).rendezvous.claim(inviting.code.split('-')[0] ?? '')
  await world.settle()
  expect(inviting.seen.last()?.at).toBe('claimed')
  await world.clock.elapse(20_000)
  await world.settle()
  expect(inviting.seen.last()?.at).toBe('released')
  const joining = await join(world, bob, inviting.code)
  expect(endOf(joining.seen.events)).toBe('paired')
  await expect(silent.send(new Uint8Array(1))).rejects.toMatchObject({ code: 'signaling-lost' })
})

it('P3 one wrong word ends the code for everybody', async () => {
  const world = createWorld()
  const [alice, bob] = two(world)
  const inviting = await invite(world, alice, { qr: true })
  const [number, first, ...rest] = inviting.code.split('-')
  const wrong = [number, first === 'anvil' ? 'apple' : 'anvil', ...rest].join('-')
  const carol = await join(world, world.device('carol', 3), wrong)
  expect(endOf(inviting.seen.events)).toBe('code-dead')
  expect(endOf(carol.seen.events)).toBe('pairing-failed')
  for (const late of [inviting.code, inviting.qr ?? '']) {
    const { seen } = await join(world, bob, late)
    expect(endOf(seen.events)).toBe('code-expired')
  }
})

it('P7 a code that is ten minutes old is over, even where the service keeps it', async () => {
  const world = createWorld()
  const [alice, bob] = two(world)
  const inviting = await invite(world, alice)
  await world.clock.elapse(codeLifeMs + 1000)
  await world.settle()
  expect(endOf(inviting.seen.events)).toBe('code-expired')
  const { seen } = await join(world, bob, inviting.code)
  expect(endOf(seen.events)).toBe('code-expired')
})

it('P7 a device runs one code twice, then asks for another', async () => {
  // A service that answers as the inviter, with a guess of its own, and drops the joiner's proof.
  const tags: number[] = []
  const world = createWorld({
    rendezvous: (inner) => ({
      ...inner,
      claim: async (nameplate) => {
        const answer = await inner.open(new Uint8Array(16).fill(4))
        const time = { now: 0 }
        const mallory = party('inviter', { seed: 66, secret: 'a-b-c', nameplate }, time)
        let tell = (_event: SlotEvent) => {}
        mallory.put({ kind: 'claimed', now: 0, entropy: entropy() })
        return {
          ...answer,
          nameplate,
          onEvent: (handler) => {
            tell = handler
          },
          async send(blob) {
            const [type] = fields(blob)
            if (type === 3) tags.push(type)
            if (type === 3) return tell({ kind: 'ended', reason: 'lost' })
            mallory.put({ kind: 'message', now: 0, blob })
            for (const each of mallory.outbox.splice(0)) tell({ kind: 'message', blob: each })
          },
        }
      },
    }),
  })
  const bob = world.device('bob', 2)
  for (let i = 0; i < 10; i++) {
    const run = () => join(world, bob, '7-anvil-apple-arrow')
    if (i < 2) expect(endOf((await run()).seen.events)).toBe('pairing-failed')
    else await expect(run()).rejects.toMatchObject({ code: 'code-dead' })
    await world.clock.elapse(30_000)
  }
  expect(tags).toEqual([3, 3])
})

it('P7 a code that has paired once pairs nobody else', async () => {
  const world = createWorld()
  const [alice, bob] = two(world)
  const inviting = await invite(world, alice)
  await join(world, bob, inviting.code)
  const carol = await join(world, world.device('carol', 3), inviting.code)
  expect(endOf(carol.seen.events)).toBe('code-expired')
})

it('P6 both people answer, and one no leaves no trace on either disk', async () => {
  const world = createWorld()
  const [alice, bob] = two(world)
  const inviting = await invite(world, alice)
  const joining = await join(world, bob, inviting.code, true)
  expect(inviting.seen.of('check').confirm).toBe(true)
  inviting.run.answer(true)
  await world.settle()
  joining.run.answer(false)
  await world.settle()
  expect(endOf(joining.seen.events)).toBe('pairing-cancelled')
  expect(endOf(inviting.seen.events)).toBe('pairing-cancelled')
  for (const { disk } of [alice, bob]) expect([disk.records.size, disk.roster.size]).toEqual([0, 0])
})

it('P6 with a yes of both the pairing goes through', async () => {
  const world = createWorld()
  const [alice, bob] = two(world)
  const inviting = await invite(world, alice, { confirm: true })
  const joining = await join(world, bob, inviting.code)
  for (const { run } of [inviting, joining]) run.answer(true)
  await world.settle()
  expect([endOf(inviting.seen.events), endOf(joining.seen.events)]).toEqual(['paired', 'paired'])
})

it('P8 a roster that differs is explained to both people', async () => {
  const world = createWorld()
  const [alice, bob] = two(world)
  for (const { disk } of [alice, bob]) disk.roster.add('somebody')
  const inviting = await invite(world, alice)
  const joining = await join(world, bob, inviting.code)
  for (const { seen } of [inviting, joining]) {
    expect(seen.of('failed')).toMatchObject({ code: 'rosters-differ' })
    expect(seen.of('failed').hint).toMatch(/alone/)
  }
  expect(bob.disk.records.size).toBe(0)
})

it('P8 a device that types its own code is told so', async () => {
  const world = createWorld()
  const alice = world.device('alice', 1)
  const inviting = await invite(world, alice)
  const joining = await join(world, alice, inviting.code)
  expect(inviting.seen.of('failed').message).toMatch(/same device/)
  expect(endOf(joining.seen.events)).toBe('pairing-failed')
})
