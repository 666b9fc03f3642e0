/** The device that this page runs, opened and closed one after the other; the last wish holds. */
import { isBatonError } from '@baton/shared/errors'
import type { TabPeer, TabPorts } from './ports.ts'

export interface Turns {
  open(): void
  close(): void
}

export function createTurns(
  openPeer: TabPorts['openPeer'],
  on: { opened(peer: TabPeer): void; failed(error: unknown): void },
): Turns {
  let peer: TabPeer | undefined
  let wish = 0
  let last: Promise<void> = Promise.resolve()

  async function opening(mine: number): Promise<void> {
    if (mine !== wish) return
    try {
      const opened = await openPeer()
      if (mine !== wish) return await opened.close()
      peer = opened
      on.opened(opened)
    } catch (error) {
      // Of two pages that open it at once the later one has it.
      if (mine === wish && !(isBatonError(error) && error.code === 'store-fenced')) on.failed(error)
    }
  }

  return {
    open() {
      const mine = ++wish
      last = last.then(() => opening(mine))
    },
    close() {
      wish += 1
      const closing = peer
      peer = undefined
      closing?.leave()
      // What cannot be ended any more was ended by the store's fence.
      last = last.then(() => closing?.close().catch(() => {}))
    },
  }
}
