/** WA1 to WA3: a session as it goes. */
import { liveChars } from '@baton/client/core/driven/live'
import type { DriveStep, LiveEvent } from '@baton/client/core/mesh-api'
import { expect, it } from 'vitest'
import { oneDesk, text, until } from '../../../support/driven-desk.ts'

const now = ({ at }: LiveEvent) => at === 'now'
const brief = (events: readonly LiveEvent[]) =>
  events.map((event) => {
    switch (event.at) {
      case 'message':
        return `${event.role}: ${event.text} (${event.state})`
      case 'text':
        return `+${event.text}`
      case 'ended':
        return event.state
      case 'call':
        return `${event.name} ${event.status}`
      case 'plan':
        return event.entries.map(({ content, status }) => `${content} ${status}`).join()
      case 'input':
        return `inbox ${event.text}`
      default:
        return event.at
    }
  })

it('WA1 the last screen and then every change is told once', async () => {
  const { desk, session, document } = await oneDesk()
  for (const word of ['one', 'two', 'three']) await desk.say(session, { role: 'user', text: word })
  const pen = await desk.drive(session)
  await pen.apply([{ do: 'tool', call: 'above', name: 'old', status: 'ok' }])
  await desk.say(session, { role: 'user', text: 'waiting' })
  const task = desk.live(session.slice(0, 6), { last: 2 })
  const events = task.events[Symbol.asyncIterator]()
  expect(brief(await until(events, now))).toEqual([
    'session',
    'user: three (whole)',
    'old ok',
    'inbox waiting',
    'now',
  ])
  const next = async (...steps: DriveStep[]) => {
    await pen.apply(steps)
    await document.set(['mark'], steps.length)
    return brief(await until(events, (event) => event.at !== 'session'))
  }
  expect(await next({ do: 'begin', stream: 'a', role: 'assistant' })).toEqual([
    'assistant:  (open)',
  ])
  const long = 'x'.repeat(9000)
  // What is not signed yet runs ahead.
  expect(await next(...text('a', long))).toEqual([`+${long}`])
  expect(await next({ do: 'end', stream: 'a' })).toEqual(['whole'])
  const call = { call: 'c', name: 'bash' }
  expect(await next({ do: 'tool', ...call, status: 'running' })).toEqual(['bash running'])
  expect(await next({ do: 'tool', ...call, status: 'error' })).toEqual(['bash error'])
  const entries = [{ content: 'first', status: 'in_progress' as const }]
  expect(await next({ do: 'plan', entries })).toEqual(['first in_progress'])
  const id = await document.say({ role: 'user', content: 'taken back soon' })
  expect(brief(await until(events, ({ at }) => at === 'message'))).toEqual([
    'user: taken back soon (whole)',
  ])
  await document.retract(id)
  expect(brief(await until(events, ({ at }) => at === 'message'))).toEqual(['other:  (retracted)'])
  await pen.close()
  task.cancel()
  expect(await events.next()).toEqual({ done: true, value: undefined })
})

it('WA2 a reader that comes late to what grew is told all of it, in bounded pieces', async () => {
  const { desk, session, document } = await oneDesk()
  const task = desk.live(session, { last: 2 })
  const events = task.events[Symbol.asyncIterator]()
  await until(events, now)
  const long = 'word '.repeat(40_000)
  await document.say({ role: 'assistant', content: long })
  for (let i = 0; i < 50; i++) await document.say({ role: 'user', content: `m${i}` })
  await document.say({ role: 'user', content: 'last' })
  const told = await until(events, (event) => event.at === 'message' && event.text === 'last')
  expect(told.filter(({ at }) => at === 'message')).toHaveLength(52)
  const parts = told.flatMap((event) =>
    (event.at === 'message' && event.role === 'assistant') || event.at === 'text'
      ? [event.text]
      : [],
  )
  expect(parts.join('')).toBe(long)
  expect(Math.max(...parts.map(({ length }) => length))).toBe(liveChars)
  expect(told.filter(({ at }) => at === 'ended')).toMatchObject([{ state: 'whole' }])
  task.cancel()
})

it('WA3 what is not there ends with a word that says so', async () => {
  const { desk } = await oneDesk()
  const events = desk.live('nowhere', { last: 1 }).events[Symbol.asyncIterator]()
  expect(await until(events, () => false)).toMatchObject([{ at: 'failed', code: 'not-found' }])
})
