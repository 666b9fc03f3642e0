/** What a hostile service does with mailboxes: it sees every post, and may drop, repeat, hold or mix. */
import type { Rendezvous } from '@baton/client/core/ports/rendezvous'
import type { Bytes } from '@baton/shared/bytes'

export interface Post {
  readonly mailbox: Bytes
  readonly blob: Bytes
}

export interface HostileMailboxes {
  /** Every post that was made, in order. */
  readonly posts: Post[]
  /** What becomes of a post; itself, unless a test says otherwise. */
  hand: (post: Post, index: number) => readonly Post[]
  readonly wrap: (inner: Rendezvous) => Rendezvous
}

export function createHostileMailboxes(): HostileMailboxes {
  const posts: Post[] = []
  const self: HostileMailboxes = {
    posts,
    hand: (post) => [post],
    wrap: (inner) => ({
      ...inner,
      async post(mailbox, blob) {
        const post = { mailbox, blob }
        posts.push(post)
        const passed = self.hand(post, posts.length)
        // The service took it, whatever it does with it.
        if (passed.length === 0) return
        for (const each of passed) await inner.post(each.mailbox, each.blob)
      },
    }),
  }
  return self
}
