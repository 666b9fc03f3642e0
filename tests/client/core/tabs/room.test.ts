/** Pages of one origin that run one device together (rules WB4, WB29 to WB31), without a browser. */
import { createEventQueue } from '@baton/client/core/event-queue'
import type { Mesh, ShownRecord } from '@baton/client/core/mesh-api'
import { maxTabAsks, tabAskMs, tabAsks } from '@baton/client/core/tabs/limits'
import { tabVersion } from '@baton/client/core/tabs/messages'
import type { PageMesh } from '@baton/client/core/tabs/page-mesh'
import { expect, it } from 'vitest'
import { aliceId, aRecord, bobId } from '../../../support/fake-mesh.ts'
import { createTabWorld, type TabPage } from '../../../support/tab-world.ts'

const leaders = (...pages: TabPage[]) =>
  pages.map(({ room }) => room.tabs().find(({ self }) => self)?.leads)

/** Two pages, of which the first leads. */
async function two(parts?: Parameters<typeof createTabWorld>[0]) {
  const world = createTabWorld(parts)
  const first = world.open()
  await world.settle()
  const second = world.open()
  await world.settle()
  const mesh: PageMesh = await second.room.ready
  return { world, first, second, mesh }
}

/** Seconds, one after the other. */
async function seconds(world: ReturnType<typeof createTabWorld>, count: number): Promise<void> {
  for (let i = 0; i < count; i++) await world.clock.elapse(tabAskMs)
}

it('WB4 of several pages one opens the device, and the others show it by asking that one', async () => {
  const { world, first, second, mesh } = await two()
  const third = world.open()
  await world.settle()
  expect(leaders(first, second, third)).toEqual([true, false, false])
  expect(mesh.self).toBe(aliceId)
  expect((await mesh.devices()).map(({ name }) => name)).toEqual(['alice', 'bob'])
  await mesh.rename(bobId, 'kitchen')
  expect(first.opened[0]?.mesh.asked).toEqual([['rename', bobId, 'kitchen']])
  expect([second, third].flatMap(({ opened }) => opened)).toEqual([])
  await seconds(world, 30)
  expect(leaders(first, second, third)).toEqual([true, false, false])
  expect(first.opened).toHaveLength(1)
})

it('WB31 every page hears what changed, and reads a long transcript as it was, in pieces', async () => {
  const records: ShownRecord[] = Array.from({ length: 500 }, (_, index) => ({ ...aRecord, index }))
  const shown = {
    show: async function* () {
      yield* records
    } as Mesh['show'],
  }
  const { world, first, mesh } = await two({ mesh: (of) => ({ ...of, ...shown }) })
  const heard: unknown[] = []
  mesh.watch((change) => heard.push(change))
  for (const tell of first.opened[0]?.mesh.watchers ?? []) tell({ kind: 'notice', message: 'm' })
  await world.settle()
  expect(heard).toEqual([{ kind: 'notice', message: 'm' }])
  const read: ShownRecord[] = []
  for await (const record of mesh.show('ref')) read.push(record)
  expect(read).toEqual(records)
  const pieces = world.said.filter(({ message }) => (message as { kind: string }).kind === 'events')
  expect(pieces.length).toBeLessThan(20)
})

it('WB31 what is asked wrongly, or fails, is told as it is, and of what nobody expected nothing', async () => {
  const { mesh } = await two()
  await expect(mesh.handoffs.holding('ref')).rejects.toMatchObject({ code: 'not-found' })
  await expect(mesh.rename('no id' as never, 'x')).rejects.toMatchObject({ code: 'invalid' })
  await expect(mesh.settle('x'.repeat(300), 'c', { by: 'deletion' })).rejects.toMatchObject({
    code: 'invalid',
  })
  await expect(
    mesh.driven.say('ref', { role: 'user', text: 'x'.repeat(3e6) }),
  ).rejects.toMatchObject({ code: 'too-large' })
})

it('WB30 the leader is gone: the next page opens the device, and a page that was third asks that one', async () => {
  const { world, first, second, mesh } = await two()
  const third = world.open()
  await world.settle()
  const thirds = await third.room.ready
  world.crash(first)
  await world.settle()
  expect(leaders(second, third)).toEqual([true, false])
  expect(second.opened).toHaveLength(1)
  expect(await mesh.devices()).toHaveLength(2)
  expect(await thirds.devices()).toHaveLength(2)
  expect(third.room.tabs().map(({ tab }) => tab)).not.toContain(first.tab)
})

it('WB30 the leader goes, or is frozen by its browser: it says so and closes, and thawed it asks the next', async () => {
  const { world, first, second } = await two()
  first.room.freeze()
  await world.settle()
  expect(first.opened[0]?.closed).toBe(true)
  expect(leaders(first, second)).toEqual([false, true])
  first.room.thaw()
  await world.settle()
  expect(await (await first.room.ready).devices()).toHaveLength(2)
  expect(first.opened).toHaveLength(1)
  second.room.leave()
  await world.settle()
  expect(leaders(first, second)).toEqual([true, false])
  expect(first.opened).toHaveLength(2)
})

it('WB30 a leader that says nothing any more has it taken, and steps down when it hears of that', async () => {
  const { world, first, second, mesh } = await two()
  await mesh.kept.put('draft', 'one')
  world.sleep(first)
  const waited = mesh.kept.put('draft', 'two')
  await seconds(world, tabAsks)
  expect(leaders(second)).toEqual([false])
  await seconds(world, 2)
  expect(leaders(second)).toEqual([true])
  await waited
  expect(world.kept.get('draft')).toBe('two')
  world.wake(first)
  await world.settle()
  expect(leaders(first, second)).toEqual([false, true])
  expect(first.opened.map(({ closed }) => closed)).toEqual([true])
  await (await first.room.ready).kept.put('draft', 'three')
  expect(world.kept.get('draft')).toBe('three')
  expect([first.failed, second.failed]).toEqual([[], []])
})

it('WB30 what the leader itself followed goes on when it stepped down, though its device says nothing more', async () => {
  const lives: ReturnType<typeof createEventQueue<unknown>>[] = []
  const { world, first, second } = await two({
    mesh: (of) => ({
      ...of,
      driven: {
        ...of.driven,
        live() {
          const queue = createEventQueue<never>()
          lives.push(queue)
          return { events: queue.events, cancel() {} }
        },
      },
    }),
  })
  const heard: unknown[] = []
  const { events } = (await first.room.ready).driven.live('ref', { last: 1 })
  void (async () => {
    for await (const event of events) heard.push(event)
  })()
  await world.settle()
  lives[0]?.push('before')
  await world.settle()
  world.sleep(first)
  await seconds(world, tabAsks + 2)
  world.wake(first)
  await world.settle()
  expect(leaders(first, second)).toEqual([false, true])
  lives[1]?.push('after')
  await world.settle()
  expect(heard).toEqual(['before', 'after'])
})

it('WB31 under way when the leader goes: asked again where that is the same, told as unknown where not', async () => {
  const said: string[] = []
  const pairing = createEventQueue<never>()
  let answers = false
  const { world, first, second, mesh } = await two({
    mesh: (of) => ({
      ...of,
      driven: {
        ...of.driven,
        async say(_ref, { id = '' }) {
          said.push(id)
          return answers ? { session: 's' as never, id, waits: false } : await new Promise(() => {})
        },
      },
      adopt: () => new Promise(() => {}),
      join: () => ({ events: pairing.events, cancel() {}, answer() {} }),
    }),
  })
  const saying = mesh.driven.say('ref', { role: 'user', text: 'hello' })
  const adopting = expect(mesh.adopt('ref', 'all')).rejects.toMatchObject({
    code: 'no-answer',
    message: 'the tab that was asked went away before it answered',
  })
  const joining = expect(
    (async () => {
      for await (const _ of mesh.join('code', { confirm: false }).events);
    })(),
  ).rejects.toMatchObject({ code: 'no-answer' })
  await world.settle()
  answers = true
  world.crash(first)
  await world.settle()
  expect(await saying).toMatchObject({ id: said[0] })
  expect(said).toHaveLength(2)
  expect(said[0]).toBe(said[1])
  await adopting
  await joining
  expect(leaders(second)).toEqual([true])
})

it('WB31 what is followed goes on with the next leader behind what was told, each part once', async () => {
  let most = 100
  const shown = {
    show: async function* () {
      for (let index = 0; index < most; index++) yield { ...aRecord, index }
      if (most === 100) await new Promise(() => {})
    } as Mesh['show'],
  }
  const { world, first, mesh } = await two({ mesh: (of) => ({ ...of, ...shown }) })
  const read: number[] = []
  const reading = (async () => {
    for await (const { index } of mesh.show('ref')) read.push(index)
  })()
  await world.settle()
  expect(read.length).toBeGreaterThan(0)
  most = 150
  world.crash(first)
  await world.settle()
  await reading
  expect(read).toEqual(Array.from({ length: 150 }, (_, i) => i))
})

it('WB29 hostile words change nothing: no other leader, no answer that was not asked of it, no heap', async () => {
  const { world, first, second, mesh } = await two()
  const base = { baton: tabVersion, from: 'f'.repeat(16) }
  for (const raw of [
    null,
    'sync_request',
    ...Array.from({ length: 20 }, (_, ask) => ({
      ...{ ...base, kind: 'answer', to: second.tab, ask, value: 'forged' },
    })),
    { ...base, kind: 'events', to: second.tab, ask: 0, events: ['forged'], over: true },
    { ...base, kind: 'ask', to: first.tab, ask: 0, name: 'constructor', args: [] },
    { ...base, kind: 'ask', to: first.tab, ask: 1, name: 'rename', args: [{}, {}] },
    { ...base, kind: 'more', to: first.tab, ask: 2 },
    { ...base, kind: 'session_update', term: 0, device: 'B'.repeat(43) },
  ]) {
    const devices = mesh.devices()
    world.broadcast(raw)
    expect(await devices).toHaveLength(2)
  }
  for (let i = 0; i < 200; i++) {
    const from = i.toString(16).padStart(16, '9')
    world.broadcast({ ...base, from, kind: 'mode_change', mode: 'tab', front: true, fresh: true })
  }
  await world.settle()
  // Whoever has no lock of its own is no page.
  expect(second.room.tabs()).toHaveLength(2)
  expect(first.opened[0]?.mesh.asked).toEqual([])
  expect(leaders(first, second)).toEqual([true, false])
})

it('WB29 a page has so many questions under way, and what comes beyond them is refused', async () => {
  const { world, mesh } = await two({
    mesh: (of) => ({ ...of, status: () => new Promise(() => {}) }),
  })
  const asked = Array.from({ length: maxTabAsks }, () => mesh.status())
  for (const each of asked) each.catch(() => {})
  await world.settle()
  await expect(mesh.devices()).rejects.toMatchObject({ code: 'rate-limited' })
})

it('WB4 where the device cannot be opened the page says so, and lets another try', async () => {
  const { world, first, second } = await two()
  const { BatonError } = await import('@baton/shared/errors')
  first.room.lost(new BatonError('store-closed', 'the browser removed it'))
  await world.settle()
  expect(first.failed).toMatchObject([{ code: 'store-closed' }])
  expect(leaders(first, second)).toEqual([false, true])
  await expect((await first.room.ready).devices()).rejects.toMatchObject({ code: 'store-closed' })
})
