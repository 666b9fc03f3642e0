/** CL26: what stands beside a session in the files of its agent. */
import type { BranchRow } from '@baton/client/core/mesh-api'
import { branches } from '@baton/client/node/cli/branches'
import type { Context } from '@baton/client/node/cli/command'
import { createPaint } from '@baton/client/node/cli/paint'
import { expect, it } from 'vitest'
import { alice, bob, bobId } from '../../../support/fake-mesh.ts'

function contextFor(rows: readonly BranchRow[]) {
  const [lines, told, objects, asked]: [string[], string[], object[], unknown[]] = [[], [], [], []]
  const terminal = {
    ...{ columns: 120, paint: createPaint(false), note: createPaint(false) },
    line: (text: string) => void lines.push(text),
    object: (value: object) => void objects.push(value),
    tell: (text: string) => void told.push(text),
  }
  const control = {
    devices: async () => [alice, bob],
    sessions: async () => [{ id: 'abcdefgh', agentSession: '1234-5678', branches: rows }],
    async call(name: string, request: object) {
      asked.push([name, request])
      return { path: '/here/new.jsonl', resume: "cd '/here' && claude --resume new" }
    },
  }
  const context = { terminal, control: () => control, now: () => 61_000 } as unknown as Context
  return { context, lines, told, objects, asked }
}

const row: BranchRow = {
  ...{ name: `${bobId.slice(0, 8)}-1`, device: bobId, records: 3, modified: 1000 },
  placed: undefined,
}

it('CL26 branches of a watched session are listed with how each is read', async () => {
  const { context, lines, told, objects } = contextFor([row])
  await branches(context, '1234', undefined, {})
  expect(lines[1]).toMatch(new RegExp(`^${row.name} +bob +3 +1 min`))
  expect(told).toEqual([
    `baton show 1234 --branch ${row.name}`,
    `baton branches 1234 ${row.name} --continue`,
  ])
  expect(objects).toEqual([{ type: 'result', ok: true, branches: [row] }])
  const where = branches(context, '1234', undefined, { project: '/x' })
  await expect(where).rejects.toMatchObject({ code: 'usage' })
  const none = contextFor([])
  await branches(none.context, 'abcd', undefined, {})
  expect(none.told).toEqual(['everything that was said is in its history'])
})

it('CL36 a branch of a watched session goes on in a file of its own, by its name or number, and its line is alone on stdout', async () => {
  for (const branch of ['1', row.name]) {
    const { context, lines, told, objects, asked } = contextFor([row])
    const at = { map: ['/a=/b'], project: '/here' }
    await branches(context, '1234', branch, { continue: true, ...at })
    const where = { maps: [{ from: '/a', to: '/b' }], project: '/here' }
    expect(asked).toEqual([['continueBranch', { ref: '1234', name: row.name, where }]])
    expect(lines).toEqual(["cd '/here' && claude --resume new"])
    expect(told.join()).toContain('/here/new.jsonl')
    expect(objects.at(-1)).toMatchObject({ type: 'result', placed: { path: '/here/new.jsonl' } })
  }
  const { context } = contextFor([row])
  for (const none of ['2', 'other', '0']) {
    const missing = branches(context, '1234', none, { continue: true })
    await expect(missing).rejects.toMatchObject({ code: 'not-found' })
  }
})
