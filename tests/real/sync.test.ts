/** The kit for devices that sync over real WebRTC, with stores on disk. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Store } from '@baton/client/core/ports/store'
import { createClock, createDeflate } from '@baton/client/node/platform'
import { createInProcessDialer } from '@baton/client/node/rtc/in-process-dialer'
import { liveConnections } from '@baton/client/node/rtc/safe-connection'
import { openNodeStore } from '@baton/client/node/store'
import { runSyncTests } from '@baton/client/testing/sync'
import { describe, expect, it } from 'vitest'
import { openPair } from '../support/real-pair.ts'
import { type Disk, openWorld } from '../support/sync-worlds.ts'
import { tempFolder } from '../support/temp.ts'

function lmdb(): Disk {
  const folder = tempFolder('sync')
  let store: Store | undefined
  return {
    async open() {
      store = await openNodeStore(folder)
      return store
    },
    end: async () => await store?.close(),
  }
}

describe('sync: WebRTC, lmdb', () => {
  runSyncTests({
    test: it,
    async open() {
      const disks = [lmdb(), lmdb(), lmdb()]
      const losing: (() => void)[] = []
      return await openWorld({
        disks,
        clock: createClock(),
        deflate: createDeflate(),
        async connect() {
          const dialers = [createInProcessDialer(), createInProcessDialer()] as const
          const lose = () => {
            for (const dialer of dialers) void dialer.close()
          }
          losing.push(lose)
          return { ...(await openPair(...dialers)), lose }
        },
        move: () => sleep(2),
        async dispose() {
          for (const each of losing) each()
          for (const { end } of disks) await end?.()
          await expect.poll(liveConnections).toBe(0)
        },
      })
    },
  })
})
