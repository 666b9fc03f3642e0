/** HW, CL27, CL28: a session in the files of an agent changes hands between two real processes. */
import { spawn } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { beforeAll, expect, it, vi } from 'vitest'
import { builtChild } from '../support/built.ts'
import { type CliHome, cliHome, jsonLines, upAt } from '../support/cli.ts'
import { agentAppends } from '../support/corpus/append.ts'
import { writeCorpus } from '../support/corpus/corpus.ts'
import { tempFolder } from '../support/temp.ts'

beforeAll(() => void builtChild('real/watched'))

interface Row {
  readonly id?: string
  readonly holder?: string
  readonly branches: readonly { readonly records: number }[]
}

/** Two devices of one person, with one session of the first one's agent. */
async function twoDevices() {
  const corpus = writeCorpus(tempFolder('watched-corpus'), { seed: 3, sessions: 1, plain: true })
  const alice = cliHome('alice', { CLAUDE_CONFIG_DIR: corpus.config })
  const bob = cliHome('bob')
  const signal = await upAt(alice, '--port', '0', '--name', 'alice')
  await upAt(bob, '--signal', signal, '--name', 'bob')
  const shown = alice.start(['pair'])
  const code = (await shown.until(/\n/)).trim()
  expect(await bob.run(['pair', '--join', '-'], `${code}\n`)).toMatchObject({ code: 0 })
  await shown.ended
  for (const home of [alice, bob]) await home.run(['handoffs', '--policy', 'always'])
  const found = corpus.sessions[0] as (typeof corpus.sessions)[number]
  return { alice, bob, found, config: corpus.config, project: join(bob.folder, 'project') }
}

/** A process that its registry says has the session open, as an agent's does. */
function agentOpens(config: string, sessionId: string) {
  const agent = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' })
  mkdirSync(join(config, 'sessions'), { recursive: true })
  const entry = join(config, 'sessions', `${agent.pid}.json`)
  writeFileSync(entry, JSON.stringify({ pid: agent.pid, sessionId }))
  return async () => {
    const gone = new Promise((resolve) => agent.once('exit', resolve))
    agent.kill('SIGKILL')
    await gone
    rmSync(entry)
  }
}

/** Says how it was run, where the real one would go on. */
function fakeClaude(home: CliHome): Record<string, string> {
  const bin = join(home.folder, 'bin')
  mkdirSync(bin)
  const file = join(bin, 'claude')
  const { PATH = '' } = process.env
  writeFileSync(file, '#!/bin/sh\necho "resumed $2 in $(pwd)"\nexit 7\n')
  chmodSync(file, 0o755)
  return { PATH: `${bin}${delimiter}${PATH}` }
}

async function rowOf(home: CliHome): Promise<Row> {
  const { out } = await home.run(['sessions', '--json'])
  return (jsonLines(out)[0] as unknown as { sessions: Row[] }).sessions[0] as Row
}

it('HW1 HW2 HW3 HW4 CL27 CL28 it waits for its agent, goes over, is gone on with there, and comes back', async () => {
  const { alice, bob, found, config, project } = await twoDevices()
  const close = agentOpens(config, found.id)
  const going = alice.start(['handoff', found.id, '--to', 'bob', '--project', project])
  await going.until(/open on this device: it goes over once you close it there/, 'err')
  agentAppends(found.path, 2, 1)
  await close()
  const went = await going.ended
  expect(went).toMatchObject({ code: 0, err: expect.stringMatching(/held +by bob, epoch 1/) })
  // Alone on its line: `$(baton handoff ...)` there is all it takes.
  expect(went.out).toMatch(/^cd '.*' && CLAUDE_CONFIG_DIR='.*' claude --resume [0-9a-f-]{36}\n$/)
  expect(went.out).toContain(found.id)
  const told = await bob.run(['sessions'], '', { COLUMNS: '160' })
  expect(told.out).toMatch(/watched +held by this device/)
  const { id = '' } = await rowOf(bob)
  const copy = /(\/.*\.jsonl)/.exec(went.err)?.[1] as string
  agentAppends(copy, 3, 2)
  // One that writes on without holding it.
  agentAppends(found.path, 1, 3)
  await vi.waitFor(
    async () => {
      const row = await rowOf(bob)
      expect(row.branches.map(({ records }) => records)).toEqual([1])
    },
    { timeout: 15_000, interval: 300 },
  )
  const text = readFileSync(found.path, 'utf8')
  const back = await alice.run(['take', id, '--resume'], '', fakeClaude(alice))
  expect(back.err).toMatch(/held +by this device, epoch 2/)
  expect(back).toMatchObject({ code: 7, out: expect.stringMatching(/^resumed [0-9a-f-]{36} in /) })
  // Her own file has a record that is no history: it is left alone, and the history stands beside it.
  expect(readFileSync(found.path, 'utf8')).toBe(text)
  expect(back.out).not.toContain(found.id)
  expect((await rowOf(alice)).holder).toBe((await rowOf(bob)).holder)
})

it('CL27 HF4 Ctrl-C while its agent is open calls it off, and says so', async () => {
  const { alice, bob, found, config, project } = await twoDevices()
  const close = agentOpens(config, found.id)
  const going = alice.start(['handoff', found.id, '--to', 'bob', '--project', project])
  await going.until(/open on this device/, 'err')
  going.child.kill('SIGINT')
  expect(await going.ended).toMatchObject({
    ...{
      code: 130,
      out: '',
      err: expect.stringMatching(/called off: the session stays where it was/),
    },
  })
  await close()
  const list = await bob.run(['handoffs', '--json'])
  expect(jsonLines(list.out)[0]).toMatchObject({ handoffs: [{ state: 'cancelled' }] })
  expect((await rowOf(alice)).holder).toBeUndefined()
})
