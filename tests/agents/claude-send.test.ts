/** PL14 from end to end: two devices, `baton send`, and the real Claude Code at both ends. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { encodeProjectDir } from '@baton/client/node/sources/claude-code/layout'
import { expect, it, onTestFinished, vi } from 'vitest'
import { type CliHome, cliHome, upAt } from '../support/cli.ts'
import { tempFolder } from '../support/temp.ts'
import { createMachine, installClaude, type Machine, versions } from './claude.ts'
import { openFakeAnthropic } from './fake-anthropic.ts'

interface Device extends Machine {
  readonly home: CliHome
}

async function pair(inviter: CliHome, joiner: CliHome): Promise<void> {
  const shown = inviter.start(['pair'])
  const code = (await shown.until(/\n/)).trim()
  expect(await joiner.run(['pair', '--join', '-'], `${code}\n`)).toMatchObject({ code: 0 })
  expect(await shown.ended).toMatchObject({ code: 0 })
  await vi.waitFor(async () => {
    expect((await inviter.run(['devices'])).out).toMatch(/bob +connected/)
  }, 20_000)
}

it.each(versions)('PL14 what baton sent is gone on with by Claude Code %s', async (version) => {
  const program = await installClaude(version)
  const fake = await openFakeAnthropic()
  onTestFinished(() => fake.close())
  const lastSent = () => JSON.stringify(fake.asked.at(-1)?.body.messages ?? [])

  function device(name: string): Device {
    const machine = createMachine(program, fake, tempFolder(name))
    return { ...machine, home: cliHome(name, { CLAUDE_CONFIG_DIR: machine.config }) }
  }
  const [alice, bob] = [device('alice'), device('bob')]
  const signal = await upAt(alice.home, '--port', '0', '--name', 'alice')
  await upAt(bob.home, '--signal', signal, '--name', 'bob')
  await pair(alice.home, bob.home)

  const { id } = await alice.ask('remember the word heron USETOOL', '--allowedTools', 'Bash')
  const file = join(alice.config, 'projects', encodeProjectDir(alice.project), `${id}.jsonl`)
  const before = readFileSync(file)
  const there = await alice.home.run(['send', id, '--to', 'bob', '--project', bob.project])
  expect(there).toMatchObject({ code: 0, out: expect.stringContaining(`claude --resume ${id}\n`) })

  await bob.ask('and the word plover', '--resume', id)
  for (const part of ['heron', 'tool_result', 'plover']) expect(lastSent()).toContain(part)

  expect(await bob.home.run(['send', id, '--to', 'alice'])).toMatchObject({ code: 0 })
  const after = readFileSync(file)
  expect(after.subarray(0, before.length).equals(before)).toBe(true)
  expect(after.length).toBeGreaterThan(before.length)
  await alice.ask('which words?', '--resume', id)
  for (const part of ['heron', 'plover', 'which words?']) expect(lastSent()).toContain(part)
})
