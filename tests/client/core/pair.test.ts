/** Pairing end to end in the fake world. */
import { expect, it } from 'vitest'
import { createWorld, watchRun } from '../../support/pair-world.ts'

it('P1 a code typed on the other device pairs both, over a bound channel', async () => {
  const world = createWorld()
  const [alice, bob] = [world.device('alice', 1), world.device('bob', 2)]
  const inviting = watchRun(alice.pairing.invite({ qr: true, confirm: false }))
  await world.settle()
  const joining = watchRun(bob.pairing.join(inviting.of('code').code, { confirm: false }))
  await world.settle()
  expect(inviting.last()?.at).toBe('paired')
  expect(joining.last()?.at).toBe('paired')
})
