/** A session goes from one device's agent folder to another's, grows there, and comes back. */
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { SendEvent } from '@baton/client/core/mesh-api'
import { createClaudeCodeSource } from '@baton/client/node/sources/claude-code/source'
import { expect, it } from 'vitest'
import { createChannelPair } from '../support/channel-pair.ts'
import { agentAppends } from '../support/corpus/append.ts'
import { writeCorpus } from '../support/corpus/corpus.ts'
import { createManualClock } from '../support/manual-clock.ts'
import { openTestPeer, type TestPeer } from '../support/peer.ts'
import { nodePrimitives } from '../support/signer.ts'
import { tempFolder } from '../support/temp.ts'

async function twoHomes() {
  const root = tempFolder('handing-over')
  const corpus = writeCorpus(join(root, 'a'), { seed: 1, sessions: 1, plain: true })
  const project = join(root, 'project')
  mkdirSync(project)
  const open = (seed: number, configDir: string) => {
    const clock = createManualClock()
    const source = createClaudeCodeSource({ sha256: nodePrimitives.sha256, clock, configDir })
    return openTestPeer({ seed, source })
  }
  const alice = await open(1, corpus.config)
  const bob = await open(2, join(root, 'b', '.claude'))
  await connect(alice, bob)
  return { alice, bob, project, found: corpus.sessions[0] as (typeof corpus.sessions)[number] }
}

async function connect(alice: TestPeer, bob: TestPeer) {
  const pair = createChannelPair({ auto: true })
  pair.alice.admit()
  pair.bob.admit()
  await Promise.all([alice.join(pair.alice, bob.device), bob.join(pair.bob, alice.device)])
  return pair
}

async function sent(from: TestPeer, to: TestPeer, ref: string, project: string) {
  const events: SendEvent[] = []
  for await (const event of from.send(ref, { to: to.device, maps: [], project }).events) {
    events.push(event)
  }
  const last = events.at(-1)
  if (last?.at !== 'done') throw new Error(`the send did not end well: ${JSON.stringify(last)}`)
  return last
}

/** What placing changes in a record of another device: its approvals do not rule here. */
const neutral = (line: string) =>
  line
    .replace(/"permissionMode":"[^"]*"/, '"permissionMode":"default"')
    .replace(/"allowedTools":\[[^\]]*\]/, '"allowedTools":[]')

it('SD1 three times there and back extends the first file by exactly the new records', async () => {
  const { alice, bob, project, found } = await twoHomes()
  const before = readFileSync(found.path, 'utf8')
  let expected = before.slice(0, before.lastIndexOf('\n') + 1)
  for (let round = 1; round <= 3; round++) {
    const there = await sent(alice, bob, found.id, project)
    expect(there.digest.here).toBe(there.digest.there)
    expect(there.unplaced).toBeUndefined()
    const copy = there.placed?.path as string
    const lines = agentAppends(copy, 5, round)
    const back = await sent(bob, alice, found.id, project)
    expect(back.merged).toBe('extended')
    expect(back.unplaced).toBeUndefined()
    expected += lines.map((line) => `${neutral(line)}\n`).join('')
    expect(readFileSync(found.path, 'utf8')).toBe(expected)
  }
})
