/**
 * What runs inside the page of the browser tests: the kits for stores, keyrings, channels and devices
 * that sync, over the page's own adapters, and what its platform must give. The runner outside asks
 * for one test at a time.
 */
import '@baton/client/web/no-eval'
import { createRtcDialer } from '@baton/client/rtc/dialer'
import { runChannelTests } from '@baton/client/testing/channel'
import { runKeyringTests } from '@baton/client/testing/keyring'
import { runStoreTests } from '@baton/client/testing/store'
import { runSyncTests } from '@baton/client/testing/sync'
import { createClock } from '@baton/client/web/clock'
import { openKeyring } from '@baton/client/web/keyring'
import { openPair } from '../support/real-pair.ts'
import { newDatabase, newPlace, openWorld, pause } from './page-world.ts'
import { runPlatformTests } from './platform.ts'
import { runQuotaTests, runStoredTests } from './stored.ts'

type Run = () => Promise<void>
type Declare = (title: string, run: Run) => void
const tests: Record<string, Map<string, Run>> = {}

function kit(name: string, declare: (test: Declare) => void): void {
  const declared = new Map<string, Run>()
  tests[name] = declared
  declare((title, run) => declared.set(title, run))
}

const clock = createClock()

async function connect() {
  const [alice, bob] = [newDialer(), newDialer()] as const
  const close = async () => void (await Promise.all([alice.close(), bob.close()]))
  return { ...(await openPair(alice, bob)), lose: () => void close(), close }
}

const newDialer = () => createRtcDialer({ webrtc: undefined, clock })

kit('store', (test) => runStoreTests({ test, newPlace, histories: 10, seed: Date.now() % 2 ** 30 }))
kit('keyring', (test) =>
  runKeyringTests({
    test,
    newKeyring: async () => (await openKeyring(await newDatabase())).keyring,
  }),
)
kit('channel', (test) =>
  runChannelTests({
    test,
    async connect() {
      const { close, ...ends } = await connect()
      return { ...ends, move: () => pause(4), dispose: close }
    },
  }),
)
kit('sync', (test) => runSyncTests({ test, open: () => openWorld(connect) }))
kit('platform', runPlatformTests)
kit('stored', runStoredTests)
kit('quota', runQuotaTests)

declare global {
  var kits: { run(kit: string, title: string): Promise<string> }
}

globalThis.kits = {
  /** Empty when it held. */
  async run(name, title) {
    const run = tests[name]?.get(title)
    if (!run) return `the page knows no such test: ${name}: ${title}`
    try {
      await run()
      return ''
    } catch (error) {
      return error instanceof Error
        ? `${error.name}: ${error.message}\n${error.stack}`
        : String(error)
    }
  },
}
