/**
 * Devices that were paired once find each other again without a code: after restarts of either or
 * both, of the service, after a sleep. Times are of this machine, on loopback, with generous bounds.
 */
import { beforeAll, expect, it } from 'vitest'
import { builtChild } from '../support/built.ts'
import { writeCorpus } from '../support/corpus/corpus.ts'
import { type PeerProcess, pairUp } from '../support/peer-process.ts'
import { twoHomes } from '../support/two-homes.ts'

let child = ''
beforeAll(() => {
  child = builtChild('real/peer-child.mts')
})

/** Two paired devices, one of them with sessions to send as a proof that the link carries. */
async function pairedHomes(name: string) {
  const homes = await twoHomes(child, name)
  const corpus = writeCorpus(homes.folder('alice'), { seed: 5, sessions: 6, plain: true })
  const alice = await homes.start('alice')
  const bob = await homes.start('bob')
  await pairUp(alice, bob)
  const left = corpus.sessions.map(({ id }) => id)
  return {
    ...homes,
    alice,
    bob,
    async carries(from: PeerProcess, to: PeerProcess) {
      const options = { to: to.self, maps: [], project: homes.project }
      const done = await from.sent(left.shift() as string, options)
      expect(done.digest.here).toBe(done.digest.there)
    },
  }
}

async function stateOf(of: PeerProcess, device: PeerProcess) {
  return (await of.devices()).find(({ id }) => id === device.self)?.state
}

/** Told of the other device as connected, from a moment on. */
function found(by: PeerProcess, device: PeerProcess, since = 0) {
  return by.until(
    (event) =>
      by.told.indexOf(event) >= since &&
      event.kind === 'device' &&
      event.device.id === device.self &&
      event.device.state === 'connected',
  )
}

it('RC1 either device restarts, then both: they are connected again without a code', async () => {
  let { alice, bob, start, carries } = await pairedHomes('restart')
  await carries(alice, bob)

  await alice.stop()
  alice = await start('alice')
  await found(alice, bob)
  await carries(alice, bob)

  await bob.kill()
  bob = await start('bob')
  await found(bob, alice)
  await carries(alice, bob)

  await Promise.all([alice.stop(), bob.kill()])
  bob = await start('bob')
  alice = await start('alice')
  await Promise.all([found(alice, bob), found(bob, alice)])
  await carries(alice, bob)
})

it('MJ3 the service may go and come back: links stay, and who restarts meanwhile is found again', async () => {
  let { alice, bob, start, carries, signaling } = await pairedHomes('signaling')
  await signaling.restart()
  await carries(alice, bob)
  expect(await stateOf(bob, alice)).toBe('connected')

  await bob.stop()
  bob = await start('bob')
  await found(bob, alice)
  await carries(alice, bob)

  await signaling.down()
  await carries(alice, bob)
  await bob.kill()
  bob = await start('bob')
  await bob.until((event) => event.kind === 'device' && event.device.trouble !== undefined)
  expect(await stateOf(bob, alice)).not.toBe('connected')
  await signaling.up()
  await Promise.all([found(bob, alice), carries(alice, bob)])
})

it('MJ4 a device that sleeps for 12 s goes on where it was', async () => {
  const { alice, bob, carries } = await pairedHomes('sleep')
  await carries(alice, bob)
  bob.pause()
  const sending = carries(alice, bob)
  await new Promise((resolve) => setTimeout(resolve, 12_000))
  bob.resume()
  await sending
  await carries(alice, bob)
  expect(await stateOf(alice, bob)).toBe('connected')
})

it('MJ5 devices without a path say so within 20 s, with what was tried and what to do', async () => {
  const { alice, bob: before, start } = await pairedHomes('no-path')
  await before.stop()
  const stopped = performance.now()
  const bob = await start('bob', { policy: 'relay' })
  const trouble = (by: PeerProcess, device: PeerProcess) =>
    by.until(
      (event) =>
        event.kind === 'device' &&
        event.device.id === device.self &&
        event.device.trouble?.code === 'no-path',
    )
  const here = await trouble(bob, alice)
  expect(performance.now() - stopped).toBeLessThan(25_000)
  expect(here).toMatchObject({
    device: {
      trouble: {
        message: expect.stringMatching(/here no candidate.*policy relay.*TURN not configured/),
        hint: expect.stringContaining('TURN'),
      },
    },
  })
})
