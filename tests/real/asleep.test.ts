/** LE8, LE10, HF9, HF11: a holder that sleeps while another device takes the session, and wakes up. */
import { expect, it, vi } from 'vitest'
import { type CliHome, cliHome, jsonLines, upAt } from '../support/cli.ts'

const settleMs = 40_000

async function pair(inviter: CliHome, joiner: CliHome): Promise<void> {
  const shown = inviter.start(['pair'])
  const code = (await shown.until(/\n/)).trim()
  expect(await joiner.run(['pair', '--join', '-'], `${code}\n`)).toMatchObject({ code: 0 })
  expect(await shown.ended).toMatchObject({ code: 0 })
}

/** Stops or wakes the device with its link host, as a lid does. */
async function lidOf(home: CliHome) {
  const { out } = await home.run(['status', '--json'])
  const { process: facts } = jsonLines(out)[0] as unknown as { process: { pid: number } }
  return (signal: 'SIGSTOP' | 'SIGCONT') => process.kill(-facts.pid, signal)
}

it.skipIf(process.platform === 'win32')(
  'LE8 LE10 HF11 one that wakes up after the session was taken adds nothing to it, and is told so',
  async () => {
    const [alice, bob] = [cliHome('alice'), cliHome('bob')]
    const signal = await upAt(alice, '--port', '0', '--name', 'alice')
    await upAt(bob, '--signal', signal, '--name', 'bob')
    await pair(alice, bob)
    await bob.run(['handoffs', '--policy', 'always'])
    const session = (await alice.run(['new', 'tides'])).out.trim()
    await alice.run(['say', session, 'one'])
    expect(await alice.run(['handoff', session, '--to', 'bob', '--mirror'])).toMatchObject({
      code: 0,
    })
    const shown = async (home: CliHome) => (await home.run(['show', session])).out
    await vi.waitFor(async () => expect(await shown(bob)).toContain('one'), settleMs)

    const lid = await lidOf(alice)
    lid('SIGSTOP')
    try {
      const taken = await bob.run(['take', session, '--force'])
      expect(taken).toMatchObject({ code: 0, err: expect.stringContaining('possible split') })
      const said = ['say', session, '--role', 'assistant', 'from bob']
      expect(await bob.run(said)).toMatchObject({ code: 0 })
    } finally {
      lid('SIGCONT')
    }
    // Whether it has heard of it by now or not: it is refused, or stands beside the history.
    const late = await alice.run(['say', session, '--role', 'assistant', 'late'])
    await vi.waitFor(async () => expect(await shown(alice)).toContain('from bob'), settleMs)
    if (late.code === 0) {
      const beside = async (home: CliHome) => (await home.run(['branches', session])).out
      for (const home of [alice, bob]) {
        await vi.waitFor(async () => expect(await beside(home)).toContain('alice'), settleMs)
      }
    } else expect(late.err).toContain('another device holds the session')
    await vi.waitFor(async () => expect(await shown(bob)).toBe(await shown(alice)), settleMs)
    expect(await shown(alice)).not.toContain('late')
    const again = await alice.run(['say', session, '--role', 'assistant', 'again'])
    expect(again).toMatchObject({ err: expect.stringContaining('another device holds') })
    expect(again.code).not.toBe(0)
  },
)
