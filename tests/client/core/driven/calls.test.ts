/** TC3: calls of a process that is gone, as documents list them. */
import { createMemoryStore } from '@baton/client/core/memory/store'
import { expect, it } from 'vitest'
import { deskOf } from '../../../support/driven-desk.ts'
import { openTestPeer } from '../../../support/peer.ts'

it('TC3 a call that a killed process left open is unknown once its device writes again', async () => {
  const store = createMemoryStore()
  const before = await openTestPeer({ seed: 1, store })
  const session = await deskOf(before).create({})
  const pen = await deskOf(before).drive(session)
  await pen.apply([
    { do: 'tool', call: 'c', name: 'deploy', status: 'running', input: 'x' },
    { do: 'tool', call: 'd', name: 'look', status: 'ok', output: 'seen' },
  ])
  const after = await openTestPeer({ seed: 1, store })
  const document = await after.documents.open(session)
  const statuses = async () => (await document.tools()).map(({ call, status }) => [call, status])
  expect(await statuses()).toEqual([
    ['c', 'running'],
    ['d', 'ok'],
  ])
  await document.say({ role: 'user', content: 'back' })
  expect(await statuses()).toEqual([
    ['c', 'unknown'],
    ['d', 'ok'],
  ])
  const again = await deskOf(after).drive(session)
  expect(again.leftOpen).toMatchObject([{ call: 'c', name: 'deploy', input: 'x' }])
  const rows = await document.tools()
  expect(rows.map(({ call, status, ended }) => [call, status, ended])).toEqual([
    ['d', 'ok', true],
    ['c', 'unknown', true],
  ])
})
