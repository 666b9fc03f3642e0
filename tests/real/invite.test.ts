/** CL33, CL34, IV8, IV10: the real command, three homes, real links between them. */
import { beforeAll, expect, it } from 'vitest'
import { builtChild } from '../support/built.ts'
import { type CliHome, cliHome, jsonLines, upAt } from '../support/cli.ts'

beforeAll(() => void builtChild('real/invite'))

interface Result {
  readonly invitation: { readonly id: string }
  readonly link: string
  readonly devices: readonly object[]
}

const last = (out: string) => jsonLines(out).at(-1) as unknown as Result

/** Alice holds a session; bob is paired with her, carol has never met anybody. */
async function homes() {
  const [alice, bob, carol] = [cliHome('alice'), cliHome('bob'), cliHome('carol')]
  const signal = await upAt(alice, '--port', '0', '--name', 'alice')
  await upAt(bob, '--signal', signal, '--name', 'bob')
  const shown = alice.start(['pair'])
  const code = (await shown.until(/\n/)).trim()
  expect(await bob.run(['pair', '--join', '-'], code)).toMatchObject({ code: 0 })
  await shown.ended
  const made = await alice.run(['new', 'plan'])
  const session = made.out.trim()
  expect(await alice.run(['say', session, 'a plan'])).toMatchObject({ code: 0 })
  return { alice, bob, carol, session }
}

/** What a home shows of the session, once it shows `text`. */
async function shows(home: CliHome, session: string, text: string) {
  const running = home.start(['watch', session])
  await running.until(new RegExp(text))
  running.child.kill('SIGINT')
  await running.ended
}

it('CL33 CL34 IV8 IV10 a paired device is invited, and a guest that was never paired', async () => {
  const { alice, bob, carol, session } = await homes()
  // The link alone on stdout: for bob, and for nobody else, once.
  const invited = await alice.run(['invite', session, '--to', 'bob', '--mirror'])
  expect(invited).toMatchObject({ code: 0, out: expect.stringMatching(/^baton:invite\.[\w-]+\n$/) })
  expect((await alice.run(['handoffs'])).out).toContain('invited')
  expect(await alice.run(['join', '-'], invited.out)).toMatchObject({ code: 4, out: '' })
  const joined = await bob.run(['join', '-', '--json'], invited.out)
  expect(last(joined.out)).toMatchObject({ ok: true, handoff: { kind: 'mirror', state: 'active' } })
  expect(await bob.run(['join', '-'], invited.out)).toMatchObject({
    ...{ code: 7, err: expect.stringContaining('it was used already') },
  })
  expect(await bob.run(['say', session, 'from bob'])).toMatchObject({ code: 0 })
  await shows(bob, session, 'a plan')

  // One that is called off is not used.
  const again = ['invite', session, '--to', 'bob', '--mirror', '--json']
  const off = last((await alice.run(again)).out)
  const { id } = off.invitation
  expect(await alice.run(['handoffs', id.slice(0, 8), '--cancel'])).toMatchObject({ code: 0 })
  expect(await bob.run(['join', '-'], off.link)).toMatchObject({ code: 7 })

  // Carol has no device running, no roster and no code: the link is all.
  const waiting = alice.start(['invite', session])
  const link = await waiting.until(/^baton:invite\.\S+\n/)
  const visit = await carol.run(['join', '-'], link)
  expect(visit).toMatchObject({ code: 0, out: '' })
  expect(visit.err).toContain('met       alice, for this session alone')
  expect(await waiting.ended).toMatchObject({ code: 0, out: link })
  await shows(carol, session, 'a plan')
  const hers = last((await carol.run(['devices', '--json'])).out).devices
  expect(hers).toHaveLength(2)
  expect(hers[1]).toMatchObject({ name: 'alice', trust: 0.3 })
  const bobs = last((await bob.run(['devices', '--json'])).out).devices
  expect(bobs).toHaveLength(2)
  // She only reads.
  expect(await carol.run(['say', session, 'me too'])).toMatchObject({ code: 4 })
})
