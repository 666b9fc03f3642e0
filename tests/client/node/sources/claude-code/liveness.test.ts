import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { liveSessions, parseStartTime } from '@baton/client/node/sources/claude-code/liveness'
import { expect, it, onTestFinished } from 'vitest'
import { findAll, openCorpus, temporaryFolder } from '../../../../support/claude.ts'
import { writeRegistry } from '../../../../support/corpus/corpus.ts'
import { put } from '../../../../support/corpus/tree.ts'

const id = '11111111-1111-4111-8111-111111111111'

it('SO9 a session is live while the process of its entry runs', async () => {
  const dir = temporaryFolder()
  const child = spawn(process.execPath, ['-e', 'setInterval(() => 0, 1000)'])
  onTestFinished(() => void child.kill('SIGKILL'))
  writeRegistry(dir, child.pid as number, id, '/w')
  expect([...(await liveSessions(dir))]).toEqual([id])
  child.kill('SIGKILL')
  await once(child, 'exit')
  expect([...(await liveSessions(dir))]).toEqual([])
})

it('SO9 an entry of a process that started at another time is dead', async () => {
  const dir = temporaryFolder()
  const entry = (procStart: unknown) =>
    put(
      join(dir, 'sessions/1.json'),
      JSON.stringify({ pid: process.pid, sessionId: id, procStart }),
    )
  const started = parseStartTime(readFileSync('/proc/self/stat', 'latin1'))
  entry(started)
  expect((await liveSessions(dir)).has(id)).toBe(true)
  entry(Number(started))
  expect((await liveSessions(dir)).has(id)).toBe(true)
  entry('1')
  expect((await liveSessions(dir)).has(id)).toBe(false)
})

it('SO9 the start time is counted behind a name with blanks and brackets', () => {
  const rest = Array.from({ length: 30 }, (_, n) => n + 3).join(' ')
  expect(parseStartTime(`7 (a) b (c d) ${rest}`)).toBe('22')
})

it('SO9 half-written, foreign and hostile entries tell nothing', async () => {
  const dir = temporaryFolder()
  const bad = ['', '{', 'null', '[]', '{"pid":-1}', `{"pid":"1","sessionId":"${id}"}`, '7']
  for (const [n, text] of bad.entries()) put(join(dir, `sessions/${n}.json`), text)
  put(join(dir, 'sessions/x.json'), JSON.stringify({ pid: process.pid, sessionId: '../../x' }))
  put(join(dir, 'sessions/y.json'), `{"pid":${process.pid},"pad":"${'x'.repeat(70_000)}"}`)
  expect([...(await liveSessions(dir))]).toEqual([])
})

it('SO9 finding tells which sessions are live', async () => {
  const { corpus, source } = openCorpus({ seed: 31, sessions: 5, livePid: process.pid })
  const live = (await findAll(source)).filter((session) => session.live)
  // Both entries have one pid and so one file: the later one stands.
  expect(live.map(({ agentSession }) => agentSession)).toEqual([corpus.sessions[4]?.id])
  expect(await source.live(corpus.sessions[4]?.id as string)).toBe(true)
  expect(await source.live(corpus.sessions[1]?.id as string)).toBe(false)
})
