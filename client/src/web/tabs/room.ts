/** A page among the pages of its origin, over what this browser has (rules WB4, WB29 to WB33). */
// Before any schema is made.
import '../no-eval.ts'
import { toHex } from '@baton/shared/bytes'
import type { BatonError } from '@baton/shared/errors'
import type { TabRoom } from '../../core/tabs/ports.ts'
import { openRoom } from '../../core/tabs/room.ts'
import { createClock } from '../clock.ts'
import { openDatabase } from '../database.ts'
import { openKeyring } from '../keyring.ts'
import { openPagePeer } from '../peer.ts'
import { createRandom } from '../platform.ts'
import { createSealing } from '../sealing.ts'
import { openChannel } from './channel.ts'
import { createLocks } from './locks.ts'
import { modeNow, watchMode } from './mode.ts'

export interface PageRoomOptions {
  readonly signaling: string
  failed(error: BatonError | 'other-device'): void
}

export async function openPageRoom({ signaling, failed }: PageRoomOptions): Promise<TabRoom> {
  const random = createRandom()
  const tab = toHex(random.bytes(8))
  const locks = await createLocks(tab)
  const room = openRoom({
    tab,
    channel: openChannel(async () => {
      const database = await openDatabase('baton', { lost() {} })
      return createSealing((await openKeyring(database)).rows)
    }),
    locks,
    clock: createClock(),
    random,
    openPeer: () => openPagePeer({ signaling, lost: (error) => room.lost(error) }),
    failed,
  })
  const show = () => room.show(modeNow(), document.hasFocus())
  watchMode(show)
  show()
  // The others know at once, and do not wait for a lock or a connection to end.
  addEventListener('pagehide', () => room.leave())
  addEventListener('pageshow', ({ persisted }) => persisted && location.reload())
  document.addEventListener('freeze', () => room.freeze())
  document.addEventListener('resume', () => room.thaw())
  return room
}
