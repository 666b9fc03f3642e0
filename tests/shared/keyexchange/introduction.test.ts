/** IN1, IN2: the pair root of two devices that a roster introduced to each other. */
import { toHex } from '@baton/shared/bytes'
import { introduce } from '@baton/shared/keyexchange/introduction'
import { agree, exchangeKey } from '@baton/shared/keyexchange/x25519'
import { expect, it } from 'vitest'

const end = (seed: number) => ({
  device: new Uint8Array(32).fill(seed),
  secret: new Uint8Array(32).fill(seed + 100),
  exchange: exchangeKey(new Uint8Array(32).fill(seed + 100)),
})
const [alice, bob, carol] = [end(1), end(2), end(3)]
const roster = new Uint8Array(16).fill(9)
const seen = (own: typeof bob, peer: typeof bob, id = roster) =>
  introduce(agree(own.secret, peer.exchange), id, own, peer)

it('IN1 both ends derive the same, and every pair, roster and key another', () => {
  expect(seen(bob, carol)).toEqual(seen(carol, bob))
  const { root, hash, id } = seen(bob, carol)
  expect([root.length, hash.length, id.length]).toEqual([32, 32, 32])
  expect(toHex(root)).not.toBe(toHex(hash))
  const others = [
    seen(bob, alice),
    seen(carol, alice),
    seen(bob, carol, new Uint8Array(16).fill(8)),
    seen({ ...bob, device: new Uint8Array(32).fill(7) }, carol),
  ]
  const roots = new Set([root, ...others.map((each) => each.root)].map(toHex))
  expect(roots.size).toBe(5)
})

it('IN2 who took both in knows all that is public, and derives another root', () => {
  const guess = introduce(agree(alice.secret, carol.exchange), roster, bob, carol)
  expect(guess.root).not.toEqual(seen(bob, carol).root)
  const other = introduce(agree(alice.secret, bob.exchange), roster, bob, carol)
  expect(other.root).not.toEqual(seen(bob, carol).root)
})
