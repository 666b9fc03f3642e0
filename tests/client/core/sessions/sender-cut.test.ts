/** SD12: a session whose own file was cut, emptied or removed on the device that made it. */
import { readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { agentAppends } from '../../../support/corpus/append.ts'
import type { TestPeer } from '../../../support/peer.ts'
import { link, passing, twoPeers } from '../../../support/two-peers.ts'

const linesOf = (path: string) => readFileSync(path, 'utf8').split('\n').slice(0, -1)

/** A session that bob has, and what alice is told when she sends it again. */
async function shared() {
  const world = await twoPeers()
  const { alice, bob, found, options } = world
  await link(alice, bob)
  async function send(from: TestPeer = alice, to = options) {
    alice.clock.advance(1000)
    bob.clock.advance(1000)
    const events = await passing(from, from.send(found.id, to))
    const end = events.at(-1)
    if (end?.at !== 'done') throw new Error(`it did not end well: ${JSON.stringify(end)}`)
    const cut = events.findIndex(({ at }) => at === 'cut')
    const before = events.slice(0, Math.max(0, cut)).map(({ at }) => at)
    return { cut: events.filter(({ at }) => at === 'cut'), before, end }
  }
  const first = await send()
  expect(first.cut).toEqual([])
  return { ...world, send, first: first.end, lines: linesOf(found.path) }
}

it('SD12 a file that was cut takes nothing back, and the send says how much it no longer holds', async () => {
  const { found, send, first, lines } = await shared()
  const copy = readFileSync(first.placed?.path ?? '')
  // In the middle of a line: that one is gone too.
  const kept = Buffer.byteLength(`${lines.slice(0, -3).join('\n')}\n`)
  truncateSync(found.path, kept - 5)
  for (let again = 0; again < 2; again++) {
    const { cut, before, end } = await send()
    expect(cut).toEqual([{ at: 'cut', records: 4 }])
    expect(before.filter((at) => at !== 'reading')).toEqual([])
    expect(end.digest).toEqual(first.digest)
    expect(end.placed).toEqual(first.placed)
    expect(readFileSync(first.placed?.path ?? '')).toEqual(copy)
  }
})

it.each([
  ['emptied', (path: string) => truncateSync(path, 0)],
  ['left with half a line', (path: string) => truncateSync(path, 9)],
  ['removed', (path: string) => rmSync(path)],
])('SD12 one that was %s tells of every line', async (_, spoil) => {
  const { found, send, first, lines } = await shared()
  spoil(found.path)
  const { cut, end } = await send()
  expect(cut).toEqual([{ at: 'cut', records: lines.length }])
  expect(end.receipt.records).toBe(first.receipt.records)
})

it('SD12 nothing is told once its agent went on, or the lines are back', async () => {
  const { found, send, lines } = await shared()
  const whole = readFileSync(found.path)
  truncateSync(found.path, Buffer.byteLength(`${lines.slice(0, 6).join('\n')}\n`))
  expect((await send()).cut).toEqual([{ at: 'cut', records: lines.length - 6 }])
  agentAppends(found.path, 1, 3)
  const { cut, end } = await send()
  expect(cut).toEqual([])
  expect(end.digest.there).toBe(end.digest.here)
  writeFileSync(found.path, whole)
  expect((await send()).cut).toEqual([])
})

it('SD12 a copy may lag behind, or be cut, and a send back tells of nothing', async () => {
  const { alice, bob, found, send, first, project } = await shared()
  agentAppends(found.path, 2, 5)
  const back = { to: alice.device, maps: [], project }
  expect((await send(bob, back)).cut).toEqual([])
  truncateSync(first.placed?.path ?? '', 9)
  expect((await send(bob, back)).cut).toEqual([])
})
