/** AC11, AC12, AC14, NS, WA: agents that are driven through the real command, by a scripted agent. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, expect, it, vi } from 'vitest'
import { builtChild } from '../support/built.ts'
import { type CliHome, cliHome, jsonLines, upAt } from '../support/cli.ts'

const program = fileURLToPath(new URL('../support/acp-agent.mjs', import.meta.url))

beforeAll(() => void builtChild('real/driven'))

/** The line of an agent that does what the script says, and what it was told. */
function agent(home: CliHome, script: object, name = 'script') {
  const file = join(home.folder, `${name}.json`)
  writeFileSync(file, JSON.stringify(script))
  const heard = () =>
    existsSync(`${file}.heard`)
      ? readFileSync(`${file}.heard`, 'utf8')
          .trimEnd()
          .split('\n')
          .map((line) => JSON.parse(line) as { method?: string; params?: { prompt?: object } })
      : []
  const prompts = () => heard().flatMap(({ params }) => (params?.prompt ? [params.prompt] : []))
  return { line: ['node', program, file], heard, prompts }
}

async function home(name: string): Promise<CliHome> {
  const made = cliHome(name)
  await upAt(made, '--port', '0')
  return made
}

const sessionIn = (err: string) => /^session (\S+):/m.exec(err)?.[1] ?? ''
const call = { toolCallId: 'c1', title: 'bash', rawInput: { command: 'ls' } }
const output = [{ type: 'content', content: { type: 'text', text: 'a file' } }]

it('NS1 NS2 WA6 a session is begun, extended, watched and read through the command', async () => {
  const one = cliHome('new')
  const made = await one.run(['new', 'a plan'])
  expect(made).toMatchObject({ code: 0, out: expect.stringMatching(/^[\w-]{22}\n$/) })
  expect(made.err).toContain('started in the background')
  const id = made.out.trim()
  const watching = one.start(['watch', id.slice(0, 6)])
  await watching.until(/as it goes/, 'err')
  expect(await one.run(['say', id, 'hello', 'there'])).toMatchObject({ code: 0, out: '' })
  expect(await one.run(['say', id, '--role', 'assistant'], 'from a\npipe\n')).toMatchObject({
    code: 0,
  })
  expect(await watching.until(/pipe\n/)).toBe('you     hello there\nagent   from a\n        pipe\n')
  watching.child.kill('SIGINT')
  expect(await watching.ended).toMatchObject({ code: 0 })
  expect((await one.run(['show', id])).out).toBe(
    'you     hello there\nagent   from a\n        pipe\n',
  )
  expect((await one.run(['sessions'])).out).toMatch(/a plan .* driven\n/)
  const again = one.start(['watch', id, '--json'])
  await again.until(/"at":"now"/)
  await one.run(['down'])
  const left = await again.ended
  expect(left.code).toBe(5)
  expect(jsonLines(left.out).at(-1)).toMatchObject({ ok: false, exit: 5 })
  expect(await one.run(['say', id, ' '], '')).toMatchObject({ code: 2 })
})

it('AC7 AC12 lines of a pipe are turns, and what nobody can answer is declined', async () => {
  const one = await home('pipe')
  const { line, heard, prompts } = agent(one, {
    turns: [
      [
        { thought: 'hm' },
        { text: 'Let me look.' },
        { call: { ...call, status: 'pending' } },
        { ask: { toolCallId: 'c1' } },
        { change: { toolCallId: 'c1', status: 'failed', content: output } },
        { stream: { tokens: 200, ms: 1 } },
      ],
      [{ text: 'and \ud83d' }, { text: '\ude00 again' }],
    ],
  })
  const ran = await one.run(['run', '--title', 'work', ...line], 'look around\n\nagain\n')
  expect(ran).toMatchObject({ code: 0 })
  expect(ran.err).toContain('declined, since nobody is here to be asked: bash')
  expect(heard().filter((each) => 'result' in each)).toHaveLength(1)
  expect(prompts()).toMatchObject([[{ text: 'look around' }], [{ text: 'again' }]])
  const { out } = await one.run(['show', sessionIn(ran.err), '--json'])
  const records = jsonLines(out).flatMap((each) =>
    'record' in each ? [each.record as { kind: string; text: string; state?: string }] : [],
  )
  expect(records.map(({ kind, text, state }) => [kind, text.slice(0, 20), state])).toEqual([
    ['user', 'look around', undefined],
    ['other', 'hm', undefined],
    ['assistant', 'Let me look.', undefined],
    ['tool', 'bash {"command":"ls"', 'error'],
    ['result', 'a file', undefined],
    ['assistant', '[no]token 0 token 1 ', undefined],
    ['user', 'again', undefined],
    ['assistant', 'and 😀 again', undefined],
  ])
  expect(records[5]?.text.match(/token/g)).toHaveLength(200)
  expect((await one.run(['sessions'])).out).toContain('work')
})

it('AC12 Ctrl-C cancels a turn, the inbox is served, and a termination ends the run', async () => {
  const one = await home('cancel')
  const { line, prompts } = agent(one, {
    turns: [
      [{ stream: { tokens: 100_000, ms: 5 } }],
      [{ text: 'from the inbox' }],
      [{ call: { ...call, status: 'in_progress' } }, { hang: false }],
    ],
  })
  const running = one.start(['run', '--stay', '--json', '--prompt', 'go', ...line])
  await running.until(/token 20 /)
  const id = /"session":"([\w-]+)"/.exec(await running.until(/"at":"session"/))?.[1] ?? ''
  running.child.kill('SIGINT')
  await running.until(/the turn was cancelled/)
  const said = await one.run(['say', id, 'still there?'])
  expect(said.err).toContain('waits in the inbox')
  await running.until(/from the inbox/)
  await one.run(['say', id, 'more'])
  await running.until(/"status":"running"/)
  running.child.kill('SIGTERM')
  await running.ended
  expect(prompts()).toMatchObject([
    [{ text: 'go' }],
    [{ text: 'still there?' }],
    [{ text: 'more' }],
  ])
  await vi.waitFor(async () => {
    const { out } = await one.run(['show', id])
    expect(out).toMatch(
      /^you {5}go\nagent {3}token 0 [\s\S]*\(interrupted\)\nyou {5}still there\?\nagent {3}from the inbox\nyou {5}more\ntool {4}.*\(unknown\)\n$/,
    )
  }, 10_000)
})

it.each([
  [
    'dies',
    [{ stderr: 'out of \u001b[31mmemory\n' }, { exit: 3 }],
    /the agent ended \(code 3\): out of memory/,
  ],
  ['says garbage', [{ raw: 'no json\n'.repeat(60) }], /says too much that is no ACP/],
  ['says a line without end', [{ long: 5 * 1024 * 1024 }, { hang: true }], /a line of over 4 MiB/],
])('AC11 an agent that %s comes to one end, and the session stays', async (_, steps, why) => {
  const one = await home('ends')
  const { line } = agent(one, {
    turns: [[{ call: { ...call, status: 'in_progress' } }, { text: 'half an ans' }, ...steps]],
  })
  const ran = await one.run(['run', '--prompt', 'go', ...line])
  expect(ran.code).toBe(1)
  expect(ran.err).toMatch(why)
  const id = sessionIn(ran.err)
  expect(ran.err).toContain(`go on with: baton run --session ${id.slice(0, 8)} node`)
  const { out } = await one.run(['show', id])
  expect(out).toBe(
    'you     go\ntool    bash {"command":"ls"} (unknown)\nagent   half an ans (interrupted)\n',
  )
})

it('AC11 what is no agent is told, and leaves nothing running', async () => {
  const one = await home('none')
  const missing = await one.run(['run', '--prompt', 'x', 'no-such-agent-anywhere'])
  expect(missing).toMatchObject({ code: 2 })
  expect(missing.err).toMatch(
    /error: failed to run no-such-agent-anywhere: there is no such program\nhint: /,
  )
  const { line } = agent(one, { initialize: [{ exit: 0 }], turns: [] })
  const silent = await one.run(['run', '--prompt', 'x', ...line])
  expect(silent).toMatchObject({
    code: 1,
    err: expect.stringContaining('the agent ended (code 0)'),
  })
  expect(await one.run(['run'])).toMatchObject({ code: 2 })
})

it('AC14 AC10 a run that is killed leaves the session whole, and another goes on with it', async () => {
  const one = await home('killed')
  const script = {
    loads: true,
    replay: [{ user: 'go' }, { text: 'told before' }],
    late: [{ text: 'told late' }],
    turns: [
      [{ text: 'first' }],
      [{ call: { ...call, status: 'in_progress' } }, { stream: { tokens: 100_000, ms: 5 } }],
    ],
  }
  const { line } = agent(one, script)
  const running = one.start(['run', '--stay', '--prompt', 'one', ...line])
  const id = sessionIn(await running.until(/^session .*along$/m, 'err'))
  await running.until(/agent {3}first/)
  await one.run(['say', id, 'two'])
  await running.until(/token 30/)
  running.child.kill('SIGKILL')
  await running.ended
  await vi.waitFor(async () => {
    const { out } = await one.run(['show', id])
    expect(out).toMatch(/\(unknown\)\nagent {3}token 0 [\s\S]*\(interrupted\)\n$/)
  }, 10_000)
  await one.run(['say', id, 'said meanwhile'])

  const next = agent(one, { ...script, turns: [[{ text: 'on again' }]] }, 'next')
  const again = await one.run([
    'run',
    '--session',
    id.slice(0, 6),
    '--prompt',
    'three',
    ...next.line,
  ])
  expect(again).toMatchObject({ code: 0 })
  expect(again.err).toContain('the last message has no answer')
  expect(next.heard().map(({ method }) => method)).toEqual([
    ...['initialize', 'session/load', 'session/prompt'],
  ])
  const [prompt] = next.prompts() as { text: string }[][]
  expect(prompt?.[0]?.text).toMatch(/user: two\n\nassistant: token 0 [\s\S]*user: said meanwhile/)
  expect(prompt?.[0]?.text).not.toContain('user: one')
  expect(prompt?.[1]?.text).toBe('three')
  const { out } = await one.run(['show', id])
  expect(out.match(/^you/gm)).toHaveLength(4)
  expect(out).not.toMatch(/told (before|late)/)
  expect(out).toMatch(/you {5}three\nagent {3}on again\n$/)

  const other = agent(one, { turns: [[{ text: 'hello' }]] }, 'other')
  const fresh = await one.run(['run', '--session', id, '--prompt', 'four', ...other.line])
  expect(fresh.err).toContain('does not know this session: what was said goes along as text')
  expect(JSON.stringify(other.prompts()[0])).toContain('user: one')
})

it('AC13 AC14 a device that goes down ends the run, and what was said is there after', async () => {
  const one = await home('down')
  const { line } = agent(one, { turns: [[{ stream: { tokens: 100_000, ms: 5 } }]] })
  const running = one.start(['run', '--prompt', 'go', ...line])
  const id = sessionIn(await running.until(/^session .*along$/m, 'err'))
  await running.until(/token 30/)
  await one.run(['down'])
  const ran = await running.ended
  expect(ran.code).toBe(5)
  expect(ran.err).toMatch(/error: /)
  await upAt(one, '--port', '0')
  const { out } = await one.run(['show', id])
  expect(out).toMatch(/^you {5}go\nagent {3}token 0 [\s\S]*\(interrupted\)\n$/)
})
