/** CP11 over a whole mesh: its Random port stands behind the guard, for pairings and for logs. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Mesh, PairingTask } from '@baton/client/core/mesh-api'
import { createRandom } from '@baton/client/node/platform'
import { expect, it } from 'vitest'
import { writeCorpus } from '../support/corpus/corpus.ts'
import { createMeshWorld, until } from '../support/mesh-world.ts'
import { tempFolder } from '../support/temp.ts'

/** A source that gives one answer for ever to whoever asks for `length` bytes. */
function repeating(length: number) {
  const honest = createRandom()
  const kept = honest.bytes(length)
  return { bytes: (asked: number) => (asked === length ? kept.slice() : honest.bytes(asked)) }
}

async function meshes(length: number) {
  const root = tempFolder('fresh')
  const corpus = writeCorpus(join(root, 'corpus'), { seed: 7, sessions: 2, plain: true })
  mkdirSync(join(root, 'project'))
  const world = createMeshWorld(root)
  const alice = await world.home('alice', 1, corpus.config, repeating(length)).start()
  return { alice, bob: await world.home('bob', 2).start(), corpus }
}

/** How an invitation of `mesh` ends once `other` typed its code. */
async function pairing(mesh: Mesh, other: Mesh): Promise<string> {
  const invite: PairingTask = mesh.invite({ qr: false, confirm: false, guest: true })
  for await (const event of invite.events) {
    if (event.at === 'code') other.join(event.code, { confirm: false })
    if (event.at === 'paired') return 'paired'
    if (event.at === 'failed') return event.code
  }
  return 'ended'
}

it('CP11 SEC-16 a mesh whose random source repeats pairs no second time', async () => {
  const { alice, bob } = await meshes(64)
  expect(await pairing(alice, bob)).toBe('paired')
  expect(await pairing(alice, bob)).toBe('invalid')
})

it('CP11 it begins no second log under the name of the first', async () => {
  const { alice, bob, corpus } = await meshes(8)
  expect(await pairing(alice, bob)).toBe('paired')
  const send = (id = '') => alice.send(id, { to: bob.self, maps: [], carryOnly: true }).events
  const [first, second] = corpus.sessions
  await until(send(first?.id), 'done')
  await expect(until(send(second?.id), 'done')).rejects.toThrow('random source')
})
