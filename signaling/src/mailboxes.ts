/**
 * Mailboxes: where paired devices leave each other sealed signals (rules SV7 to SV11). A mailbox's
 * id is SHA-256(listen key)[0..16); only a signature by that key over a fresh nonce listens there.
 * The service cannot tell which two belong to one pair, one device or one hour.
 */
import { createHash, randomBytes, webcrypto } from 'node:crypto'
import { challengeLifeMs, mailboxBytes } from '@baton/shared/limits'
import { type Answer, listenChallenge, type Request } from '@baton/shared/protocol/rendezvous'
import type { ServiceLimits } from './limits.ts'
import { createQueue, type Held, type Queue } from './queue.ts'
import type { Side, Sides } from './sides.ts'
import type { Outcome } from './slots.ts'

interface Mailbox {
  readonly id: string
  readonly queue: Queue
  listener: Side
  /** Posts it will still take, and when that was so. */
  posts: number
  at: number
}

export interface Mailboxes {
  challenge(request: Request<'challenge'>): Outcome<Answer<'challenge'>>
  /** `server` is the name under which the client reached the service. */
  listen(request: Request<'listen'>, server: string): Promise<Outcome<Answer<'listen'>>>
  /** The same answer whether anyone listens or not. */
  post(request: Request<'post'>): Outcome<Answer<'post'>>
  /** Gives the mailbox up. False when the side is no listener's. */
  close(side: Side): boolean
  /** Forgets what is too old or was left; to be called every second or so. */
  sweep(): void
  live(): number
}

export function createMailboxes(
  sides: Sides,
  held: Held,
  limits: ServiceLimits,
  now: () => number,
): Mailboxes {
  const mailboxes = new Map<string, Mailbox>()
  const bySide = new Map<Side, Mailbox>()
  const challenges = new Map<string, { readonly mailbox: string; readonly until: number }>()

  function remove(mailbox: Mailbox): void {
    mailboxes.delete(mailbox.id)
    bySide.delete(mailbox.listener)
    sides.remove(mailbox.listener)
    mailbox.queue.clear()
  }

  function enter(id: string): Mailbox {
    const known = mailboxes.get(id)
    const queue = known?.queue ?? createQueue(held, now)
    const listener = sides.add(queue)
    const mailbox = known ?? { id, queue, listener, posts: limits.postsPerSecond, at: now() }
    if (known) {
      const older = known.listener
      known.listener = listener
      bySide.delete(older)
      sides.remove(older, 'replaced')
    }
    mailboxes.set(id, mailbox)
    bySide.set(listener, mailbox)
    return mailbox
  }

  return {
    challenge({ mailbox }) {
      if (challenges.size >= limits.challenges) return { error: 'full' }
      const nonce = randomBytes(32).toString('base64url')
      challenges.set(nonce, { mailbox, until: now() + challengeLifeMs })
      return { nonce }
    },
    async listen({ key, nonce, signature }, server) {
      const challenge = challenges.get(nonce)
      challenges.delete(nonce)
      const publicKey = Buffer.from(key, 'base64url')
      const id = createHash('sha256').update(publicKey).digest().subarray(0, mailboxBytes)
      const text = id.toString('base64url')
      if (!challenge || challenge.until <= now() || challenge.mailbox !== text) {
        return { error: 'refused' }
      }
      const signed = listenChallenge(server, id, Buffer.from(nonce, 'base64url'))
      if (!(await verify(publicKey, signed, Buffer.from(signature, 'base64url')))) {
        return { error: 'refused' }
      }
      if (!mailboxes.has(text) && mailboxes.size >= limits.mailboxes) return { error: 'full' }
      return { token: enter(text).listener.token }
    },
    post({ mailbox: id, blob }) {
      const mailbox = mailboxes.get(id)
      if (!mailbox) return {}
      const earned = ((now() - mailbox.at) / 1000) * limits.postsPerSecond
      mailbox.posts = Math.min(limits.postsPerSecond, mailbox.posts + earned)
      mailbox.at = now()
      if (mailbox.posts < 1) return { error: 'rate' }
      mailbox.posts--
      const error = mailbox.queue.append({ kind: 'message', blob })
      return error ? { error } : {}
    },
    close(side) {
      const mailbox = bySide.get(side)
      if (mailbox) remove(mailbox)
      return mailbox !== undefined
    },
    sweep() {
      const time = now()
      for (const [nonce, { until }] of challenges) if (until <= time) challenges.delete(nonce)
      for (const mailbox of mailboxes.values()) {
        mailbox.queue.expire(time - limits.mailboxLifeMs)
        const { idleSince } = mailbox.listener
        if (idleSince !== undefined && time - idleSince > limits.mailboxLifeMs) remove(mailbox)
      }
    },
    live: () => mailboxes.size,
  }
}

/** A key that is no point is as false as a wrong signature. */
async function verify(key: Buffer, message: Uint8Array, signature: Buffer): Promise<boolean> {
  try {
    const { subtle } = webcrypto
    const imported = await subtle.importKey('raw', key, 'Ed25519', false, ['verify'])
    return await subtle.verify('Ed25519', imported, signature, message)
  } catch {
    return false
  }
}
