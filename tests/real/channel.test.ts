/** The channel contract over real WebRTC, in one process and through two link hosts. */
import { setTimeout as sleep } from 'node:timers/promises'
import { createHostDialer } from '@baton/client/node/rtc/host-dialer'
import { createInProcessDialer } from '@baton/client/node/rtc/in-process-dialer'
import { afterAll } from 'vitest'
import { channelContract } from '../contract/channel.ts'
import { openPair } from '../support/real-pair.ts'

channelContract('WebRTC in one process', async () => {
  const dialers = [createInProcessDialer(), createInProcessDialer()] as const
  const close = () => Promise.all(dialers.map((dialer) => dialer.close()))
  return {
    ...(await openPair(...dialers)),
    move: () => sleep(5),
    lose: () => void close(),
    dispose: async () => void (await close()),
  }
})

const hosts = [createHostDialer(), createHostDialer()] as const
afterAll(async () => void (await Promise.all(hosts.map((host) => host.close()))))

channelContract('WebRTC through link hosts', async () => {
  const ends = await openPair(...hosts)
  return {
    ...ends,
    move: () => sleep(5),
    lose() {
      for (const { pid } of hosts) if (pid !== undefined) process.kill(pid, 'SIGKILL')
    },
    dispose: async () => void (await Promise.all([ends.alice.close(''), ends.bob.close('')])),
  }
})
