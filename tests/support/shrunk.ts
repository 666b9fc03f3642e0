/** Devices that made their logs of a session smaller, and let everything go that can go. */
import type { SessionId } from '@baton/shared/ids'
import { type HandoffPeer, soon } from './handoff-peers.ts'

export async function shrunk(session: SessionId, ...peers: readonly HandoffPeer[]): Promise<void> {
  for (let round = 0; round < 4; round++) {
    for (const { checkpoints } of peers) {
      checkpoints?.soon(session)
      await checkpoints?.settled()
    }
    await soon(async () => {
      const digests = peers.map(async ({ documents }) => {
        return (await documents.open(session)).digest()
      })
      return new Set(await Promise.all(digests)).size === 1
    })
  }
}
