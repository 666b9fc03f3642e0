/** What goes over a link, and what does not (rules SY4, SY8, XC1). */
import { toHex } from '@baton/shared/bytes'
import { equal, ok, rejects } from '../check.ts'
import { createDice } from '../dice.ts'
import type { SyncTest } from '../sync.ts'
import { begin, type Passed } from './devices.ts'

const bytesOf = (passed: readonly Passed[]): number =>
  passed.reduce((sum, { bytes }) => sum + bytes, 0)

/** What one message of 100 bytes may cost after a reconnect, both directions together. */
const oneMessageBytes = 300

export function trafficTests(test: SyncTest): void {
  test('XC1 the first time goes in bulk, later news as it is', async (d) => {
    const here = await begin(d, 1)
    const dice = createDice(1)
    for (let i = 0; i < 40; i++) await here.say(toHex(dice.bytes(500)))
    const first = await d.join(0, 1)
    await d.same(here.session, 0, 1)
    await first.quiet()
    const bulk = first.passed.filter(({ lane }) => lane === 'bulk')
    ok(bytesOf(bulk) > bytesOf(first.passed) / 2, 'most of the first time goes in bulk')
    await first.lose()
    await here.say('x'.repeat(100), { id: 'news' })
    const second = await d.join(0, 1)
    await d.same(here.session, 0, 1)
    await second.quiet()
    equal(second.passed.filter(({ lane }) => lane === 'bulk').length, 0, 'messages in bulk')
    const cost = bytesOf(second.passed)
    ok(cost <= oneMessageBytes, `one message costs at most ${oneMessageBytes} bytes, not ${cost}`)
  })

  test('SY4 devices that hold the same say one word each, and nothing more', async (d) => {
    const here = await begin(d, 1)
    await here.say('something')
    const first = await d.join(0, 1)
    await d.same(here.session, 0, 1)
    await first.quiet()
    await first.lose()
    const silent = async () => {
      const link = await d.join(0, 1)
      await link.quiet()
      await link.lose()
      return link.passed.map(({ from }) => from).sort()
    }
    equal(await silent(), [0, 1], 'who said how much')
    if (!(await d.restart(1))) return
    // What it believed of the other may have gone with its process, and is learned once.
    await silent()
    equal(await silent(), [0, 1], 'who said how much after a restart')
  })

  test('SY8 of a session that is not shared nothing is told, until it is', async (d) => {
    const here = await begin(d, 1)
    await here.say('not for everyone')
    const link = await d.join(0, 2)
    await link.quiet()
    await here.say('nor is this')
    await link.quiet()
    equal(link.passed.length, 2, 'how many messages passed')
    await rejects(d.open(2, here.session), 'not-found')
    await here.share(d.peer(2).self)
    await d.same(here.session, 0, 2)
  })
}
