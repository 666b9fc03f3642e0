import { createLiveness, type LifeAction } from '@baton/client/core/link/liveness'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createLinkPair, type LinkPair, pattern } from '../../../support/link-pair.ts'

/** Sends a little now and then, so that the link counts as busy. */
function chat(pair: LinkPair, ms: number): void {
  for (let at = 0; at < ms; at += 500) {
    void pair.alice.send('live', pattern(20, at)).catch(() => {})
    pair.clock.advance(500)
  }
}

const bytes = (pair: LinkPair) => pair.alice.facts().bytesSent + pair.bob.facts().bytesSent

it('L18 a busy link is asked after 2 s of silence, an idle one after 10 s', () => {
  const pair = createLinkPair()
  chat(pair, 2000)
  const busy = bytes(pair)
  pair.clock.advance(20_000)
  // A ping and its pong every 2 s, by whichever side hears nothing: any frame counts as life.
  expect((bytes(pair) - busy) / 30).toBeGreaterThanOrEqual(8)
  expect((bytes(pair) - busy) / 30).toBeLessThanOrEqual(22)
  pair.clock.advance(60_000)
  const idle = bytes(pair)
  pair.clock.advance(60_000)
  expect((bytes(pair) - idle) / 30).toBeGreaterThanOrEqual(5)
  expect((bytes(pair) - idle) / 30).toBeLessThanOrEqual(13)
  expect(pair.alice.end ?? pair.bob.end).toBeUndefined()
})

it('L18 a link that becomes busy again is asked soon again', () => {
  const pair = createLinkPair()
  pair.clock.advance(120_000)
  // Just behind a ping, so that the next one of an idle link is far.
  for (const before = bytes(pair); bytes(pair) === before; ) pair.clock.advance(100)
  void pair.alice.send('live', pattern(1, 1))
  pair.clock.advance(100)
  pair.pipes.pull()
  pair.clock.advance(6_100)
  expect(pair.pipes.alice.restarts).toBe(1)
  expect(pair.pipes.bob.restarts).toBe(1)
})

it('L19 a busy link asks for another way after 6 s of silence, and 4 s and 8 s later', () => {
  const pair = createLinkPair()
  chat(pair, 2000)
  pair.pipes.pull()
  const seen: number[] = []
  for (let ms = 0; ms < 14_900; ms += 100) {
    pair.clock.advance(100)
    if (pair.pipes.alice.restarts > seen.length) seen.push(ms + 100)
  }
  expect(seen).toHaveLength(3)
  const [first = 0, second = 0, third = 0] = seen
  expect(first).toBeGreaterThanOrEqual(5_500)
  expect(first).toBeLessThanOrEqual(6_200)
  expect(second - first).toBe(4_000)
  expect(third - first).toBe(8_000)
  expect(pair.alice.end).toBeUndefined()
})

it('L19 a cable that is out for 8 s costs nothing, and is forgotten', () => {
  const pair = createLinkPair({ bytesPerMs: 1250, gate: 'empty' })
  const sent = Array.from({ length: 100 }, (_, i) => pattern(100_000, i))
  void (async () => {
    for (const message of sent) await pair.alice.send('bulk', message)
  })().catch(() => {})
  return (async () => {
    await pair.clock.elapse(2_000)
    pair.pipes.pull()
    for (let i = 0; i < 80; i++) await pair.clock.elapse(100)
    expect(pair.pipes.alice.restarts).toBe(1)
    pair.pipes.plug()
    for (let i = 0; i < 10; i++) await pair.clock.elapse(100)
    // What was asked before the outage has measured the outage: it does not count.
    expect(pair.alice.facts().rttMs ?? 0).toBeLessThan(500)
    for (let i = 0; i < 190; i++) await pair.clock.elapse(100)
    expect(pair.bob.got.bulk).toHaveLength(100)
    expect(pair.alice.end ?? pair.bob.end).toBeUndefined()
    expect(pair.pipes.alice.restarts).toBe(1)
    expect(pair.alice.facts().rttMs).toBeLessThan(500)
  })()
})

it('L19 an answer that comes after a silence does not count as a round trip', () => {
  const pair = createLinkPair()
  chat(pair, 2000)
  pair.pipes.pull()
  pair.clock.advance(9_000)
  pair.pipes.plug()
  pair.clock.advance(1_000)
  expect(pair.alice.end ?? pair.bob.end).toBeUndefined()
  expect(pair.alice.facts().rttMs ?? 0).toBeLessThan(500)
})

it('L19 after a silence the round trip is measured anew: another way may be longer by right', () => {
  const pair = createLinkPair({ delayMs: 5 })
  chat(pair, 3000)
  expect(pair.alice.facts().rttMs).toBeLessThan(20)
  pair.pipes.pull()
  pair.clock.advance(8_000)
  pair.pipes.delay(200)
  pair.pipes.plug()
  for (let i = 0; i < 200; i++) void pair.alice.send('bulk', pattern(65_000, i))
  pair.clock.advance(30_000)
  // 13 MB in a window that shrank to 64 KiB would take 80 s.
  expect(pair.bob.got.bulk).toHaveLength(200)
  expect(pair.alice.facts().rttMs).toBeGreaterThan(390)
})

it('L20 a peer that was killed is down within 15 s of the last word, and what was sent is named', () => {
  const pair = createLinkPair()
  chat(pair, 2000)
  pair.pipes.pull()
  void pair.alice.send('bulk', pattern(50_000, 1))
  pair.clock.advance(14_000)
  expect(pair.alice.end).toBeUndefined()
  pair.clock.advance(1_500)
  expect(pair.alice.end).toMatchObject({ clean: false, code: 'link-timeout' })
  expect(pair.alice.end?.unconfirmedBytes).toBeGreaterThanOrEqual(50_000)
  expect(pair.clock.pending).toBe(0)
})

it('L20 an idle peer that is gone is found within 25 s', () => {
  const pair = createLinkPair()
  pair.clock.advance(120_000)
  pair.pipes.pull()
  pair.clock.advance(25_000)
  expect(pair.alice.end?.code).toBe('link-timeout')
  expect(pair.bob.end?.code).toBe('link-timeout')
})

it('L20 a peer that stands still for 12 s is not given up, one that does so for 35 s is', () => {
  const short = createLinkPair()
  chat(short, 1000)
  short.pipes.pull()
  short.clock.advance(12_000)
  short.pipes.plug()
  short.clock.advance(30_000)
  expect(short.alice.end ?? short.bob.end).toBeUndefined()
  const long = createLinkPair()
  chat(long, 1000)
  long.pipes.pull()
  long.clock.advance(35_000)
  expect(long.alice.end?.code).toBe('link-timeout')
})

it('L21 a machine that slept asks at once, and gives a peer that is gone 4 s', () => {
  const pair = createLinkPair()
  chat(pair, 1000)
  pair.pipes.pull()
  pair.clock.sleep(600_000)
  // The timer armed before the sleep runs at its own time, and sees how late it is.
  pair.clock.advance(2_000)
  expect(pair.pipes.alice.restarts).toBe(1)
  pair.clock.advance(4_100)
  expect(pair.alice.end?.code).toBe('link-timeout')
})

it('L21 a machine that slept keeps a link whose peer answers', () => {
  const pair = createLinkPair()
  chat(pair, 1000)
  pair.clock.sleep(3_600_000)
  pair.clock.advance(30_000)
  expect(pair.alice.end ?? pair.bob.end).toBeUndefined()
  void pair.alice.send('live', pattern(5, 5))
  pair.clock.advance(10)
  expect(pair.bob.got.live.at(-1)).toEqual(pattern(5, 5))
})

it('L21 a wall clock that is set back changes nothing', () => {
  const pair = createLinkPair()
  chat(pair, 1000)
  pair.clock.sleep(-86_400_000)
  pair.clock.advance(60_000)
  expect(pair.alice.end ?? pair.bob.end).toBeUndefined()
  expect(pair.pipes.alice.restarts).toBe(0)
})

it('L18 the machine never arms for a time at which it does nothing, and always comes to an end', () => {
  const steps = fc.array(
    fc.record({
      wait: fc.double({ min: 0, max: 20_000, noNaN: true }),
      what: fc.constantFrom('heard', 'busy', 'jump', 'none'),
    }),
    { maxLength: 30 },
  )
  fc.assert(
    fc.property(steps, (moves) => {
      let now = 0.1
      const life = createLiveness(now)
      const done: LifeAction[] = []
      const run = (until: number) => {
        for (let due = life.deadline(); due <= until; due = life.deadline()) {
          now = Math.max(now, due)
          const actions = life.tick(now)
          done.push(...actions)
          expect(actions).not.toEqual([])
          if (actions.includes('down')) return true
        }
        now = until
        return false
      }
      for (const { wait, what } of moves) {
        if (run(now + wait)) return
        if (what === 'heard') life.heard(now)
        if (what === 'busy') life.busy(now)
        if (what === 'jump' && life.jumped(wait, now).includes('down')) return
      }
      expect(run(now + 60_000)).toBe(true)
      expect(done.filter((action) => action === 'restart').length).toBeGreaterThan(0)
    }),
  )
})
