/** One document on two devices that an exchange joins, and may part. */
import type { Document, DocumentKind } from '@baton/client/core/mesh-api'
import type { Store } from '@baton/client/core/ports/store'
import { toHex } from '@baton/shared/bytes'
import type { Value } from '@baton/shared/encoding/msgpack'
import { openTestPeer, type TestPeer } from './peer.ts'
import { link } from './two-peers.ts'

export interface TwoDocuments {
  readonly alice: TestPeer
  readonly bob: TestPeer
  readonly here: Document
  readonly there: Document
  /** Parts them; what each writes from now on the other has not seen. */
  part(): void
  /** Joins them again, until both hold the same. */
  meet(): Promise<void>
}

export async function twoDocuments(
  options: {
    kind?: DocumentKind
    open?: boolean
    write?: boolean
    bobStore?: Store
    checkpoints?: boolean
  } = {},
): Promise<TwoDocuments> {
  const { kind = 'agent', open = true, write = true, bobStore, checkpoints = false } = options
  const alice = await openTestPeer({ seed: 1, checkpoints })
  const bob = await openTestPeer({ seed: 2, checkpoints, ...(bobStore ? { store: bobStore } : {}) })
  const here = await alice.documents.create(kind, { title: 'one', open })
  await here.share(bob.device, { write })
  let pair = await link(alice, bob, false)
  await pair.flush()
  const same = () => {
    const [a, b] = [alice, bob].map(({ repository }) => toHex(repository.frontier(here.session)))
    if (a !== b) throw new Error('they hold different entries')
  }
  same()
  return {
    alice,
    bob,
    here,
    there: await bob.documents.open(here.session),
    part: () => pair.cut(),
    async meet() {
      pair = await link(alice, bob, false)
      await pair.flush()
      same()
    },
  }
}

/** Each writes a field while they are parted, alice last; then they meet. */
export async function conflicting(
  two: TwoDocuments,
  path: readonly string[],
  values: { readonly alice: Value; readonly bob: Value },
): Promise<void> {
  two.part()
  await two.there.set(path, values.bob)
  await two.alice.clock.elapse(5)
  await two.here.set(path, values.alice)
  await two.meet()
}
