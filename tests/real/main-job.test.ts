/** The main job with everything real: signaling, the link host, WebRTC, lmdb, files. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { PairingEvent, SendEvent } from '@baton/client/core/mesh-api'
import { createSignaling } from '@baton/signaling/signaling'
import { expect, it, onTestFinished } from 'vitest'
import { familyOf } from '../bench/processes.ts'
import { builtChild } from '../support/built.ts'
import { agentAppends } from '../support/corpus/append.ts'
import { writeCorpus } from '../support/corpus/corpus.ts'
import { realPeer, until } from '../support/real-peer.ts'
import { tempFolder } from '../support/temp.ts'
import { twoHomes } from '../support/two-homes.ts'

it('ME1 pairs by a code and carries a session there and back', async () => {
  const root = tempFolder('main-job')
  const signaling = createSignaling()
  const { url } = await signaling.listen()
  onTestFinished(() => signaling.close())
  const corpus = writeCorpus(join(root, 'alice'), { seed: 3, sessions: 1, plain: true })
  const alice = await realPeer(root, 'alice', url)
  const bob = await realPeer(root, 'bob', url)
  const invite = alice.mesh.invite({ qr: false, confirm: false })
  const events = invite.events[Symbol.asyncIterator]()
  let shown: PairingEvent | undefined
  while (shown?.at !== 'code') shown = (await events.next()).value
  const join1 = bob.mesh.join(shown.code, { confirm: false })
  const paired = await until(join1.events, 'paired')
  expect(paired).toMatchObject({ device: { name: 'alice', state: 'connected' } })
  const session = corpus.sessions[0] as (typeof corpus.sessions)[number]
  const send = alice.mesh.send(session.id, {
    to: bob.mesh.self,
    maps: [],
    project: root,
  })
  const done = (await until(send.events, 'done')) as Extract<SendEvent, { at: 'done' }>
  expect(done.digest.here).toBe(done.digest.there)
  expect(done.unplaced).toBeUndefined()
  const copy = done.placed?.path as string
  agentAppends(copy, 3, 1)
  const before = readFileSync(session.path, 'utf8')
  const back = bob.mesh.send(session.id, { to: alice.mesh.self, maps: [], project: root })
  const end = (await until(back.events, 'done')) as Extract<SendEvent, { at: 'done' }>
  expect(end.merged).toBe('extended')
  expect(readFileSync(session.path, 'utf8').startsWith(before)).toBe(true)
})

it('LH11 a device that has not dialled yet has its host running', async () => {
  const { start } = await twoHomes(builtChild('real/peer-child.mts'), 'warm')
  const { pid } = await start('alice')
  expect(familyOf(pid)).toHaveLength(2)
})
