/** What the screens follow, as far as it needs no browser (rules WB17, WB19, WB21, WB28). */
import { createEventQueue } from '@baton/client/core/event-queue'
import type { HandoffEvent, Handoffs, LiveEvent } from '@baton/client/core/mesh-api'
import { createHanding, isRunning } from '@baton/client/web/page/handing'
import { createLiveItems } from '@baton/client/web/page/live-items'
import { problemOf } from '@baton/client/web/page/problem'
import { hrefOf, parseRoute } from '@baton/client/web/page/route'
import { BatonError } from '@baton/shared/errors'
import { sessionId } from '@baton/shared/ids'
import { expect, it } from 'vitest'
import { aliceId, bobId } from '../../support/fake-mesh.ts'

const session = sessionId(new Uint8Array(16).fill(7))

/** Handoffs of which one at a time is driven by hand. */
function handDriven() {
  const asked: string[] = []
  let queue = createEventQueue<HandoffEvent>()
  const task = (what: string) => {
    asked.push(what)
    queue = createEventQueue<HandoffEvent>()
    return { events: queue.events, cancel: () => asked.push('cancel') }
  }
  const handoffs = {
    hand: (_ref: string, { kind }: { kind: string }) => task(`hand ${kind}`),
    take: (_ref: string, { kind, force }: { kind: string; force?: boolean }) =>
      task(`take ${kind} ${force}`),
  } as unknown as Handoffs
  const push = async (event: HandoffEvent, end = false) => {
    queue.push(event)
    if (end) queue.end()
    await new Promise((resolve) => setImmediate(resolve))
  }
  return { handing: createHanding({ handoffs }), asked, push }
}

const holding = {
  ...{ session, held: true, holder: bobId, epoch: 1, passingTo: undefined, split: false },
}

it('WB17 a handoff is followed stage by stage, one at a time, and how it ended stays until it is put away', async () => {
  const { handing, asked, push } = handDriven()
  handing.hand(session, bobId, 'transfer')
  expect(handing.view.value).toMatchObject({ way: 'hand', to: bobId, at: 'begun' })
  handing.take(session, 'transfer', true)
  expect(asked).toEqual(['hand transfer'])
  await push({ at: 'signed', handoff: {} as never })
  expect(handing.view.value?.at).toBe('signed')
  expect(isRunning(handing.view.value)).toBe(true)
  handing.clear()
  expect(handing.view.value?.at).toBe('signed')
  handing.cancel()
  expect(asked).toEqual(['hand transfer', 'cancel'])
  await push({ at: 'done', handoff: undefined, holding, pauseMs: 3 }, true)
  expect(handing.view.value).toMatchObject({ at: 'done', holding, pauseMs: 3 })
  expect(isRunning(handing.view.value)).toBe(false)
  handing.clear()
  expect(handing.view.value).toBeUndefined()

  handing.take(session, 'transfer', true)
  expect(asked.at(-1)).toBe('take transfer true')
  await push({ at: 'failed', code: 'peer-offline', message: 'it is away', hint: 'baton up' }, true)
  expect(handing.view.value).toMatchObject({ at: 'failed', failed: { code: 'peer-offline' } })
})

it('WB17 what went wrong is said in words that suit a page, and nothing of an unknown error', () => {
  const named = new BatonError('timeout', 'nobody answered', { hint: 'baton handoffs lists them' })
  expect(problemOf(named)).toEqual({ code: 'timeout', message: 'nobody answered' })
  const kept = new BatonError('timeout', 'it is busy', { hint: 'try again' })
  expect(problemOf(kept)).toEqual({ code: 'timeout', message: 'it is busy', hint: 'try again' })
  expect(problemOf(new TypeError('x of secret'))).toEqual({
    ...{ code: 'invalid', message: 'an unexpected error' },
  })
  expect(problemOf(undefined)).toEqual({ code: 'invalid', message: 'an unexpected error' })
})

it('WB28 a driven session grows by what is told: text, ends, calls, and what is told again', () => {
  const items = createLiveItems()
  const tell = (...events: LiveEvent[]) => events.forEach(items.add)
  const message = (id: string, text: string, state: 'whole' | 'open' | 'retracted'): LiveEvent => ({
    at: 'message',
    id,
    text,
    state,
    role: 'assistant',
    device: aliceId,
    time: 0,
  })
  tell(
    message('a', 'one', 'open'),
    { at: 'call', call: 'c', status: 'running', name: 'ls', input: '-l' },
    { at: 'text', id: 'a', text: ' two' },
    { at: 'ended', id: 'a', state: 'interrupted' },
    { at: 'call', call: 'c', status: 'ok', name: 'ls', input: '-l', output: 'x.txt' },
    message('b', 'three', 'whole'),
    { at: 'text', id: 'nobody', text: 'lost' },
  )
  expect(items.list).toMatchObject([
    { at: 'said', record: { kind: 'assistant', text: 'one two', state: 'interrupted' } },
    { at: 'call', record: { text: 'ls -l', state: 'ok' }, results: [{ text: 'x.txt' }] },
    { at: 'said', record: { text: 'three' } },
  ])
  tell(message('a', '', 'retracted'))
  expect(items.list).toHaveLength(3)
  expect(items.list[0]).toMatchObject({ at: 'said', record: { text: '', state: 'retracted' } })
  expect(items.list[2]).not.toHaveProperty('record.state')
})

it('WB8 every screen has an address, and an address of no screen leads to the sessions', () => {
  const routes = [
    ...(['sessions', 'devices', 'pair', 'settings'] as const).map((at) => ({ at })),
    { at: 'session', session: 'b_x-1' },
    { at: 'session', session: 'b_x-1', branch: 'bob / 2' },
    { at: 'about', session: 'b_x-1' },
  ] as const
  for (const route of routes) expect(parseRoute(hrefOf(route))).toEqual(route)
  for (const wrong of ['', '#/nowhere', '#/session/', '#/session/<b>', '#/session/a b']) {
    expect(parseRoute(wrong)).toEqual({ at: 'sessions' })
  }
  expect(parseRoute('#/session/a/branch-%')).toEqual({ at: 'session', session: 'a', branch: '%' })
})
