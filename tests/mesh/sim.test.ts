/**
 * SM: simulated meshes with every fault on. Fresh seeds each time; a failing one is named, and stays.
 * `npm test` runs some hundreds more of them, compiled.
 */
import { describe, expect, it } from 'vitest'
import { simulateHandoffs } from '../sim/handoffs.ts'
import { simulate } from '../sim/simulate.ts'
import { tries } from '../support/tries.ts'

/** Seeds of earlier runs do not come again soon, and a failure names its own. */
const from = Math.floor(Date.now() / 1000) % 1_000_000_000
const runs = Math.ceil(tries(20) / 2)

describe('whatever happens to links, disks, clocks and processes', () => {
  it('SM1 all converge, nothing acknowledged is lost, no place is signed twice, all fall silent', async () => {
    for (let seed = from; seed < from + runs; seed++) {
      await simulate(seed).catch((cause: unknown) => {
        throw new Error(`npm run sim -- --seeds 1 --from ${seed}: ${String(cause)}`, { cause })
      })
    }
  }, 120_000)

  it('SM5 what is shown of a message while it is written is a beginning of what its author says', async () => {
    let ahead = 0
    for (let seed = from; seed < from + 4 * runs && ahead < 5; seed++) {
      ahead += (await simulate(seed)).ahead
    }
    expect(ahead).toBeGreaterThan(0)
  }, 120_000)

  it('SM6 what was taken back is shown nowhere in the end', async () => {
    let retracted = 0
    for (let seed = from; seed < from + 4 * runs && retracted < 3; seed++) {
      retracted += (await simulate(seed)).retracted
    }
    expect(retracted).toBeGreaterThan(0)
  }, 120_000)

  it('SM2 the same seed is the same run', async () => {
    expect(await simulate(7)).toEqual(await simulate(7))
  }, 120_000)
})

describe('a session that is handed around', () => {
  it('SM4 is held by exactly one device in the end, with everything acknowledged in its history or beside it', async () => {
    for (let seed = from; seed < from + runs; seed++) {
      await simulateHandoffs(seed).catch((cause: unknown) => {
        throw new Error(`npm run sim -- --handoffs --seeds 1 --from ${seed}: ${String(cause)}`, {
          cause,
        })
      })
    }
  }, 120_000)

  it('SM2 the same seed is the same run', async () => {
    expect(await simulateHandoffs(7)).toEqual(await simulateHandoffs(7))
  }, 120_000)
})

describe('seeds that failed once', { timeout: 120_000 }, () => {
  /** Runs from before devices made their logs smaller. */
  const before = { checkpoints: false }

  it.each([63])(
    'SM1 seed %i: a peer that went back to a backup gets a log under its whole id',
    async (seed) => {
      expect((await simulate(seed, before)).restores).toBeGreaterThan(0)
    },
  )

  it('SM3 seed 107: what waits for others replaces nothing yet, and copies of two devices meet', async () => {
    const { clones, forks } = await simulate(107, before)
    expect([clones, forks]).toEqual([2, 1])
  })

  it('SM1 seed 1795936335: what two copies said again at once is not seen by itself', async () => {
    expect((await simulate(1_795_936_335)).clones).toBeGreaterThan(0)
  })

  it('SM1 seed 1795940398: joined in another order, what copies said again is listed alike', async () => {
    expect((await simulate(1_795_940_398)).clones).toBeGreaterThan(0)
  })

  it('SM3 SU6 seed 3000883: a restored disk hears that a log went before it has what says it again', async () => {
    expect((await simulate(3_000_883)).restores).toBeGreaterThan(0)
  })

  it('SM4 HF8 seed 5000122: what was signed over to a device that forgot of it goes back', async () => {
    expect((await simulateHandoffs(5_000_122)).restores).toBeGreaterThan(0)
  })

  it.each([700_065, 700_159, 700_202])(
    'SM1 SM6 seed %i: what stands in the place of what was taken back, behind a fork, is said again',
    async (seed) => {
      const { forks, retracted } = await simulate(seed)
      expect(forks * retracted).toBeGreaterThan(0)
    },
  )

  it.each([1_795_911_666, 1_795_911_692])(
    'SM1 seed %i: a device starts on a full disk where something is left of a log that was dropped',
    async (seed) => {
      expect((await simulate(seed)).seed).toBe(seed)
    },
  )

  it('SM3 seed 300070: who saw what is said again is here before the checkpoint that is behind it', async () => {
    expect((await simulate(300_070)).restores).toBeGreaterThan(0)
  })

  it('SM1 seed 40105: what others hold of a copy that went back to a backup is taken over', async () => {
    const { clones, forks, restores } = await simulate(40_105, before)
    expect([clones, forks, restores]).toEqual([2, 1, 1])
  })

  it('SM1 seed 1043: what was under way when a process died is not on its disk', async () => {
    expect((await simulate(1043, before)).clones).toBe(2)
  })

  it.each([
    [5005, 'a log that forked is not asked for in the place of those that go'],
    [20_132, 'of a log that forked only its fork is held, and it goes all the same'],
    [795_920_121, 'a copy said more of a log again than another one held of it'],
    [60_207, 'a device that held nothing of a log is asked for what is known of it'],
    [40_007, 'more of a log came while it was found out whether it may go'],
    [40_062, 'what was said again behind a fork has not seen what stands before that'],
    [70_078, 'what was said again twice is told from any of its places'],
    [80_118, 'what replaced an entry stays where that was said again behind it'],
    [20_164, 'two copies each said one log again, and both went'],
  ])(
    'SM1 seed %i: %s',
    async (seed) => {
      expect((await simulate(seed)).clones).toBeGreaterThan(0)
    },
    120_000,
  )
})
