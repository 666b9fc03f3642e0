/** AC1 to AC5: the pen of a session. */
import { createMemoryStore } from '@baton/client/core/memory/store'
import type { Drive, DriveInput } from '@baton/client/core/mesh-api'
import { expect, it } from 'vitest'
import { deskOf, oneDesk, text } from '../../../support/driven-desk.ts'
import { openTestPeer } from '../../../support/peer.ts'
import { twoDocuments } from '../../../support/two-documents.ts'

const next = async (inputs: AsyncIterator<DriveInput>) => (await inputs.next()).value as DriveInput
const inputsOf = (pen: Drive) => pen.inputs[Symbol.asyncIterator]()

it('AC1 steps take effect in order, and one that is refused keeps what stands before it', async () => {
  const { desk, session, history } = await oneDesk()
  const pen = await desk.drive(session)
  const both = Promise.all([
    pen.apply([{ do: 'begin', stream: 'a', role: 'assistant' }, ...text('a', 'one ', 'two')]),
    pen.apply([
      { do: 'end', stream: 'a' },
      { do: 'say', role: 'user', text: 'three' },
    ]),
  ])
  await both
  await expect(
    pen.apply([
      { do: 'say', role: 'user', text: 'four' },
      { do: 'text', stream: 'a', text: 'over' },
      { do: 'say', role: 'user', text: 'never' },
    ]),
  ).rejects.toMatchObject({ code: 'invalid' })
  await pen.apply([{ do: 'begin', stream: 'b', role: 'thought' }])
  await expect(pen.apply([{ do: 'begin', stream: 'b', role: 'thought' }])).rejects.toMatchObject({
    code: 'invalid',
  })
  expect(await history()).toEqual([
    { role: 'assistant', content: 'one two' },
    { role: 'user', content: 'three' },
    { role: 'user', content: 'four' },
    { role: 'thought', content: '' },
  ])
  expect(await pen.past()).toMatchObject([
    { role: 'assistant', text: 'one two' },
    { role: 'user', text: 'three' },
    { role: 'user', text: 'four' },
  ])
  const [, second] = await pen.past()
  expect(await pen.past({ after: second?.id as string })).toMatchObject([{ text: 'four' }])
})

it('AC2 the intent of a call is in the history before its result, once, and bounded', async () => {
  const { desk, session, document, history } = await oneDesk()
  const pen = await desk.drive(session)
  const name = `n${'x'.repeat(500)}`
  await pen.apply([{ do: 'tool', call: 'c', name, status: 'proposed', input: 'i'.repeat(9000) }])
  const [intent] = await document.tools()
  expect(intent).toMatchObject({ call: 'c', status: 'proposed', ended: false })
  expect(intent?.detail).toMatchObject({ input: `${'i'.repeat(4095)}…` })
  expect(await history()).toMatchObject([{ role: 'tool', call: 'c' }])
  for (const status of ['running', 'ok', 'error'] as const) {
    await pen.apply([{ do: 'tool', call: 'c', name, status, output: `${status}\ud800` }])
  }
  expect(await history()).toHaveLength(1)
  const [told] = await document.tools()
  expect(told).toMatchObject({ status: 'ok', detail: { output: 'ok\ufffd' } })
})

it('AC3 what waits in the inbox is given to the pen once, and taken up once', async () => {
  const { alice, bob, here, meet } = await twoDocuments({ open: false })
  const other = deskOf(bob)
  await other.say(here.session, { role: 'user', text: 'first' })
  await meet()
  const pen = await deskOf(alice).drive(here.session)
  const inputs = inputsOf(pen)
  const first = await next(inputs)
  expect(first).toMatchObject({ device: bob.device, text: 'first' })
  const take = { do: 'say', role: 'user', text: first.text, consumes: first.id } as const
  await pen.apply([take])
  await expect(pen.apply([take])).rejects.toMatchObject({ code: 'not-found' })
  await bob.clock.elapse(5)
  await other.say(here.session, { role: 'user', text: 'second' })
  await meet()
  expect(await next(inputs)).toMatchObject({ text: 'second' })
  expect(await here.history()).toMatchObject([{ id: first.id, value: { content: 'first' } }])
  await pen.close()
  expect(await inputs.next()).toMatchObject({ done: true })
  const again = inputsOf(await deskOf(alice).drive(here.session))
  expect(await next(again)).toMatchObject({ text: 'second' })
})

it.each(['before', 'after'])(
  'AC3 a crash %s an input is taken up leaves one message',
  async (when) => {
    const store = createMemoryStore()
    const one = await openTestPeer({ seed: 1, store })
    const session = await deskOf(one).create({})
    const desk = deskOf(one)
    const pen = await desk.drive(session)
    await desk.say(session, { role: 'user', text: 'do it' })
    const input = await next(inputsOf(pen))
    const take = { do: 'say', role: 'user', text: input.text, consumes: input.id } as const
    if (when === 'after') await pen.apply([take])
    const two = await openTestPeer({ seed: 1, store })
    const later = await deskOf(two).drive(session)
    const document = await two.documents.open(session)
    expect(await document.inputs()).toHaveLength(when === 'after' ? 0 : 1)
    if (when === 'before') await later.apply([take])
    expect((await document.history()).map(({ value }) => value)).toEqual([
      { role: 'user', content: 'do it' },
    ])
    expect(await document.inputs()).toEqual([])
  },
)

it('AC4 a pen that is laid down leaves nothing open, and another takes it up', async () => {
  const { desk, session, document } = await oneDesk()
  const pen = await desk.drive(session)
  await pen.apply([
    { do: 'tool', call: 'asked', name: 'rm', status: 'proposed' },
    { do: 'tool', call: 'runs', name: 'make', status: 'running' },
    { do: 'tool', call: 'done', name: 'ls', status: 'ok' },
    { do: 'begin', stream: 'a', role: 'assistant' },
    ...text('a', 'half'),
  ])
  await Promise.all([pen.close(), pen.close()])
  expect((await document.history()).at(-1)).toMatchObject({
    value: { content: 'half' },
    stream: { state: 'interrupted' },
  })
  const rows = (await document.tools()).map(({ call, status, ended }) => [call, status, ended])
  expect(rows.toSorted()).toEqual([
    ['asked', 'cancelled', true],
    ['done', 'ok', true],
    ['runs', 'unknown', true],
  ])
  await expect(pen.apply([{ do: 'say', role: 'user', text: 'x' }])).rejects.toMatchObject({
    code: 'cancelled',
  })
  const again = await desk.drive(session)
  expect(again.leftOpen).toEqual([])
  await desk.close()
  await desk.drive(session)
})

it('AC5 the plan is a register that shows the last one whole', async () => {
  const { desk, session, document } = await oneDesk()
  const pen = await desk.drive(session)
  const entry = (content: string) => ({ content, status: 'pending' as const })
  await pen.apply([{ do: 'plan', entries: [entry('a'), entry('b')] }])
  await pen.apply([{ do: 'plan', entries: [entry('c\ud800')] }])
  expect(await document.get(['volatile', 'scratchpads', 'plan'])).toEqual([
    { content: 'c\ufffd', status: 'pending' },
  ])
  await pen.apply([{ do: 'mode', mode: 'ask' }])
  expect(await document.get(['configuration', 'mode'])).toBe('ask')
})
