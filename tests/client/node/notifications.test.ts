/** UP12: notifications of the desktop, shown by a stand-in for its program. */
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import type { HandoffRow, MeshEvent } from '@baton/client/core/mesh-api'
import { canNotify, createNotifier } from '@baton/client/node/notifications/notifier'
import { notifyOfRequests, requestPhrase } from '@baton/client/node/notifications/requests'
import { windowsCommand } from '@baton/client/node/notifications/windows'
import { expect, it, vi } from 'vitest'
import { tempFolder } from '../../support/temp.ts'

const unix = it.skipIf(process.platform === 'win32')

/** A program of this name that notes what it is given; `then`: what else it does. */
function standIn(name: string, then = '') {
  const folder = tempFolder('notify')
  const bin = join(folder, 'bin')
  const out = join(folder, 'out')
  mkdirSync(bin)
  const script = `#!/bin/sh\nprintf '%s\\n' "$@" '--end--' >> "${out}"\n${then}\n`
  writeFileSync(join(bin, name), script)
  chmodSync(join(bin, name), 0o755)
  const { PATH = '' } = process.env
  const said = () =>
    existsSync(out) ? readFileSync(out, 'utf8').split('--end--\n').slice(0, -1) : []
  return { env: { PATH: `${bin}${delimiter}${PATH}` }, said }
}

const hostile = '--icon=$(id) `id` "quoted" <b>bold</b> & more'

unix.each([
  ['linux', 'notify-send'],
  ['darwin', 'osascript'],
] as const)(
  'UP12 on %s what others named is text: no option, no code, no markup',
  async (platform, program) => {
    const { env, said } = standIn(program)
    const notifier = createNotifier({ platform, env })
    notifier?.show(hostile, hostile)
    notifier?.show('second', 'body')
    await vi.waitFor(() => expect(said()).toHaveLength(2), 10_000)
    const lines = (said()[0] as string).trimEnd().split('\n')
    expect(lines.at(-2)).toBe(hostile)
    if (platform === 'linux') {
      expect(lines.at(-3)).toBe('--')
      expect(lines.at(-1)).toBe(
        hostile.replace('&', '&amp;').replace('<b>bold</b>', '&lt;b&gt;bold&lt;/b&gt;'),
      )
    } else {
      expect(lines.at(-1)).toBe(hostile)
      expect(lines.filter((line) => line === '-e')).toHaveLength(3)
    }
  },
)

unix(
  "UP12 a program that is not there, or fails, is traced by its reason alone and in nobody's way",
  async () => {
    const traced: unknown[] = []
    const trace = (event: string, fields?: object) => void traced.push([event, fields])
    const { env } = standIn('notify-send', 'exit 3')
    createNotifier({ platform: 'linux', env, trace })?.show('secret title', 'secret body')
    createNotifier({ platform: 'linux', env: { PATH: '/nonexistent' }, trace })?.show(
      'secret',
      'secret',
    )
    await vi.waitFor(() => expect(traced).toHaveLength(2), 10_000)
    expect(traced).toEqual(
      expect.arrayContaining([
        ['notify.failed', { why: 'exit 3' }],
        ['notify.failed', { why: 'ENOENT' }],
      ]),
    )
    expect(canNotify('aix')).toBe(false)
    expect(createNotifier({ platform: 'aix', env })).toBeUndefined()
  },
)

unix('UP12 one at a time: of many at once a few wait, and the end ends them', async () => {
  const { env, said } = standIn('notify-send', 'exec sleep 60')
  const notifier = createNotifier({ platform: 'linux', env })
  for (let i = 0; i < 50; i++) notifier?.show(`title ${i}`, 'body')
  await vi.waitFor(() => expect(said()).toHaveLength(1), 10_000)
  notifier?.close()
  expect(said()).toHaveLength(1)
})

unix('UP12 on win32 what others named is base64 in a script that is always the same', async () => {
  const { env, said } = standIn('powershell.exe')
  const notifier = createNotifier({ platform: 'win32', env })
  const worse = `'); calc.exe; ('\u2019\u2018" | iex $(calc) \`n <toast launch="x">&amp; ${hostile}`
  const shown = [
    ['laptop hands over a', 'baton handoffs abcd --accept'],
    [worse, `/TIME:0 ${worse}`],
    ['\ud800 \u{1f600}'.repeat(400), 'x'.repeat(40_000)],
  ] as const
  for (const [title, body] of shown) notifier?.show(title, body)
  await vi.waitFor(() => expect(said()).toHaveLength(shown.length), 10_000)
  const scripts = said().map((text) => {
    const argv = text.trimEnd().split('\n')
    expect(argv.slice(0, -1)).toEqual(['-NoProfile', '-NonInteractive', '-EncodedCommand'])
    const encoded = argv.at(-1) as string
    expect(encoded).toMatch(/^[A-Za-z0-9+/]+=*$/)
    expect(encoded.length).toBeLessThan(32_000)
    return Buffer.from(encoded, 'base64').toString('utf16le')
  })
  const data = /Text '([A-Za-z0-9+/]*={0,2})'/g
  const found = scripts.map((script) =>
    [...script.matchAll(data)].map(([, of = '']) => Buffer.from(of, 'base64').toString('utf8')),
  )
  expect(found.slice(0, 2)).toEqual([[...(shown[0] ?? [])], [...(shown[1] ?? [])]])
  expect(found[2]?.map((text) => [...text].length)).toEqual([300, 300])
  // But for these it is one script, whatever they are.
  expect(new Set(scripts.map((script) => script.replace(data, '')))).toHaveProperty('size', 1)
})

it('UP12 on win32 the program is the one of the system, not the first of that name', () => {
  const [program] = windowsCommand('a', 'b', { SystemRoot: 'C:\\Windows', PATH: 'C:\\evil' })
  expect(program).toBe('C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe')
})

const row = {
  ...{ id: 'abcdef0123456789', session: 's', from: 'them', to: 'us', askedBy: 'them', at: 1 },
  ...{ kind: 'transfer', title: 'Tide clock', state: 'pending', reason: undefined, expiresAt: 2 },
  waitsForUs: true,
} as unknown as HandoffRow

it('UP12 each request that waits here is told once, with who asks for what, and how to answer', async () => {
  let tell: (event: MeshEvent) => void = () => undefined
  const shown: string[][] = []
  const mesh = {
    watch: (run: (event: MeshEvent) => void) => {
      tell = run
      return () => undefined
    },
    devices: async () => [{ id: 'them', name: 'laptop' }],
  }
  notifyOfRequests(mesh as never, { show: (...all) => void shown.push(all) })
  const event = (of: Partial<HandoffRow>) => tell({ kind: 'handoff', handoff: { ...row, ...of } })
  event({})
  event({})
  event({ waitsForUs: false })
  event({ id: 'ffff0123', waitsForUs: false })
  await vi.waitFor(() => expect(shown).toHaveLength(1))
  expect(shown[0]).toEqual(['laptop hands over Tide clock', 'baton handoffs abcdef01 --accept'])
})

it.each([
  [{}, 'laptop hands over Tide clock'],
  [{ from: 'us', to: 'them' }, 'laptop wants to take Tide clock'],
  [{ kind: 'mirror' }, 'laptop lets this device write in Tide clock'],
  [{ kind: 'observe', from: 'us', to: 'them' }, 'laptop wants to read Tide clock'],
  [{ title: 'a\u001b[31m\u202eb' }, 'laptop hands over a b'],
  [{ title: undefined }, 'laptop hands over a session'],
] as const)('UP12 UP13 a request is a sentence, and names are plain in it: %o', (of, sentence) => {
  expect(requestPhrase({ ...row, ...of } as HandoffRow, 'laptop')).toBe(sentence)
})
