/** Two paired devices find each other again, in the fake world. */
import { expect, it } from 'vitest'
import { contactOf, createWorld, paired } from '../../support/pair-world.ts'

it('RC1 paired devices reconnect without a code after both restart', async () => {
  const world = createWorld()
  const [alice, bob] = await paired(world)
  const again = [world.device('alice', 1, alice.disk), world.device('bob', 2, bob.disk)]
  const [a, b] = again.map((device) => contactOf(device))
  await world.settle()
  expect(a?.contact.state()).toBe('connected')
  expect(b?.contact.state()).toBe('connected')
})
