/**
 * Either device is killed at random points while everything is sent, again and again: it starts on
 * what its disk holds, finds the other one without a code, and in the end both hold every byte.
 * `BATON_KILLS` for more than ten; `BATON_SEED` for the moments of a run whose title names its seed.
 */
import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, it, onTestFailed, onTestFinished } from 'vitest'
import { builtChild } from '../support/built.ts'
import { writeCorpus } from '../support/corpus/corpus.ts'
import { createDice } from '../support/corpus/dice.ts'
import { carriedOf, placedOf } from '../support/expected.ts'
import { readHeld } from '../support/held.ts'
import { agentFolder, type Done, type PeerProcess, pairUp } from '../support/peer-process.ts'
import { twoHomes } from '../support/two-homes.ts'
import { expectHeld, expectPlaced, type Written, writtenOf } from '../support/written.ts'

let child = ''
beforeAll(() => {
  child = builtChild('real/peer-child.mts')
})

const { BATON_KILLS = '10', BATON_SEED = String(Math.floor(Date.now() / 1000)) } = process.env
const kills = Number(BATON_KILLS)
const seed = Number(BATON_SEED)

it(
  `MJ2 ${kills} kills of either side lose, tear and double nothing (seed ${seed})`,
  async () => {
    const dice = createDice(seed)
    const homes = await twoHomes(child, 'kill-sweep')
    const done = new Map<string, Done>()
    const all: Written[] = []
    let alice = await homes.start('alice')
    let bob = await homes.start('bob')
    await pairUp(alice, bob)
    const placing = watchPlaced(homes.folder('bob'), homes.project)
    let step = 'sending'
    onTestFailed(() => {
      process.stderr.write(`MJ2 was at: ${step}, ${done.size}/${all.length}\n`)
    })

    /** Sends what has not arrived yet, at once; resolves when each send ended somehow. */
    async function sendRest(): Promise<void> {
      const rest = all.filter(({ id }) => !done.has(id))
      const options = { to: bob.self, maps: [], project: homes.project }
      await Promise.allSettled(
        rest.map(async ({ id }) => void done.set(id, await alice.sent(id, options))),
      )
    }

    function writeMore(round: number): void {
      const corpus = writeCorpus(homes.folder('alice'), {
        seed: seed + round,
        sessions: 4,
        bytes: 500 * 1024,
        hugeLineBytes: 2 * 1024 * 1024,
        plain: true,
      })
      const sessions = writtenOf(corpus)
      all.push(...sessions)
      placing.expect(sessions)
    }

    writeMore(0)
    const started = performance.now()
    await sendRest()
    const span = performance.now() - started
    expect(done.size).toBe(all.length)
    let cut = 0

    for (let kill = 1; kill <= kills; kill++) {
      writeMore(kill)
      const before = done.size
      const running = sendRest()
      await new Promise((resolve) => setTimeout(resolve, dice.int(Math.ceil(span * 0.5))))
      if (done.size < all.length) cut++
      const killed = dice.chance(0.5) ? alice : bob
      step = `kill ${kill}, of ${killed.name}: starting it again`
      await killed.kill()
      const again = await homes.start(killed.name)
      if (killed === alice) alice = again
      else bob = again
      step = `kill ${kill}, of ${killed.name}: what was under way`
      await running
      step = `kill ${kill}, of ${killed.name}: meeting again`
      await connected(alice, bob)
      // A send that the receiver's death interrupted went on by itself, one of a dead sender has not.
      if (killed === bob) expect(done.size).toBeGreaterThan(before)
      step = `kill ${kill}, of ${killed.name}: sending the rest`
      await sendRest()
      expect(done.size).toBe(all.length)
    }

    // The kills did fall while something was under way, or the test shows little.
    expect(cut).toBeGreaterThanOrEqual(kills / 2)
    placing.end()
    await Promise.all([alice.stop(), bob.stop()])
    const [here, there] = [await readHeld(alice.folder), await readHeld(bob.folder)]
    for (const session of all) {
      expectHeld(here.get(session.id), session)
      expectHeld(there.get(session.id), session)
      expectPlaced(done.get(session.id)?.placed?.path as string, session)
    }
  },
  60_000 + kills * 20_000,
)

const connected = (alice: PeerProcess, bob: PeerProcess) =>
  alice.until(
    (event) =>
      event.kind === 'device' && event.device.id === bob.self && event.device.state === 'connected',
  )

/** Looks all the time whether a placed transcript is ever there with less than all of it. */
function watchPlaced(folder: string, project: string) {
  const sizes = new Map<string, number>()
  const torn: string[] = []
  const inProject = join(agentFolder(folder), 'projects', project.replace(/[^a-zA-Z0-9]/g, '-'))
  const look = () => {
    for (const [id, size] of sizes) {
      const path = join(inProject, `${id}.jsonl`)
      const found = statSync(path, { throwIfNoEntry: false })?.size
      if (found !== undefined && found !== size) torn.push(`${path}: ${found} of ${size}`)
    }
  }
  const timer = setInterval(look, 3)
  onTestFinished(() => clearInterval(timer))
  return {
    expect(sessions: readonly Written[]) {
      for (const { id, files } of sessions) {
        const main = files.get('transcript.jsonl') as string
        sizes.set(id, placedOf(carriedOf(main), true).length)
      }
    },
    end() {
      clearInterval(timer)
      look()
      expect(existsSync(inProject)).toBe(true)
      expect(torn).toEqual([])
    },
  }
}
