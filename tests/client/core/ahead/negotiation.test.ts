/** TF14: text ahead goes only between devices that both know it. */
import { caps, ownCaps } from '@baton/shared/protocol/version'
import { expect, it } from 'vitest'
import { one } from '../../../support/exchange-pair.ts'
import { openLinks, openPair, recordOf } from '../../../support/links-world.ts'

it.each([
  ['one that knows it', ownCaps, 1],
  ['one of an older version', 0, 0],
  ['one that knows other things', 0xffff_ffff ^ caps.ahead, 0],
])('TF14 %s is told so much ahead, and takes what it does not know', async (_who, of, frames) => {
  const { bob, links, ahead, contacts, bound, connect } = await openLinks()
  links.keep(recordOf(bob.device))
  const pair = openPair()
  contacts.at(-1)?.hooks.connected(bound(pair, of))
  await pair.flush()
  // What stands at the other end passes over what it does not know.
  const old = await connect()
  expect(old.waiting('bob')).toBe(0)
  const next = openPair()
  contacts.at(-1)?.hooks.connected(bound(next, of))
  await next.flush()
  const before = next.waiting('bob')
  ahead.own(one, 'a', 0).said('text')
  expect(next.waiting('bob') - before).toBe(frames)
})
