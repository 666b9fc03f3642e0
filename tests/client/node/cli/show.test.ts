/** SH2, SH3: what is told beside the records of a session. */
import { PassThrough } from 'node:stream'
import type { SessionRow } from '@baton/client/core/mesh-api'
import type { Context } from '@baton/client/node/cli/command'
import { show } from '@baton/client/node/cli/show'
import { createTerminal } from '@baton/client/node/cli/terminal'
import { expect, it } from 'vitest'

const row = (agentSession: string, branches: readonly string[]) =>
  ({
    agentSession,
    branches: branches.map((name) => ({ name, records: 2, shown: name.startsWith('own') })),
  }) as unknown as SessionRow

/** What goes to stderr, and the result of --json. */
async function shown(json: boolean, branch?: string, ref = 'abcd-1') {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()]
  const streams = { stdin, stdout, stderr } as unknown as Record<'stdin', NodeJS.ReadStream> &
    Record<'stdout' | 'stderr', NodeJS.WriteStream>
  const control = {
    sessions: async () => [
      row('abcd-2', ['other']),
      row('abcd-1', ['laptop-1']),
      row('abcd-3', ['own-1']),
    ],
    async *show() {},
  }
  const context = {
    terminal: createTerminal({ ...streams, env: {}, json, quiet: false }),
    control: () => control,
    onInterrupt: () => () => undefined,
  } as unknown as Context
  await show(context, ref, branch === undefined ? {} : { branch })
  return { err: String(stderr.read() ?? ''), out: String(stdout.read() ?? '') }
}

it('SH2 the branches of a session are named, with how to read them', async () => {
  expect((await shown(false)).err).toBe(
    '2 records beside it: baton show abcd-1 --branch laptop-1\n',
  )
  expect((await shown(false, 'laptop-1')).err).toBe('')
  expect(JSON.parse((await shown(true)).out)).toMatchObject({ branches: [{ name: 'laptop-1' }] })
})

it('SH3 where this device shows a history of its own it says how the main one is read', async () => {
  expect((await shown(false, undefined, 'abcd-3')).err).toBe(
    '2 records of this device alone, shown; the main history: baton show abcd-3 --branch main\n',
  )
})
