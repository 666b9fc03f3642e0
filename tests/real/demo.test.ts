/** DM: the demo holds, and each part it breaks on purpose makes it fail for that reason. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const script = fileURLToPath(new URL('../../scripts/demo.mjs', import.meta.url))
const demo = (...args: string[]) =>
  spawnSync(process.execPath, [script, ...args], {
    encoding: 'utf8',
    timeout: 100_000,
    env: { ...process.env, NO_COLOR: '1', NODE_OPTIONS: '' },
  })

it('DM1 DM3 the main job holds between two processes, and a session that three hand around', () => {
  const { status, stdout, stderr } = demo()
  expect(stderr).not.toContain('error')
  expect(stdout).toContain('all of it held')
  expect(stdout.match(/✓/g)).toHaveLength(24)
  expect(status).toBe(0)
})

it.each([['--break'], ['--break=nothing'], ['--broken=code'], ['code']])(
  'DM2 what it does not understand is no run in which all held: %s',
  (argument) => {
    const { status, stdout, stderr } = demo(argument)
    expect(status).toBe(2)
    expect(stdout).not.toContain('✓')
    expect(stderr).toContain('--break=code')
  },
)

it.each([
  ['code', 'the code pairs the two'],
  ['signature', 'their signature is wrong'],
  ['digest', 'store-corrupt'],
  ['record', 'byte for byte'],
])('DM2 with a broken %s it fails and says so', (part, reason) => {
  const { status, stdout, stderr } = demo(`--break=${part}`)
  expect(stderr).toContain(reason)
  expect(stdout).not.toContain('all of it held')
  expect(status).toBe(1)
})
