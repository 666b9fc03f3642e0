/**
 * The second half of the demo (rule DM3): a session that is held moves between three devices, one of
 * which is killed in the middle of that, and never two can write it.
 */
import { setTimeout as delay } from 'node:timers/promises'
import type { HandoffEvent } from '../../core/mesh-api.ts'
import type { SeenSession } from './actor.ts'
import type { Actor } from './stage.ts'

export interface HandingStage {
  readonly desktop: Actor
  readonly laptop: Actor
  readonly phone: Actor
  /** Starts the process of the laptop again, on the same home. */
  laptopAgain(): Promise<Actor>
  heading(text: string): void
  claim(held: boolean, what: string): void
}

const lookMs = 20
const patienceMs = 15_000

/** Looks until something is so; the last look either way. */
async function until<T>(look: () => Promise<T>, fits: (of: T) => boolean): Promise<T> {
  const end = performance.now() + patienceMs
  for (;;) {
    const found = await look()
    if (fits(found) || performance.now() > end) return found
    await delay(lookMs)
  }
}

const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'written',
    (error: Error) => error.message,
  )

async function last(events: AsyncIterable<HandoffEvent>): Promise<HandoffEvent | undefined> {
  let event: HandoffEvent | undefined
  for await (const next of events) event = next
  return event
}

export async function handAround(stage: HandingStage): Promise<void> {
  const { desktop, phone, heading, claim } = stage
  let { laptop } = stage
  await Promise.all([desktop.agree(), laptop.agree(), phone.agree()])
  const said = ['When is the next spring tide?', 'And the one after it?']
  const session = await desktop.begin('tides', said)
  const shows = (actor: Actor, texts: readonly string[]) =>
    until(
      () => actor.seen(session),
      (seen) => seen?.texts.join() === texts.join(),
    )

  heading('let the phone read along, and the laptop write along')
  const observed = await last(desktop.hand(session, phone, 'observe'))
  const reading = await shows(phone, said)
  claim(
    observed?.at === 'done' && reading?.texts.join() === said.join(),
    'the phone shows what was said',
  )
  claim(
    (await codeOf(phone.ask(session, 'mine'))) === 'not-permitted',
    'and can write nothing into it',
  )
  const mirrored = await last(desktop.hand(session, laptop, 'mirror'))
  await shows(laptop, said)
  claim(
    mirrored?.at === 'done' && (await codeOf(laptop.ask(session, 'Ask for June.'))) === 'written',
    'the laptop puts a word into its inbox',
  )
  claim(
    (await codeOf(laptop.say(session, 'no'))) === 'not-holder',
    'but its history is written by the desktop alone',
  )

  heading('hand the session over to the laptop')
  const moved = await last(desktop.hand(session, laptop, 'transfer'))
  claim(
    moved?.at === 'done' && moved.holding.holder === laptop.self,
    `the laptop holds it${moved?.at === 'done' ? `, after ${Math.round(moved.pauseMs ?? 0)} ms in which nobody could write` : ''}`,
  )
  claim((await codeOf(desktop.say(session, 'late'))) === 'not-holder', 'the desktop has let go')
  await laptop.say(session, 'And in June?')
  said.push('And in June?')
  const everywhere = await Promise.all([desktop, laptop, phone].map((each) => shows(each, said)))
  claim(
    everywhere.every((seen) => seen?.digest === everywhere[0]?.digest),
    'all three show the same, with the same digest',
  )
  const receipts = await until(
    () => Promise.all([desktop.receipts(), laptop.receipts()]),
    (both) => both.every((rows) => rows.some(({ epoch }) => epoch === 1)),
  )
  claim(
    receipts.every((rows) =>
      rows.some(({ epoch, signedBy }) => epoch === 1 && signedBy.length === 2),
    ),
    'both keep a receipt of it that both signed',
  )

  heading('kill the laptop while it hands the session back')
  for await (const { at } of laptop.hand(session, desktop, 'transfer')) {
    if (at === 'carrying') break
  }
  await laptop.kill()
  laptop = await stage.laptopAgain()
  const agreed = await until(
    () => Promise.all([desktop.seen(session), laptop.seen(session)]),
    ([a, b]) => a?.holder !== undefined && a.holder === b?.holder && a.digest === b.digest,
  )
  const [here, there] = agreed as readonly (SeenSession | undefined)[]
  claim(
    here?.holder !== undefined && here.holder === there?.holder,
    'one of the two holds it, both say so',
  )
  const words = await Promise.all(
    [desktop, laptop].map((each) => codeOf(each.say(session, 'And after that?'))),
  )
  said.push('And after that?')
  claim(
    words.filter((word) => word === 'written').length === 1 && words.includes('not-holder'),
    `and only that one, the ${here?.holder === desktop.self ? 'desktop' : 'laptop'}, can go on`,
  )
  const after = await Promise.all([desktop, laptop, phone].map((each) => shows(each, said)))
  claim(
    after.every((seen) => seen?.texts.join() === said.join()),
    'nothing that was said is lost, and nothing is there twice',
  )
}
