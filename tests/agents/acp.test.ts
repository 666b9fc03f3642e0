/** AC15, AC16: real ACP agents from npm, driven through the command, against a stand-in for the model. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, onTestFinished, vi } from 'vitest'
import { type CliHome, cliHome, jsonLines, upAt } from '../support/cli.ts'
import { openFakeOpenAi } from './fake-openai.ts'
import { openCode, openCodeHome } from './opencode.ts'

async function pair(inviter: CliHome, joiner: CliHome): Promise<void> {
  const shown = inviter.start(['pair'])
  const code = (await shown.until(/\n/)).trim()
  expect(await joiner.run(['pair', '--join', '-'], `${code}\n`)).toMatchObject({ code: 0 })
  expect(await shown.ended).toMatchObject({ code: 0 })
  await vi.waitFor(async () => {
    expect((await inviter.run(['devices'])).out).toMatch(/bob +connected/)
  }, 20_000)
}

it('AC15 opencode is driven, its answer and its tool call are on a second device, and it goes on', async () => {
  const program = await openCode()
  const fake = await openFakeOpenAi()
  onTestFinished(() => fake.close())
  const alice = openCodeHome('alice', fake)
  const bob = cliHome('bob')
  const signal = await upAt(alice, '--port', '0', '--name', 'alice')
  await upAt(bob, '--signal', signal, '--name', 'bob')
  await pair(alice, bob)

  const at = join(alice.folder, 'project')
  const prompt = ['--prompt', 'remember heron, and USETOOL']
  const first = await alice.run(['run', '--json', ...prompt, program, 'acp'], '', {}, at)
  const result = jsonLines(first.out).at(-1) as { readonly session?: string } & object
  expect(result).toMatchObject({ type: 'result', ok: true })
  const session = result.session ?? ''

  const sent = await alice.run(['send', session, '--to', 'bob', '--carry-only'])
  expect(sent).toMatchObject({ code: 0 })
  const there = async () => (await bob.run(['show', session])).out
  const here = (await alice.run(['show', session])).out
  expect(here).toMatch(
    /^you {5}remember heron, and USETOOL\nagent {3}Let me look\.\ntool {4}pwd [\s\S]*? \(ok\)\nresult .*\/project\nagent {3}This is answer \d+ to \d+ messages\.\n$/,
  )
  expect(await there()).toBe(here)

  const watching = bob.start(['watch', session])
  await watching.until(/answer/)
  const again = await alice.run(
    ['run', '--session', session, '--prompt', 'which word?', program, 'acp'],
    '',
    {},
    at,
  )
  expect(again).toMatchObject({ code: 0 })
  expect(again.err).not.toContain('goes along as text')
  const told = JSON.stringify(fake.asked.at(-1)?.messages)
  for (const part of ['heron', 'Let me look', 'which word?']) expect(told).toContain(part)
  const seen = await watching.until(/which word\?\nagent {3}This is answer .*\n/)
  expect(seen.match(/This is answer/g)).toHaveLength(2)
  watching.child.kill('SIGINT')
  await watching.ended
})

it('AC16 a conversation changes hands: the agent there knows what was said, and the first one what came since', async () => {
  const program = await openCode()
  const fake = await openFakeOpenAi()
  onTestFinished(() => fake.close())
  const [alice, bob] = [openCodeHome('alice', fake), openCodeHome('bob', fake)]
  const signal = await upAt(alice, '--port', '0', '--name', 'alice')
  await upAt(bob, '--signal', signal, '--name', 'bob')
  await pair(alice, bob)
  const project = (home: CliHome) => {
    const at = join(home.folder, 'project')
    mkdirSync(at, { recursive: true })
    return at
  }
  const says = (home: CliHome, session: string, prompt: string) =>
    home.run(
      [
        'run',
        '--json',
        ...(session ? ['--session', session] : []),
        '--prompt',
        prompt,
        program,
        'acp',
      ],
      ...(['', {}, project(home)] as const),
    )
  const first = await says(alice, '', 'remember heron')
  const { session = '' } = jsonLines(first.out).at(-1) as { readonly session?: string } & object
  for (const home of [alice, bob]) {
    expect(await home.run(['handoffs', '--policy', 'always'])).toMatchObject({ code: 0 })
  }

  expect(await alice.run(['handoff', session, '--to', 'bob'])).toMatchObject({ code: 0 })
  // The first device is not the holder any more: its agent is not even asked.
  const asked = fake.asked.length
  expect((await says(alice, session, 'and here?')).code).not.toBe(0)
  expect(fake.asked).toHaveLength(asked)
  expect(await says(bob, session, 'which word? also remember otter')).toMatchObject({ code: 0 })
  const there = JSON.stringify(fake.asked.at(-1)?.messages)
  for (const part of ['heron', 'This is answer', 'which word?']) expect(there).toContain(part)

  expect(await alice.run(['take', session])).toMatchObject({ code: 0 })
  expect(await says(alice, session, 'which two?')).toMatchObject({ code: 0 })
  const back = JSON.stringify(fake.asked.at(-1)?.messages)
  for (const part of ['heron', 'otter', 'which two?']) expect(back).toContain(part)

  const here = (await alice.run(['show', session])).out
  expect(here.match(/^you /gm)).toHaveLength(3)
  expect(here.match(/^agent /gm)).toHaveLength(3)
  await vi.waitFor(async () => expect((await bob.run(['show', session])).out).toBe(here), 20_000)
})
