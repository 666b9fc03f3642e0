/** What a paired device can make another one keep, or compute, without giving it anything. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { idBytes, type LogId } from '@baton/shared/ids'
import type { Delta } from '@baton/shared/log/delta'
import { kinds } from '@baton/shared/log/kinds'
import { encodeRecord } from '@baton/shared/model/agent-entries'
import { mainFile } from '@baton/shared/model/carried-path'
import { syncTypes } from '@baton/shared/protocol/sync-messages'
import { expect, it, vi } from 'vitest'
import { author, written } from '../../../support/author.ts'
import { appendNoise, one, openSide, rawPeer } from '../../../support/exchange-pair.ts'
import { batchOf, deltaOf, folded } from '../../../support/raw-sync.ts'
import { signer } from '../../../support/signer.ts'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

function heapBytes(): number {
  collect()
  return process.memoryUsage().heapUsed
}

it('XC11 a greeting that announces news without end keeps nothing of what comes', async () => {
  const bob = await openSide(2)
  const peer = await rawPeer(bob, signer(8).device)
  bob.knows = () => false
  const [delta] = await written(author(signer(7), one), ['a'])
  const message = deltaOf(delta as Delta)
  async function flood(count: number): Promise<void> {
    for (let i = 1; i <= count; i++) {
      peer.say(message)
      if (i % 500 === 0) await peer.flush()
    }
  }
  peer.say([syncTypes.hello, new Uint8Array(8), 2 ** 48])
  await flood(1_000)
  const before = heapBytes()
  await flood(15_000)
  expect(peer.end).toBe(undefined)
  // Twenty bytes a message; a promise alone takes sixty.
  expect(heapBytes() - before).toBeLessThan(15_000 * 20)
})

it('XC11 a blob that never comes is asked for once, and others are not looked through for it', async () => {
  const bob = await openSide(2)
  const peer = await rawPeer(bob, signer(8).device)
  const lacking = vi.spyOn(bob.repo, 'lacking')
  const writer = author(signer(8), one)
  for (let i = 0; i < 40; i++) {
    const content = { blob: new Uint8Array(32).fill(i + 1), bytes: 5 }
    writer.append(
      kinds.record,
      encodeRecord({ epoch: 0, file: mainFile, base: undefined, content }),
    )
    peer.say(batchOf(folded(await writer.seal())), 'bulk')
    await peer.flush()
  }
  const wanted = peer.heard.flatMap((said) => (said.kind === 'want' ? said.form[3] : []))
  expect(wanted.map(([hash]) => hash[0])).toEqual(Array.from({ length: 40 }, (_, i) => i + 1))
  expect(lacking).toHaveBeenCalledTimes(1)
})

it('SY8 words on a log of a session that is not shared are passed over, its full name given', async () => {
  const bob = await openSide(2)
  await appendNoise(bob, one, 10)
  bob.shares = () => false
  const peer = await rawPeer(bob, signer(8).device)
  const [head] = bob.repo.heads(one)
  const log = head?.log as LogId
  const before = peer.heard.length
  peer.say([syncTypes.ack, [[idBytes(log), 1]]])
  peer.say([syncTypes.shortDelta, idBytes(log), 99, [new Uint8Array(9)], new Uint8Array(64)])
  await peer.flush()
  expect(peer.end).toBe(undefined)
  expect(bob.acksOf.get(signer(8).device)?.get(log)).toBe(0)
  expect(peer.heard.slice(before).filter(({ kind }) => kind !== 'hello')).toEqual([])
})
