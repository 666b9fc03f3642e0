/** Links that break at any message, and peers that follow no protocol (rules XC4, XC8). */
import { toHex } from '@baton/shared/bytes'
import { encode } from '@baton/shared/encoding/msgpack'
import { syncTypes } from '@baton/shared/protocol/sync-messages'
import { equal, ok } from '../check.ts'
import { createDice } from '../dice.ts'
import type { SyncTest } from '../sync.ts'
import { begin, saidIn } from './devices.ts'

/** In hex too large for an entry: it goes as a blob. */
const largeBytes = 17_000
/** More messages than any link of these needs. */
const maxMessages = 200

export function breakingTests(test: SyncTest): void {
  test('XC4 whichever message a link breaks at, the next one ends with the same', async (d) => {
    const dice = createDice(4)
    const old = await begin(d, 1)
    const first = await d.join(0, 1)
    await d.same(old.session, 0, 1)
    await first.quiet()
    await first.lose()
    for (let at = 0; ; at++) {
      ok(at < maxMessages, 'a link comes to its end')
      // Of one the other device knows nothing yet, the other both have written.
      const fresh = await begin(d, 1)
      await fresh.say(toHex(dice.bytes(largeBytes)), { id: 'large' })
      await fresh.say('small', { id: 'small' })
      await (await d.open(0, old.session)).say(at, { id: `alice ${at}` })
      await (await d.open(1, old.session)).say(at, { id: `bob ${at}` })

      const broken = await d.join(0, 1, at)
      await broken.quiet()
      const whole = broken.passed.length < at
      await broken.lose()
      await d.restart(at % 2)

      const link = await d.join(0, 1)
      await d.same(fresh.session, 0, 1)
      await d.same(old.session, 0, 1)
      equal(await saidIn(await d.open(1, fresh.session)), ['large', 'small'])
      const kept = await saidIn(await d.open(at % 2, old.session))
      for (const who of ['alice', 'bob']) {
        ok(kept.includes(`${who} ${at}`), `what ${who} wrote before it broke at ${at} is there`)
      }
      await link.quiet()
      await link.lose()
      if (!whole) continue
      ok(at > 4, 'there are messages to break at')
      return
    }
  })

  const junk = {
    nothing: new Uint8Array(0),
    'no message': Uint8Array.of(0xc1),
    'a message of another shape': encode([syncTypes.hello]),
  }
  for (const [name, bytes] of Object.entries(junk)) {
    test(`XC8 a peer that sends ${name} ends its own link, and does no harm`, async (d) => {
      const here = await begin(d, 1)
      const raw = await d.raw(0, 1)
      let over = false
      raw.onClose(() => {
        over = true
      })
      void raw.send('live', bytes).catch(() => undefined)
      await d.until(() => over)
      await d.join(0, 1)
      await d.same(here.session, 0, 1)
    })
  }
}
