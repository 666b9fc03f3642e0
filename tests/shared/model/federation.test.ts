/** The status of a federation of agents, from its file and back. */
import { changesTo } from '@baton/shared/model/federation/changes'
import { federationFile, readFederation } from '@baton/shared/model/federation/read'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { apply, sync, type Writer } from '../../support/apply-changes.ts'
import { order, shuffled } from '../../support/document-histories.ts'
import { createDocumentWorld, fold, value } from '../../support/document-world.ts'
import { example, federationText } from '../../support/federation-file.ts'
import { tries } from '../../support/tries.ts'

function two() {
  const { writers, all } = createDocumentWorld()
  const { alice, bob } = writers
  alice.grant('bob')
  return { alice, bob, all }
}

const put = (writer: Writer, file: unknown, complete = true) =>
  apply(writer, changesTo(writer.state, file, { complete }).changes)
const shown = (writer: Writer) => JSON.parse(JSON.stringify(federationFile(writer.state)))

function withExample() {
  const world = two()
  put(world.alice, example())
  world.bob.pull(world.alice)
  return world
}

describe('a file that goes in and comes out', () => {
  it('FD1 comes out as the bytes it was', () => {
    const { bob } = withExample()
    expect(JSON.stringify(federationFile(bob.state), null, 2)).toBe(federationText)
    expect(readFederation(bob.state).malformed).toBe(0)
  })

  it('FD1 is read as who works on what', () => {
    const { bob } = withExample()
    const { session_id, owner, sprint, status, agents, tasks, router } = readFederation(bob.state)
    expect([session_id, owner, sprint, status]).toEqual([
      'sess-20260206-abc123',
      'kimi',
      '7-day-router-optimization',
      'active',
    ])
    expect([...agents.keys()]).toEqual(['kimi', 'claude', 'codex', 'copilot', 'ollama'])
    expect(agents.get('claude')).toMatchObject({ status: 'idle', current_task: null })
    expect(tasks.map(({ id, status: is }) => [id, is])).toEqual([
      ['task-001', 'in_progress'],
      ['task-002', 'completed'],
    ])
    expect(router).toMatchObject({ version: 'v3', accuracy: 0.357, tier: 2, pending_eval: true })
  })

  it('FD2 what this version does not know survives at every level', () => {
    const { alice, bob } = two()
    const text = `{"status":"active","later":{"deep":[1,{"a":null}]},"agents":{"kimi":{"mood":"fine",
      "status":"idle","__proto__":{"x":1}},"__proto__":{"status":"odd"}},"tasks":[{"id":"t","weight":3,
      "extra":{"a":1}}],"router":{"seed":7},"malformed":9}`
    put(alice, JSON.parse(text))
    bob.pull(alice)
    expect(JSON.stringify(federationFile(bob.state))).toBe(JSON.stringify(JSON.parse(text)))
    const { extra, agents, tasks, router, malformed } = readFederation(bob.state)
    expect(extra).toEqual({ later: { deep: [1, { a: null }] }, malformed: 9 })
    expect(agents.get('kimi')?.extra).toMatchObject({ mood: 'fine' })
    expect(agents.get('__proto__')?.status).toBe('odd')
    expect(tasks[0]?.extra).toEqual({ weight: 3, extra: { a: 1 } })
    expect(router.extra).toEqual({ seed: 7 })
    expect(malformed).toBe(0)
  })

  const name = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.constantFrom('status', 'id', 'order', 'agents', '__proto__', 'constructor', '7', '1'),
  )
  const json = fc.jsonValue({ maxDepth: 2, stringUnit: 'grapheme' })
  const fields = fc.dictionary(name, json, { maxKeys: 4 })
  const known = <T>(of: fc.Arbitrary<T>) => fc.dictionary(name, of, { maxKeys: 4 })
  const file = fc.record(
    {
      tier: json,
      owner: fc.constantFrom('kimi', null),
      agents: known(fc.record({ current_task: fc.constantFrom(null, 'x'), more: json })),
      tasks: fc.uniqueArray(
        fc.record({ more: json, id: fc.string({ minLength: 1, unit: 'grapheme' }) }),
        {
          selector: ({ id }) => id,
          maxLength: 4,
        },
      ),
      router: fields.map(({ version: _, accuracy: __, tier: ___, ...rest }) => rest),
    },
    { requiredKeys: [] },
  )

  it('FD4 any file comes out as it went in, its names in their order, whatever was there before', () => {
    fc.assert(
      fc.property(fc.array(file, { minLength: 1, maxLength: 3 }), (files) => {
        const { alice } = two()
        for (const each of files) {
          // As parsed JSON: a value like -0 is written as another.
          const parsed = JSON.parse(JSON.stringify(each))
          const { malformed } = changesTo(alice.state, parsed, { complete: true })
          put(alice, parsed)
          // Some names are no ids, and some values fit no schema.
          if (malformed + readFederation(alice.state).malformed > 0) return
          const out = shown(alice)
          expect(out).toEqual(parsed)
          expect(Object.keys(out)).toEqual(Object.keys(parsed))
          for (const part of ['agents', 'router']) {
            expect(Object.keys(out[part] ?? {})).toEqual(Object.keys(parsed[part] ?? {}))
          }
          for (const [key, agent] of Object.entries(parsed.agents ?? {})) {
            expect(Object.keys(out.agents[key])).toEqual(Object.keys(agent as object))
          }
        }
      }),
      { numRuns: tries(60) },
    )
  })

  it('FD4 of two orders told beside each other everyone shows the same one', () => {
    const { alice, bob } = withExample()
    const turned = example()
    turned.tasks.reverse()
    put(bob, turned)
    put(alice, { ...example(), tasks: [...example().tasks, { id: 'a-first' }] })
    sync(alice, bob)
    expect(federationFile(bob.state)).toEqual(federationFile(alice.state))
    expect(
      readFederation(bob.state)
        .tasks.map(({ id }) => id)
        .sort(),
    ).toEqual(['a-first', 'task-001', 'task-002'])
  })
})

describe('what differs', () => {
  const kinds = (writer: Writer, file: unknown, complete = true) =>
    changesTo(writer.state, file, { complete }).changes

  it('FD5 the same file again gives no change, another one only what differs', () => {
    const { alice, bob } = withExample()
    expect(kinds(bob, example())).toEqual([])
    expect(kinds(bob, example(), false)).toEqual([])
    const next = example()
    next.updated_at = '2026-02-06T16:00:00Z'
    next.tasks[0] = { ...next.tasks[0], status: 'completed' }
    next.agents.kimi = { ...next.agents.kimi, status: 'idle' }
    expect(kinds(alice, next)).toMatchObject([
      { kind: 'register', path: ['session', 'updated_at'] },
      { kind: 'row', collection: 'agents', key: 'kimi' },
      { kind: 'register', path: ['tasks', 'task-001', 'status'], held: value('completed') },
    ])
    put(alice, next)
    expect(shown(alice)).toEqual(next)
  })

  it('FD6 a name that is missing was taken out only where the file is complete', () => {
    const { alice } = withExample()
    const part = { status: 'paused', agents: { kimi: { status: 'idle' } } }
    put(alice, part, false)
    const { agents, tasks, status, owner } = readFederation(alice.state)
    expect([status, owner, agents.size, tasks.length]).toEqual(['paused', 'kimi', 5, 2])
    expect(agents.get('kimi')).toMatchObject({ status: 'idle' })
    put(alice, part)
    expect(shown(alice)).toEqual(part)
    put(alice, {})
    expect(shown(alice)).toEqual({})
    put(alice, { agents: {}, tasks: [], router: {} })
    expect(JSON.stringify(federationFile(alice.state))).toBe('{"agents":{},"tasks":[],"router":{}}')
  })

  it('FD3 two devices that work on different agents and fields of one task take nothing from each other', () => {
    const { alice, bob, all } = withExample()
    const [of, from] = [example(), example()]
    of.tasks[0] = { ...of.tasks[0], status: 'completed' }
    of.agents.kimi = { status: 'idle' }
    from.tasks[0] = { ...from.tasks[0], assigned_to: 'codex' }
    from.agents.codex = { status: 'error' }
    put(alice, of)
    put(bob, from)
    sync(alice, bob)
    for (const writer of [alice, bob]) {
      const { agents, tasks } = readFederation(writer.state)
      expect(tasks[0]).toMatchObject({ status: 'completed', assigned_to: 'codex' })
      expect([agents.get('kimi')?.status, agents.get('codex')?.status]).toEqual(['idle', 'error'])
    }
    fc.assert(
      fc.property(order, (rolls) => {
        expect(federationFile(fold(shuffled(all, rolls)))).toEqual(federationFile(alice.state))
      }),
      { numRuns: tries(30) },
    )
  })

  it('FD3 of one agent the latest word of any device counts, a deletion too', () => {
    const { alice, bob } = withExample()
    put(bob, { agents: { kimi: { status: 'error' } } }, false)
    sync(alice, bob)
    expect(readFederation(alice.state).agents.get('kimi')?.status).toBe('error')
    const { kimi: _, ...agents } = shown(alice).agents
    put(alice, { ...shown(alice), agents })
    bob.pull(alice)
    expect(readFederation(bob.state).agents.has('kimi')).toBe(false)
  })

  it('FD8 only what was changed in the file since is told: what came meanwhile from others stays', () => {
    const { alice, bob } = withExample()
    const base = example()
    const theirs = example()
    theirs.tasks[0] = { ...theirs.tasks[0], status: 'completed' }
    theirs.tasks.push({ id: 'task-003' })
    theirs.agents.codex = { status: 'error' }
    theirs.agents.new = { status: 'active' }
    theirs.sprint = 'next'
    put(bob, { ...theirs, topic: 'x' })
    sync(alice, bob)
    // The file of alice's machine has none of it yet, and an agent there writes it as a whole.
    const file = example()
    file.agents.kimi = { status: 'idle' }
    file.tasks.splice(1, 1)
    const { changes } = changesTo(alice.state, file, { complete: true, base })
    expect(
      changes.map((each) => (each.kind === 'row' ? each.key : 'path' in each && each.path[1])),
    ).toEqual(['kimi', ...Object.keys(base.tasks[1] ?? {}).map(() => 'task-002')])
    apply(alice, changes)
    const { agents, tasks, sprint, extra } = readFederation(alice.state)
    expect(tasks.map(({ id, status }) => [id, status])).toEqual([
      ['task-001', 'completed'],
      ['task-003', undefined],
    ])
    expect([...agents].map(([of, { status }]) => `${of} ${status}`)).toEqual([
      'kimi idle',
      'claude idle',
      'codex error',
      'copilot standby',
      'ollama available',
      'new active',
    ])
    expect([sprint, extra]).toEqual(['next', { topic: 'x' }])
  })

  it('FD7 what cannot be carried or has no id is left out and counted', () => {
    const { alice } = two()
    for (const nothing of [null, 7, [], 'x', undefined]) {
      expect(changesTo(alice.state, nothing, { complete: true })).toEqual({
        changes: [],
        malformed: 1,
      })
    }
    const file = {
      status: 'active',
      odd: '\ud800',
      agents: { kimi: 7, codex: { status: 'idle' }, bad: { x: '\udfff' } },
      tasks: [{ description: 'no id' }, { id: 't' }, { id: 't' }, 5],
      router: [],
    }
    const { malformed } = changesTo(alice.state, file, { complete: true })
    expect(malformed).toBe(7)
    put(alice, file)
    expect(shown(alice)).toEqual({
      status: 'active',
      agents: { codex: { status: 'idle' } },
      tasks: [{ id: 't' }],
    })
    expect(changesTo(alice.state, { agents: 1, tasks: 2, router: 3 }, { complete: false })).toEqual(
      {
        changes: [],
        malformed: 3,
      },
    )
    // A part that cannot be read takes nothing out.
    const { changes } = changesTo(alice.state, { ...file, agents: 1, tasks: 2 }, { complete: true })
    expect(changes.filter((each) => 'held' in each && each.held.at === 'absent')).toEqual([])
  })

  it('FD7 what others wrote that does not fit is left out of the reading and counted', () => {
    const { alice } = withExample()
    alice.set(['session', 'created_at'], value('then'))
    alice.set(['tasks', 'task-001', 'status'], value(7))
    alice.set(['router', 'accuracy'], value('high'))
    alice.row('agents', 'kimi', value({ status: [], workspace: '~' }))
    alice.row('agents', 'ollama', value('up'))
    const { agents, tasks, created_at, malformed } = readFederation(alice.state)
    expect(malformed).toBe(5)
    expect([created_at, tasks[0]?.status, agents.has('ollama')]).toEqual([
      undefined,
      undefined,
      false,
    ])
    expect(agents.get('kimi')).toMatchObject({ workspace: '~' })
  })
})
