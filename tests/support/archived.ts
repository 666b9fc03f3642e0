/** A session that two devices wrote into, long lines too, and archives over a test repository. */
import { createArchives } from '@baton/client/core/archive/archives'
import { createMemoryStore } from '@baton/client/core/memory/store'
import type { Bytes } from '@baton/shared/bytes'
import type { SessionId } from '@baton/shared/ids'
import { kinds } from '@baton/shared/log/kinds'
import { encodeRecord } from '@baton/shared/model/agent-entries'
import { mainFile } from '@baton/shared/model/carried-path'
import { createMemoryKeyring } from './memory-keyring.ts'
import { hand, openTestRepo, type TestRepo } from './repo.ts'
import { nodePrimitives, session as sessionOf } from './signer.ts'

export const session = sessionOf(1)
const { sha256 } = nodePrimitives

export function archivesOf(repository: TestRepo, roster?: SessionId) {
  return createArchives({
    repository,
    primitives: nodePrimitives,
    keyring: createMemoryKeyring(1),
    taking: { ref: async () => session },
    devices: { session: () => roster },
    sharing: { author: () => undefined },
    placing: {
      placeHere: async () => ({ placed: undefined, unplaced: undefined, merged: undefined }),
    },
    paired: new Map(),
  })
}

/** A line that stands in a blob, as those that are too long for an entry do. */
async function appendBlob(repo: TestRepo, content: Bytes): Promise<void> {
  const blob = sha256(content)
  await repo.write(session, (to) => {
    const payload = encodeRecord({
      epoch: 0,
      file: mainFile,
      base: undefined,
      content: { blob, bytes: content.length },
    })
    to.append(kinds.record, payload)
    return repo.blobs.rows(blob, content)
  })
}

/** Two devices wrote into it; long lines too. */
export async function written() {
  const store = createMemoryStore()
  const alice = await openTestRepo(1, { store })
  await alice.append(session, 'one', 'two', 'x'.repeat(9000))
  await appendBlob(alice, new Uint8Array(200_000).fill(5))
  await appendBlob(alice, new Uint8Array(65_536).fill(6))
  const bob = await openTestRepo(2)
  await bob.append(session, 'of bob')
  await hand(bob, alice, session)
  return { alice, store, pieces: (await archivesOf(alice).read('any')).pieces }
}
