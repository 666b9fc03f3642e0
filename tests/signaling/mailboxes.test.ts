/** SV7 to SV11: who may listen at a mailbox, and what it keeps. */
import { fromBase64url, toBase64url } from '@baton/shared/bytes'
import { challengeLifeMs, mailboxLifeMs, maxQueueMessages } from '@baton/shared/limits'
import { listenChallenge } from '@baton/shared/protocol/rendezvous'
import { defaultLimits } from '@baton/signaling/limits'
import { createMailboxes } from '@baton/signaling/mailboxes'
import { createSides, type Reader } from '@baton/signaling/sides'
import { expect, it, vi } from 'vitest'
import { listenKey } from '../support/listen-key.ts'

const here = 'signal.test'
const key = listenKey(1)
const mailbox = toBase64url(key.mailbox)
const blob = 'A'.repeat(1366)

function setup(more: Partial<typeof defaultLimits> = {}) {
  let time = 1_000_000
  const now = () => time
  const sides = createSides(now)
  const held = { bytes: 0, max: defaultLimits.heldBytes }
  const mailboxes = createMailboxes(sides, held, { ...defaultLimits, ...more }, now)

  function nonceFor(id = mailbox): string {
    const challenged = mailboxes.challenge({ mailbox: id })
    return 'nonce' in challenged ? challenged.nonce : expect.fail('no nonce')
  }
  /** Proves `prover`'s key for `nonce` as if dialled at `dialled`. */
  function proof(nonce: string, dialled = here, prover = key) {
    const challenge = listenChallenge(dialled, prover.mailbox, fromBase64url(nonce))
    const signature = toBase64url(prover.sign(challenge))
    return { key: toBase64url(prover.publicKey), nonce, signature }
  }
  async function listen(): Promise<string> {
    const outcome = await mailboxes.listen(proof(nonceFor()), here)
    return 'token' in outcome ? outcome.token : expect.fail('refused')
  }
  const side = (token: string) => sides.find(token) ?? expect.fail('no such side')
  return {
    held,
    mailboxes,
    nonceFor,
    proof,
    listen,
    attach: (token: string, reader: Reader = { end: () => {} }) =>
      sides.attach(side(token), reader),
    read: (token: string, after = 0) => side(token).queue.read(after),
    pass(ms: number, sweep = true) {
      time += ms
      if (sweep) mailboxes.sweep()
    },
  }
}

it('SV7 a signature by the key whose hash is the id listens there', async () => {
  const { listen, mailboxes, read } = setup()
  const token = await listen()
  expect(mailboxes.post({ mailbox, blob })).toEqual({})
  expect(read(token)).toEqual([{ kind: 'message', blob, seq: 1 }])
})

it('SV8 a proof for another server, nonce, mailbox or by another key is refused', async () => {
  const { listen, mailboxes, nonceFor, proof, read } = setup()
  const token = await listen()
  const other = listenKey(2)
  const elsewhere = nonceFor(toBase64url(other.mailbox))
  const mine = nonceFor()
  const bad = [
    proof(nonceFor(), 'mallory.test'),
    { ...proof(nonceFor()), nonce: nonceFor() },
    proof(elsewhere),
    { ...proof(nonceFor(), here, other), key: toBase64url(other.publicKey) },
    { ...proof(mine), key: toBase64url(other.publicKey) },
    { ...proof(nonceFor()), signature: toBase64url(new Uint8Array(64)) },
    { ...proof(nonceFor()), key: toBase64url(new Uint8Array(32)) },
  ]
  for (const each of bad) expect(await mailboxes.listen(each, here)).toEqual({ error: 'refused' })
  mailboxes.post({ mailbox, blob })
  expect(read(token)).toHaveLength(1)
})

it('SV8 a proof works once, and for 30 seconds', async () => {
  const { mailboxes, nonceFor, proof, pass } = setup()
  const once = proof(nonceFor())
  expect(await mailboxes.listen(once, here)).toHaveProperty('token')
  expect(await mailboxes.listen(once, here)).toEqual({ error: 'refused' })
  const late = proof(nonceFor())
  pass(challengeLifeMs, false)
  expect(await mailboxes.listen(late, here)).toEqual({ error: 'refused' })
})

it('SV8 a wrong proof spends the nonce, and there are only so many', async () => {
  const { mailboxes, nonceFor, proof, pass } = setup({ challenges: 2 })
  const nonce = nonceFor()
  await mailboxes.listen(proof(nonce, 'mallory.test'), here)
  expect(await mailboxes.listen(proof(nonce), here)).toEqual({ error: 'refused' })
  nonceFor()
  nonceFor()
  expect(mailboxes.challenge({ mailbox })).toEqual({ error: 'full' })
  pass(challengeLifeMs)
  expect(mailboxes.challenge({ mailbox })).toHaveProperty('nonce')
})

it('SV9 a newer listener replaces the older and gets what still waits', async () => {
  const { listen, attach, mailboxes, read } = setup()
  const older = await listen()
  const end = vi.fn()
  attach(older, { end })
  mailboxes.post({ mailbox, blob })
  const newer = await listen()
  expect(end).toHaveBeenCalledExactlyOnceWith('replaced')
  expect(() => read(older)).toThrow('no such side')
  expect(read(newer)).toEqual([{ kind: 'message', blob, seq: 1 }])
})

it('SV10 a post to nobody has the answer of one that is kept', async () => {
  const { listen, mailboxes, held } = setup()
  const nobody = mailboxes.post({ mailbox, blob })
  expect(held.bytes).toBe(0)
  await listen()
  expect(mailboxes.post({ mailbox, blob })).toEqual(nobody)
})

it('SV11 a mailbox keeps 64 messages, until they are taken or two minutes old', async () => {
  const { listen, attach, mailboxes, read, pass, held } = setup({ postsPerSecond: 1000 })
  const token = await listen()
  attach(token)
  for (let n = 0; n < maxQueueMessages; n++) {
    expect(mailboxes.post({ mailbox, blob })).toEqual({})
  }
  expect(mailboxes.post({ mailbox, blob })).toEqual({ error: 'quota' })
  expect(read(token, 60).map((event) => event.seq)).toEqual([61, 62, 63, 64])
  expect(mailboxes.post({ mailbox, blob })).toEqual({})
  expect(read(token, 64).map((event) => event.seq)).toEqual([65])
  pass(mailboxLifeMs)
  expect(read(token)).toHaveLength(1)
  pass(1)
  expect(read(token)).toEqual([])
  expect(held.bytes).toBe(0)
})

it('SV11 a mailbox keeps 256 KiB', async () => {
  const { listen, mailboxes, read } = setup()
  const token = await listen()
  const large = 'A'.repeat(43_691)
  for (let n = 0; n < 8; n++) expect(mailboxes.post({ mailbox, blob: large })).toEqual({})
  expect(mailboxes.post({ mailbox, blob: 'AA' })).toEqual({ error: 'quota' })
  expect(read(token)).toHaveLength(8)
})

it('SV11 a mailbox whose listener stays away for two minutes is forgotten', async () => {
  const { listen, attach, mailboxes, read, pass } = setup()
  const token = await listen()
  attach(token)()
  pass(mailboxLifeMs)
  expect(mailboxes.live()).toBe(1)
  pass(1)
  expect(mailboxes.live()).toBe(0)
  expect(() => read(token)).toThrow('no such side')
})

it('SV13 one mailbox takes so many posts a second, from however many addresses', async () => {
  const { listen, mailboxes, pass } = setup()
  await listen()
  const posts = () => mailboxes.post({ mailbox, blob: 'AA' })
  for (let n = 0; n < defaultLimits.postsPerSecond; n++) expect(posts()).toEqual({})
  expect(posts()).toEqual({ error: 'rate' })
  pass(50)
  expect(posts()).toEqual({})
})
