/** Every model reads any document: other kinds', later versions', nonsense. */
import type { Value } from '@baton/shared/encoding/msgpack'
import { switchMode } from '@baton/shared/model/agent/changes'
import { readAgent } from '@baton/shared/model/agent/read'
import { sessionContext, sessionRecord } from '@baton/shared/model/agent/records'
import { interfaceModes } from '@baton/shared/model/agent/schema'
import { captureChanges } from '@baton/shared/model/browser/changes'
import { readBrowser } from '@baton/shared/model/browser/read'
import { storageState, syncableState } from '@baton/shared/model/browser/records'
import { changesTo } from '@baton/shared/model/federation/changes'
import { federationFile, readFederation } from '@baton/shared/model/federation/read'
import { syncMetadata } from '@baton/shared/model/metadata'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { order, shuffled } from '../../support/document-histories.ts'
import { createDocumentWorld, fold, value } from '../../support/document-world.ts'
import { nodePrimitives } from '../../support/signer.ts'
import { tries } from '../../support/tries.ts'

const words = [
  'identity',
  'created',
  'modes',
  'active',
  'available',
  'carried',
  'popup',
  'ui',
  'theme',
  'volatile',
  'tool_chains',
  'streaming_buffers',
  'active_tools',
  'configuration',
  'tools',
  'preferences',
  'page',
  'viewport',
  'browser',
  'example.com',
  'cookie',
  'host',
  'local',
  'https://example.com',
  '/',
  '',
  'session',
  'tasks',
  'id',
  'router',
  'order',
  'agents',
  'tabs',
  'logs',
  'conflict',
  'strategy',
  '__proto__',
]
const word = fc.constantFrom(...words)
const of: fc.Arbitrary<Value> = fc.oneof(
  word,
  fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<Value>,
  fc.uint8Array({ maxLength: 4 }),
  fc.array(fc.array(fc.oneof(word, fc.nat(3), fc.array(word)))),
  fc.record({ items: fc.array(fc.tuple(fc.array(word), fc.jsonValue())) }) as fc.Arbitrary<Value>,
)
const write = fc.record({
  who: fc.boolean(),
  kind: fc.constantFrom('set', 'set', 'set', 'row', 'capture', 'tool', 'pull'),
  path: fc.array(word, { minLength: 1, maxLength: 5 }),
  of,
})

function play(writes: readonly (typeof write extends fc.Arbitrary<infer T> ? T : never)[]) {
  const { writers, all } = createDocumentWorld()
  const { alice, bob } = writers
  alice.grant('bob')
  bob.pull(alice)
  for (const { who, kind, path, of: told } of writes) {
    const writer = who ? alice : bob
    const [first = '', second = ''] = path
    const held = value(told)
    if (kind === 'set') writer.set(path, held)
    else if (kind === 'row') writer.row(first || 'logs', second || 'k', held)
    else if (kind === 'capture') writer.capture(first || 'example.com', held)
    else if (kind === 'tool') writer.tool(first || 'c', 'running', held)
    else writer.pull(who ? bob : alice)
  }
  return all
}

it('VW7 no document makes a reading throw, and every order of it reads the same', () => {
  fc.assert(
    fc.property(fc.array(write, { maxLength: 40 }), order, (writes, rolls) => {
      const all = play(writes)
      const readings = [all, shuffled(all, rolls)].map((entries) => {
        const state = fold(entries)
        const agent = readAgent(state)
        const browser = readBrowser(state, { now: 1e12 })
        const metadata = syncMetadata(state, nodePrimitives.sha256, '')
        for (const mode of interfaceModes) switchMode(agent, mode, 1)
        captureChanges(browser, storageState(browser))
        const file = federationFile(state)
        changesTo(state, file, { complete: true, base: {} })
        return [
          agent,
          browser,
          readFederation(state),
          JSON.stringify(file),
          sessionRecord(agent, metadata, []),
          sessionContext(agent, metadata, []),
          syncableState(state, browser, metadata, []),
        ]
      })
      expect(readings[1]).toEqual(readings[0])
    }),
    { numRuns: tries(150) },
  )
})
