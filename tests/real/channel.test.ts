/** The kit for channels over real WebRTC, in one process and through two link hosts. */
import { setTimeout as sleep } from 'node:timers/promises'
import { createHostDialer } from '@baton/client/node/rtc/host-dialer'
import { createInProcessDialer } from '@baton/client/node/rtc/in-process-dialer'
import { type ChannelEnds, runChannelTests } from '@baton/client/testing/channel'
import { afterAll, describe, it } from 'vitest'
import { openPair } from '../support/real-pair.ts'

describe('channel: WebRTC in one process', () => runChannelTests({ test: it, connect: inProcess }))

async function inProcess(): Promise<ChannelEnds> {
  const dialers = [createInProcessDialer(), createInProcessDialer()] as const
  const close = () => Promise.all(dialers.map((dialer) => dialer.close()))
  return {
    ...(await openPair(...dialers)),
    move: () => sleep(5),
    lose: () => void close(),
    dispose: async () => void (await close()),
  }
}

const hosts = [createHostDialer(), createHostDialer()] as const
afterAll(async () => void (await Promise.all(hosts.map((host) => host.close()))))

describe('channel: WebRTC through link hosts', () =>
  runChannelTests({ test: it, connect: throughHosts }))

async function throughHosts(): Promise<ChannelEnds> {
  const ends = await openPair(...hosts)
  return {
    ...ends,
    move: () => sleep(5),
    lose() {
      for (const { pid } of hosts) if (pid !== undefined) process.kill(pid, 'SIGKILL')
    },
    dispose: async () => void (await Promise.all([ends.alice.close(''), ends.bob.close('')])),
  }
}
