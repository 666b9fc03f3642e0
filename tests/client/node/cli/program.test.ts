/** CL12, CL1: one list of commands, and what exit codes mean. */
import { exitCodes, exitOf, tellable } from '@baton/client/node/cli/exit'
import { listCommands, withHint } from '@baton/client/node/cli/program'
import { BatonError } from '@baton/shared/errors'
import { expect, it } from 'vitest'

it('CL12 every command has --json, a description and described options', () => {
  const rows = listCommands()
  expect(rows.map(({ name }) => name)).toContain('send')
  for (const { name, description, options } of rows) {
    expect([name, description]).not.toContain('')
    if (name === 'help') continue
    expect(options.map(({ flags }) => flags)).toContain('--json')
    for (const option of options) expect([option.flags, option.description]).not.toContain('')
  }
})

it('CL1 every code of the table is described once, and no error maps outside of it', () => {
  const codes = exitCodes.map(([code]) => code)
  expect(new Set(codes).size).toBe(codes.length)
  const errors = ['not-running', 'cancelled', 'timeout', 'peer-offline', 'place-live', 'usage']
  expect(errors.map(exitOf)).toEqual([5, 3, 7, 6, 8, 2])
  expect(exitOf('whatever')).toBe(1)
})

it('CL3 a line that is not understood is told with a hint, like every other error', () => {
  expect(withHint("error: unknown command 'snd'\n(Did you mean send?)\n", 'x')).toBe(
    "error: unknown command 'snd'\nhint: did you mean send?\n",
  )
  expect(withHint("error: unknown option '--colour'\n", 'baton help')).toBe(
    "error: unknown option '--colour'\nhint: baton help\n",
  )
})

it('CL3 an error that was not expected is told without its words', () => {
  const told = tellable(Object.assign(new Error('secret at /path'), { code: 'EIO' }))
  expect(told.message).toBe('an unexpected error (EIO)')
  expect(tellable(new BatonError('timeout', 'failed', { hint: 'wait' }))).toEqual({
    code: 'timeout',
    message: 'failed',
    hint: 'wait',
  })
})
