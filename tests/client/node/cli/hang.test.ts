/** CL5, CL2: what `baton status` and `baton doctor` say, on terminals of any width. */
import { PassThrough } from 'node:stream'
import type { Context } from '@baton/client/node/cli/command'
import { linesOf } from '@baton/client/node/cli/doctor'
import { hang, type Part } from '@baton/client/node/cli/hang'
import { createPaint } from '@baton/client/node/cli/paint'
import { status } from '@baton/client/node/cli/status'
import { createTerminal } from '@baton/client/node/cli/terminal'
import { widthOf } from '@baton/client/node/cli/width'
import { fail } from '@baton/client/node/doctor/check'
import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { alice, createFakeMesh } from '../../../support/fake-mesh.ts'
import { tries } from '../../../support/tries.ts'

const sgr = new RegExp(`${String.fromCharCode(27)}\\[\\d+m`, 'g')
const bare = (text: string) => text.replace(sgr, '')
const { bold, dim } = createPaint(true)
const seen = (text: string) => `<${text}>`

it('CL5 what hangs beside a name fits, loses no word, and is painted as it was', () => {
  const text = fc.stringMatching(/^[a-z/日🐙]{1,12}( [a-z/日🐙]{1,40}){0,6}$/u)
  const law = fc.property(
    fc.array(text, { minLength: 1, maxLength: 4 }),
    fc.integer({ min: 40, max: 200 }),
    (texts, columns) => {
      const parts = texts.map((each, at): Part => [at === 0 ? each : ` ${each}`, seen])
      const lines = hang('  a name    ', 12, parts, columns)
      const plain = lines.map((line) => line.replaceAll(/[<>]/g, ''))
      for (const line of plain) expect(widthOf(line)).toBeLessThanOrEqual(columns)
      const said = plain.map((line) => line.slice(12))
      const whole = texts.join(' ')
      expect(said.join('').replaceAll(' ', '')).toBe(whole.replaceAll(' ', ''))
      // Nothing but the indent stands outside of the paint.
      const unpainted = lines.map((line) => line.replaceAll(/<[^>]*>/g, '').trim())
      expect(unpainted).toEqual(lines.map((_, at) => (at === 0 ? 'a name' : '')))
    },
  )
  fc.assert(law, { numRuns: tries(200) })
})

it('CL5 an empty part and one that is cut in two keep their paint', () => {
  const parts: Part[] = ['one two ', ['', bold], ['three four five six', dim]]
  expect(hang('* ', 2, parts, 22)).toEqual([
    `* one two ${dim('three four')}`,
    `  ${dim('five six')}`,
  ])
  expect(hang('* ', 2, parts, 80)).toEqual([`* one two ${dim('three four five six')}`])
  expect(hang('* ', 2, [], 80)).toEqual(['* '])
})

/** What `baton status` writes for a device with much to say. */
async function statusAt(
  columns: number,
  options: { json?: boolean; colour?: boolean; ranTwice?: string[] } = {},
) {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()]
  const streams = { stdin, stdout, stderr } as unknown as Record<'stdin', NodeJS.ReadStream> &
    Record<'stdout' | 'stderr', NodeJS.WriteStream>
  const env = { COLUMNS: String(columns), ...(options.colour ? { FORCE_COLOR: '1' } : {}) }
  const mesh = createFakeMesh({
    status: {
      ranTwice: options.ranTwice ?? [],
      self: { ...alice, name: 'the desk in the back room by the window' },
      signaling: { server: 'https://signal.of-a-long-name.example.org:7370', state: 'down' },
      sources: [{ agent: 'claude-code', roots: ['/home/alice/.claude/projects', '/mnt/more'] }],
      store: { kind: 'lmdb', bytes: 123_456 },
    },
  })
  const facts = {
    pid: 4_194_304,
    version: '0.1.0',
    startedAt: 0,
    embedded: false,
    beyond: false,
    confirm: false,
    keys: 'files',
    ice: { servers: 2, policy: 'relay' },
  }
  const context = {
    terminal: createTerminal({ ...streams, env, json: options.json === true, quiet: false }),
    home: '/home/alice',
    now: () => 7_200_000,
    control: () => ({ status: async () => ({ ...(await mesh.status()), process: facts }) }),
  } as unknown as Context
  await status(context)
  return String(stdout.read() ?? '')
}

it('FK9 status names the devices that ran twice from one copy, and says that nothing is lost', async () => {
  expect(await statusAt(80)).not.toContain('ran twice')
  const said = await statusAt(80, { ranTwice: ['alice'] })
  expect(said).toContain('\n  ran twice alice, from one copy; nothing is lost\n')
})

it('CL5 status fits 40 columns, and stands in one line each where there is room', async () => {
  for (const columns of [40, 53, 60]) {
    const lines = bare(await statusAt(columns, { colour: true })).split('\n')
    for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(columns)
  }
  expect(await statusAt(40)).toContain('\n  since     2 h ago, process 4194304\n')
  expect(await statusAt(40)).toContain('\n  ice       2 servers, policy relay\n')
  expect(await statusAt(40)).toContain('claude-code\n            ~/.claude/projects,\n')
  expect(await statusAt(200)).toBe(
    [
      `● the desk in the back room by the window (${alice.short}) is up`,
      '  meets at  https://signal.of-a-long-name.example.org:7370 no answer',
      '  devices   1 paired, 1 connected',
      '  sessions  1 found, 1 carried',
      '  agent     claude-code ~/.claude/projects, /mnt/more',
      '  store     lmdb, 123 kB',
      '  keys      in files',
      '  ice       2 servers, policy relay',
      '  since     2 h ago, process 4194304',
      '  next      baton send',
      '',
    ].join('\n'),
  )
})

it('CL2 CL5 the width changes nothing of --json', async () => {
  expect(await statusAt(40, { json: true })).toBe(await statusAt(200, { json: true }))
})

it('CL5 a check of the doctor fits 40 columns, its hint under its text', () => {
  const check = fail(
    'signaling',
    'https://signal.example.org does not answer',
    'is the service running, and the network up? baton up --signal names another',
  )
  const paint = createPaint(false)
  expect(linesOf(check, { columns: 40, paint })).toEqual([
    '✗ signaling  https://signal.example.org',
    '             does not answer',
    '             is the service running, and',
    '             the network up? baton up',
    '             --signal names another',
  ])
  expect(linesOf(check, { columns: 200, paint })).toEqual([
    `✗ signaling  ${check.text}`,
    `             ${check.hint}`,
  ])
  expect(linesOf({ ...check, state: 'ok' }, { columns: 200, paint })).toHaveLength(1)
})
