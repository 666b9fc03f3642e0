/** AC4, CS3, CS4: driven sessions over the control socket. */
import type { DriveStep } from '@baton/client/core/mesh-api'
import { lastOf } from '@baton/client/node/control/driven'
import { expect, it } from 'vitest'
import { oneDesk } from '../../../support/driven-desk.ts'
import { openControl } from '../../../support/served-control.ts'

async function served() {
  const one = await oneDesk()
  const { control } = await openControl({ driven: one.desk, documents: one.peer.documents })
  const take = async () => {
    const task = control.stream('drive', { ref: one.session })
    const events = task.events[Symbol.asyncIterator]()
    const first = (await events.next()).value
    return { task, events, first }
  }
  const driving = async () => {
    const { task, events, first } = await take()
    if (first?.at !== 'driving') throw new Error('refused')
    const apply = (...steps: DriveStep[]) =>
      control.call('driveSteps', { task: first.task, steps: [...steps] as never })
    return { task, events, first, apply }
  }
  return { ...one, control, take, driving }
}

it('AC4 the pen is laid down the moment its reader goes, and is refused to a second', async () => {
  const { control, document, session, take, driving } = await served()
  const { task, events, apply, first } = await driving()
  expect(first).toMatchObject({ session, leftOpen: [] })
  expect((await take()).first).toMatchObject({ at: 'failed', code: 'already-running' })
  await apply(
    { do: 'begin', stream: 'a', role: 'assistant' },
    { do: 'text', stream: 'a', text: 'half' },
  )
  const said = await control.call('say', { ref: session, role: 'user', text: 'wait' })
  expect((await events.next()).value).toMatchObject({ at: 'input', id: said.id, text: 'wait' })
  const interrupted = new Promise<void>((resolve) => {
    const look = () =>
      void document.history().then((all) => {
        if (all.at(-1)?.stream?.state === 'interrupted') resolve()
      })
    document.watch(look)
  })
  task.cancel()
  await interrupted
  await expect(apply({ do: 'end', stream: 'a' })).rejects.toMatchObject({ code: 'not-found' })
  for (;;) {
    const again = await take()
    if (again.first?.at === 'driving') break
  }
})

it('CS3 CS4 what a driver says is bounded and checked, its past is given as far as there is room', async () => {
  const { control, driving, history } = await served()
  const { first, apply } = await driving()
  const large = '\u0001'.repeat(1024 * 1024)
  await apply({ do: 'say', role: 'user', text: large })
  await apply({ do: 'say', role: 'assistant', text: 'short' })
  expect(await history()).toHaveLength(2)
  const wrong = [
    { do: 'say', role: 'nobody', text: 'x' },
    { do: 'say', role: 'user', text: `${large}x` },
    { do: 'shout' },
    { do: 'tool', call: 'c', name: 'n', status: 'perhaps' },
  ]
  for (const step of wrong) {
    await expect(apply(step as never)).rejects.toMatchObject({ code: 'invalid' })
  }
  const past = await control.call('drivePast', { task: first.task, most: 100 })
  expect(past).toMatchObject({ messages: [{ text: 'short' }], left: 1 })
})

it('CS4 of a past that is too long the newest is kept', () => {
  const all = ['aaa', 'bb', 'c'].map((each, i) => ({ id: `${i}`, role: 'user', text: each }))
  expect(lastOf(all, 6)).toMatchObject({ left: 0 })
  expect(lastOf(all, 5)).toMatchObject({ left: 1, messages: [{ text: 'bb' }, { text: 'c' }] })
  expect(lastOf(all, 0)).toEqual({ left: 3, messages: [] })
})
