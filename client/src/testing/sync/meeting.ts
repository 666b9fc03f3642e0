/** Devices that wrote apart and meet, directly or through another (rules SY3, XC5, DC5). */
import { equal, ok } from '../check.ts'
import type { SyncTest } from '../sync.ts'
import { begin, saidIn } from './devices.ts'

const field = ['config', 'model']

export function meetingTests(test: SyncTest): void {
  test('SY3 what two devices wrote apart is on both once they meet, and shown alike', async (d) => {
    const here = await begin(d, 1)
    const { session } = here
    await here.set(['conflict', 'strategy'], 'user_choice')
    const first = await d.join(0, 1)
    await d.same(session, 0, 1)
    await first.lose()
    const there = await d.open(1, session)
    for (const [document, who] of [
      [here, 'alice'],
      [there, 'bob'],
    ] as const) {
      await document.set(field, who)
      await document.set(['notes', who], who)
      for (let i = 0; i < 10; i++) await document.say(`${who} ${i}`, { id: `${who} ${i}` })
    }
    await d.join(0, 1)
    await d.same(session, 0, 1)
    equal(await here.entries(['notes']), await there.entries(['notes']))
    equal((await here.entries(['notes'])).length, 2, 'how many notes there are')
    equal(await saidIn(here), await saidIn(there))
    const open = await here.conflicts()
    equal(await there.conflicts(), open)
    ok(
      open.some(({ kind, sides }) => kind === 'field' && sides.length === 2),
      'both are listed',
    )
    const side = open.findIndex(({ kind }) => kind === 'field')
    await there.resolve(open[side]?.id ?? '', { by: 'side', side: 0 })
    await d.same(session, 0, 1)
    equal(await here.get(field), open[side]?.sides[0]?.value)
  })

  test('SY3 three devices in a ring write at once and end with the same', async (d) => {
    const { session } = await begin(d, 1, 2)
    const ring = [
      [0, 1],
      [1, 2],
      [2, 0],
    ] as const
    for (const [one, other] of ring) await d.join(one, other)
    await d.same(session, 0, 1, 2)
    const write = async (index: number) => {
      const document = await d.open(index, session)
      for (let i = 0; i < 20; i++) {
        await document.set(['config', `${i % 4}`], `${index} ${i}`)
        await document.change([
          {
            kind: 'row',
            collection: 'tabs',
            key: `${index} ${i}`,
            held: { at: 'value', value: i },
          },
        ])
        await document.say(i, { id: `${index} ${i}` })
      }
    }
    await Promise.all([write(0), write(1), write(2)])
    await d.same(session, 0, 1, 2)
    const documents = await Promise.all([0, 1, 2].map((index) => d.open(index, session)))
    const [conflicts, ...others] = await Promise.all(documents.map((each) => each.conflicts()))
    for (const each of others) equal(each, conflicts)
  })

  test('XC5 a device in the middle carries what two write that never meet', async (d) => {
    const here = await begin(d, 1, 2)
    const { session } = here
    await here.say('from the first', { id: 'first' })
    const left = await d.join(0, 1)
    await d.same(session, 0, 1)
    await left.lose()
    await d.join(1, 2)
    await d.same(session, 0, 1, 2)
    const there = await d.open(2, session)
    await there.say('from the third', { id: 'third' })
    await d.same(session, 1, 2)
    await d.join(0, 1)
    await d.same(session, 0, 1, 2)
    equal(await saidIn(here), ['first', 'third'])
    await here.set(field, 'through all')
    await d.until(async () => (await there.get(field)) === 'through all')
  })

  test('DC5 whoever watches hears of what is written elsewhere', async (d) => {
    const here = await begin(d, 1)
    await d.join(0, 1)
    await d.same(here.session, 0, 1)
    const there = await d.open(1, here.session)
    let heard = 0
    const stop = there.watch(() => {
      heard += 1
    })
    await here.set(field, 'one')
    await d.until(() => heard > 0)
    await d.same(here.session, 0, 1)
    stop()
    const before = heard
    await here.set(field, 'two')
    await d.same(here.session, 0, 1)
    equal(heard, before, 'how often it heard after it stopped')
  })
}
