/**
 * Both directions of one pair's mailboxes over the hours: listens where the pair's hours say, moves
 * on as they roll, and posts in order. Rules: MB, RC. What the blobs mean it does not know.
 */
import type { Bytes } from '@baton/shared/bytes'
import { hoursToListen, hoursToPost, mailboxKey } from '@baton/shared/keyexchange/mailbox'
import type { Side } from '@baton/shared/keyexchange/seal'
import type { Clock } from '../ports/platform.ts'
import type { Listening, Rendezvous } from '../ports/rendezvous.ts'

/** How often it looks whether the hours have rolled; well below the margin around a roll. */
const lookMs = 30_000
/** How long a post waits for this device's own listening. */
const readyMs = 2_000

export interface PairMailboxOptions {
  readonly rendezvous: Rendezvous
  readonly clock: Clock
  /** 32 bytes: the pair root, or the recovery secret of a run. */
  readonly root: Bytes
  readonly side: Side
  /** How long nothing was heard of the peer: after 60 s the hours around it are tried too. */
  withoutContactMs(): number
  onBlob(blob: Bytes, hour: number): void
}

export interface PairMailbox {
  /**
   * One blob for each hour that is posted to, usually one; after all earlier posts. Rejects when
   * none could be posted.
   */
  post(blobFor: (hour: number) => Bytes): Promise<void>
  /** Looks at the clock now, not at the next turn. */
  look(): void
  close(): void
}

export function openPairMailbox(options: PairMailboxOptions): PairMailbox {
  const { rendezvous, clock, root, side, onBlob } = options
  const other: Side = side === 'low' ? 'high' : 'low'
  const listening = new Map<number, Listening>()
  const addresses = new Map<number, Bytes>()
  let tail: Promise<unknown> = Promise.resolve()
  let closed = false
  let cancelTimer = () => {}

  const query = () => ({
    root,
    now: clock.now(),
    serverNow: rendezvous.serverTime(),
    withoutContactMs: options.withoutContactMs(),
  })

  function look(): void {
    if (closed) return
    cancelTimer()
    cancelTimer = clock.after(lookMs, look)
    const hours = hoursToListen(query())
    for (const [hour, at] of listening) {
      if (hours.includes(hour)) continue
      at.close()
      listening.delete(hour)
    }
    for (const hour of hours) {
      if (listening.has(hour)) continue
      const handler = (blob: Bytes) => {
        if (!closed) onBlob(blob, hour)
      }
      listening.set(hour, rendezvous.listen(mailboxKey(root, side, hour), handler))
    }
  }

  function addressOf(hour: number): Bytes {
    const known = addresses.get(hour)
    if (known) return known
    const { mailbox } = mailboxKey(root, other, hour)
    if (addresses.size > 3) addresses.clear()
    addresses.set(hour, mailbox)
    return mailbox
  }

  /** What is posted before this device listens may be answered into nothing. */
  function ready(): Promise<unknown> {
    return new Promise((resolve) => {
      const stop = clock.after(readyMs, () => resolve(undefined))
      void Promise.all([...listening.values()].map((each) => each.ready))
        .then(stop)
        .then(resolve)
    })
  }

  async function send(blobFor: (hour: number) => Bytes): Promise<void> {
    await ready()
    if (closed) return
    const posts = hoursToPost(query()).map((hour) =>
      rendezvous.post(addressOf(hour), blobFor(hour)),
    )
    const results = await Promise.allSettled(posts)
    const refused = results.find((result) => result.status === 'rejected')
    if (refused && !results.some((result) => result.status === 'fulfilled')) throw refused.reason
  }

  look()
  return {
    post(blobFor) {
      const sent = tail.then(() => send(blobFor))
      // A failed post fails its own caller only; the next one is tried all the same.
      tail = sent.catch(() => {})
      return sent
    },
    look,
    close() {
      closed = true
      cancelTimer()
      for (const at of listening.values()) at.close()
      listening.clear()
    },
  }
}
