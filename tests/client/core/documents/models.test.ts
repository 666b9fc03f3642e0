/** What a model asks to have written, through the stores and exchange of two devices. */
import { viewOf } from '@baton/shared/conflict/view'
import { captureChanges, deleteCookie, setCookie } from '@baton/shared/model/browser/changes'
import { readBrowser } from '@baton/shared/model/browser/read'
import { changesTo } from '@baton/shared/model/federation/changes'
import { federationFile } from '@baton/shared/model/federation/read'
import { expect, it } from 'vitest'
import { cookie, cookies } from '../../../support/browser-session.ts'
import { example, federationText } from '../../../support/federation-file.ts'
import type { TestPeer } from '../../../support/peer.ts'
import { twoDocuments } from '../../../support/two-documents.ts'

it('BW6 single keys and captures of two devices replace what each had seen, as entries on disk', async () => {
  const two = await twoDocuments({ kind: 'browser' })
  const { here, there, alice, bob } = two
  const read = async (peer: TestPeer) =>
    readBrowser(await peer.documents.state(here.session), { now: 1e12 })
  const jar = async (peer: TestPeer) =>
    (await read(peer)).cookies.map(({ name, value }) => `${name}=${value}`)
  await here.change(captureChanges(await read(alice), cookies({ csrf: '1', sid: '1' })).changes)
  two.part()
  await two.meet()
  await there.change(setCookie(await read(bob), { ...cookie('sid', '2'), sameSite: 'Lax' }))
  two.part()
  await two.meet()
  expect(await jar(alice)).toEqual(['csrf=1', 'sid=2'])
  await here.change(captureChanges(await read(alice), cookies({ sid: '3' })).changes)
  await here.change(deleteCookie(await read(alice), { name: 'csrf', domain: 'app.example.com' }))
  two.part()
  await two.meet()
  for (const peer of [alice, bob]) expect(await jar(peer)).toEqual(['sid=3'])
  expect(await there.digest()).toBe(await here.digest())
})

it('FD1 a status file goes through two devices as the bytes it was', async () => {
  const two = await twoDocuments({ kind: 'federation' })
  const state = await two.alice.documents.state(two.here.session)
  await two.here.change(changesTo(state, example(), { complete: true }).changes)
  two.part()
  await two.meet()
  const theirs = await two.bob.documents.state(two.there.session)
  expect(JSON.stringify(federationFile(theirs, viewOf(theirs)), null, 2)).toBe(federationText)
})
