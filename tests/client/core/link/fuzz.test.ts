/** L27: both ends on a way that does everything wrong at once; never a silent loss. */
import type { Lane } from '@baton/client/core/ports/channel'
import { expect, it } from 'vitest'
import { createLinkPair, pattern, same } from '../../../support/link-pair.ts'
import type { Fault } from '../../../support/pipe-pair.ts'

const lanes: readonly Lane[] = ['control', 'live', 'bulk']

/** Small, seeded, good enough to choose what goes wrong (mulberry32). */
function createRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

interface Odds {
  readonly drop: number
  readonly truncate: number
  readonly duplicate: number
  readonly later: number
}

/** How the way of one seed behaves; a late frame needs others behind it, so the way ends up clear. */
function createWay(random: () => number, odds: Odds) {
  const pick = <T>(list: readonly T[]) => list[Math.floor(random() * list.length)] as T
  const way = { mean: true }
  const fault = (): Fault => {
    const roll = way.mean ? random() : 1
    const late = odds.drop + odds.truncate + odds.duplicate
    if (roll < odds.drop) return 'drop'
    if (roll < odds.drop + odds.truncate) return 'truncate'
    if (roll < late) return 'duplicate'
    return roll < late + odds.later ? { later: 1 + Math.floor(random() * 12) } : 'pass'
  }
  const pair = createLinkPair({
    gate: pick(['empty', 20_000, 1e9]),
    lieBytes: pick([0, 200_000]),
    delayMs: pick([0, 3, 60]),
    bytesPerMs: pick([200, 5_000, 1e9]),
    queueBytes: pick([1_000, 100_000]),
    dropBeyondBytes: odds.drop > 0 ? pick([1e9, 1e9, 150_000]) : 1e9,
    maxMessageBytes: pick([262_144, 16_384, 700]),
    fault,
    strangers: true,
  })
  return { way, pair, pick }
}

type Sent = Record<Lane, { readonly message: Uint8Array; state: 'waiting' | 'taken' | 'refused' }[]>

async function run(seed: number, odds: Odds) {
  const random = createRandom(seed)
  const { way, pair, pick } = createWay(random, odds)
  const ends = [pair.alice, pair.bob] as const
  const sent = ends.map((): Sent => ({ control: [], live: [], bulk: [] }))
  for (const end of ends) {
    if (random() < 0.5) end.admit()
    else pair.clock.after(Math.floor(random() * 300), () => end.admit())
  }
  const closeAt = random() < 0.4 ? Math.floor(random() * 120) : -1
  for (let step = 0; step < 120; step++) {
    const who = random() < 0.5 ? 0 : 1
    const lane = pick(lanes)
    const size = Math.floor(random() ** 4 * (lane === 'bulk' ? 120_000 : 20_000))
    const item: Sent[Lane][number] = { message: pattern(size, step), state: 'waiting' }
    sent[who]?.[lane].push(item)
    ends[who].send(lane, item.message).then(
      () => {
        item.state = 'taken'
      },
      () => {
        item.state = 'refused'
      },
    )
    if (random() < 0.02) {
      pair.pipes.pull()
      pair.clock.advance(Math.floor(random() * 5_000))
      pair.pipes.plug()
    }
    if (step === closeAt) void ends[who].close('fuzz')
    pair.clock.advance(Math.floor(random() * 20))
    await Promise.resolve()
  }
  way.mean = false
  for (let i = 0; i < 30; i++) await pair.clock.elapse(2_000)
  return { pair, sent, ends, closed: closeAt >= 0 }
}

/** Every rule that holds whatever happened on the way; says whether the links still live. */
async function judge(seed: number, odds: Odds) {
  const { pair, sent, ends, closed } = await run(seed, odds)
  const ended = pair.alice.end !== undefined && pair.bob.end !== undefined
  for (const [i, from] of ends.entries()) {
    const to = ends[1 - i] as (typeof ends)[0]
    for (const lane of lanes) {
      const items = sent[i]?.[lane] ?? []
      const got = to.got[lane]
      const where = `seed ${seed}, ${lane} from ${i}`
      const expected = items.slice(0, got.length).map((item) => item.message)
      expect(same(got, expected), `${where}: order`).toBe(true)
      const missing = items.slice(got.length)
      if (!ended) expect(missing, `${where}: silent loss`).toEqual([])
      // Told that nothing is missing, the caller may rely on it.
      if (from.end?.unconfirmedBytes === 0) {
        const lost = missing.filter((item) => item.state === 'taken')
        expect(lost, `${where}: confirmed and lost`).toEqual([])
      }
    }
    if (from.end?.clean) expect(from.end.unconfirmedBytes).toBe(0)
  }
  if (ended) expect(pair.clock.pending, `seed ${seed}: timers`).toBe(0)
  const why = ends.map(({ end }) => `${end?.code} (${end?.reason})`).join(', ')
  return { ended, closed, why, clean: pair.alice.end?.clean }
}

/** More with SEEDS=2000 in the environment. */
const { SEEDS = '25' } = process.env
const seeds = (from: number) => Array.from({ length: Number(SEEDS) }, (_, i) => from + i)

it('L27 with loss, disorder, duplicates and cuts: all in order, or an end that is told', async () => {
  const odds = { drop: 0.002, truncate: 0.001, duplicate: 0.05, later: 0.02 }
  const seen = { ended: 0, whole: 0, clean: 0 }
  for (const seed of seeds(1)) {
    const { ended, clean } = await judge(seed, odds)
    seen[ended ? 'ended' : 'whole'] += 1
    if (clean) seen.clean += 1
  }
  expect(Math.min(seen.ended, seen.whole, seen.clean), JSON.stringify(seen)).toBeGreaterThan(0)
})

it('L27 with duplicates and outages alone no link ends by itself', async () => {
  const odds = { drop: 0, truncate: 0, duplicate: 0.1, later: 0 }
  for (const seed of seeds(10_001)) {
    const { ended, closed, why } = await judge(seed, odds)
    expect(ended, `seed ${seed}: ${why}`).toBe(closed)
  }
})
