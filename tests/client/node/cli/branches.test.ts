/** CL26: what stands beside a session in the files of its agent. */
import type { BranchRow } from '@baton/client/core/mesh-api'
import { branches } from '@baton/client/node/cli/branches'
import type { Context } from '@baton/client/node/cli/command'
import { createPaint } from '@baton/client/node/cli/paint'
import { expect, it } from 'vitest'
import { alice, bob, bobId } from '../../../support/fake-mesh.ts'

function contextFor(rows: readonly BranchRow[]) {
  const [lines, told, objects]: [string[], string[], object[]] = [[], [], []]
  const terminal = {
    ...{ columns: 120, paint: createPaint(false), note: createPaint(false) },
    line: (text: string) => void lines.push(text),
    object: (value: object) => void objects.push(value),
    tell: (text: string) => void told.push(text),
  }
  const control = {
    devices: async () => [alice, bob],
    sessions: async () => [{ id: 'abcdefgh', agentSession: '1234-5678', branches: rows }],
  }
  const context = { terminal, control: () => control, now: () => 61_000 } as unknown as Context
  return { context, lines, told, objects }
}

const row: BranchRow = {
  ...{ name: `${bobId.slice(0, 8)}-1`, device: bobId, records: 3, modified: 1000 },
  placed: undefined,
}

it('CL26 branches of a watched session are listed with how each is read', async () => {
  const { context, lines, told, objects } = contextFor([row])
  await branches(context, '1234', undefined, {})
  expect(lines[1]).toMatch(new RegExp(`^${row.name} +bob +3 +1 min`))
  expect(told).toEqual([`baton show 1234 --branch ${row.name}`])
  expect(objects).toEqual([{ type: 'result', ok: true, branches: [row] }])
  const usage = { code: 'usage', hint: expect.stringContaining('baton send') }
  await expect(branches(context, 'abcd', '1', { continue: true })).rejects.toMatchObject(usage)
  const none = contextFor([])
  await branches(none.context, 'abcd', undefined, {})
  expect(none.told).toEqual(['everything that was said is in its history'])
})
