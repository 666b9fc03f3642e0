/** CL1: what `baton send` answers once the session is there, as an exit code and as JSON. */
import type { Context } from '@baton/client/node/cli/command'
import { createPaint } from '@baton/client/node/cli/paint'
import { send } from '@baton/client/node/cli/send'
import { expect, it } from 'vitest'
import { alice, aliceId, bobId } from '../../../support/fake-mesh.ts'

async function run(unplaced: string | undefined, carryOnly = false) {
  const objects: object[] = []
  const terminal = {
    columns: 80,
    paint: createPaint(false),
    note: createPaint(false),
    line: () => {},
    object: (value: object) => void objects.push(value),
    tell: () => {},
    warn: () => {},
    wipe: () => {},
    status: () => {},
  }
  const receipt = { id: 'ab', neutralised: {}, signedBy: [aliceId, bobId] }
  const digest = { here: 'cd', there: 'cd' }
  async function* events() {
    yield { at: 'done', receipt, digest, ms: 5, merged: undefined, placed: undefined, unplaced }
  }
  const bob = { ...alice, id: bobId, short: bobId.slice(0, 8), name: 'bob', self: false }
  const control = {
    devices: async () => [{ ...alice, id: aliceId }, bob],
    send: () => ({ events: events(), cancel: () => {} }),
  }
  const context = { terminal, control: () => control, onInterrupt: () => () => {} }
  const code = await send(context as unknown as Context, 'abcd', { to: 'bob', carryOnly })
  return { code, result: objects.at(-1) as { ok: boolean; exit?: number } }
}

it('CL1 a session that is there and not in its place is 8, in the result too', async () => {
  const { code, result } = await run('the agent has it open')
  expect([code, result.ok, result.exit]).toEqual([8, true, 8])
})

it('CL1 one that was put in its place, or was only to be carried, is 0', async () => {
  for (const { code, result } of [await run(undefined), await run('not asked for', true)]) {
    expect([code, result.ok, result.exit]).toEqual([0, true, undefined])
  }
})
