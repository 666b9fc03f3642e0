/** SD11, SD12: what a person is warned of before a session is sent, also with --quiet. */
import { PassThrough } from 'node:stream'
import type { SendEvent } from '@baton/client/core/mesh-api'
import { createStages } from '@baton/client/node/cli/stages'
import { createTerminal } from '@baton/client/node/cli/terminal'
import { expect, it } from 'vitest'

/** What goes to stderr for an event. */
function told(event: SendEvent, json = false): string {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()]
  const streams = { stdin, stdout, stderr } as unknown as Record<'stdin', NodeJS.ReadStream> &
    Record<'stdout' | 'stderr', NodeJS.WriteStream>
  const terminal = createTerminal({ ...streams, env: {}, json, quiet: true })
  createStages(terminal, () => 0).step(event, 'laptop')
  expect(stdout.read()).toBe(null)
  return String(stderr.read() ?? '')
}

it('SD11 files that stay behind are named, three of them', () => {
  const files = ['a: no', 'b: no', 'c\u001b[2J: no', 'd: no']
  expect(told({ at: 'skipped', files })).toBe(
    'warning: not carried: a: no, b: no, c: no, and 1 more\n',
  )
})

it('SD12 records that the file no longer holds are counted', () => {
  expect(told({ at: 'cut', records: 1200 })).toBe(
    'warning: 1,200 records are no longer in its file here, but kept: sent to laptop all the same\n',
  )
  expect(told({ at: 'cut', records: 1 }, true)).toMatch(/^warning: 1 record is no longer/)
})
