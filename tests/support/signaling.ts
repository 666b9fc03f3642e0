/** A real service on loopback and real clients of it, for tests. */
import { randomBytes } from 'node:crypto'
import type { Clock } from '@baton/client/core/ports/platform'
import { openSignalSocket } from '@baton/client/node/signal-socket'
import { createRendezvous, type RendezvousOptions } from '@baton/client/rendezvous/client'
import type { ServiceLimits } from '@baton/signaling/limits'
import { createSignaling, type SignalingOptions } from '@baton/signaling/signaling'

export const realClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms)
    timer.unref()
    return () => clearTimeout(timer)
  },
}

/** What one address may not do in earnest, and all tests share one. */
export const generous: Partial<ServiceLimits> = {
  openPerMinute: 10_000,
  claimPerMinute: 10_000,
  putPerMinute: 100_000,
  listenPerMinute: 10_000,
  readPerMinute: 100_000,
  postsPerSecond: 10_000,
}

export async function startSignaling(options: SignalingOptions = {}) {
  const make = (port: number) =>
    createSignaling({ ...options, port, limits: { ...generous, ...options.limits } })
  let signaling = make(options.port ?? 0)
  const { url, port } = await signaling.listen()
  return {
    url,
    port,
    client: (more: Partial<RendezvousOptions> = {}) =>
      createRendezvous({
        server: url,
        clock: realClock,
        random: { bytes: (length) => new Uint8Array(randomBytes(length)) },
        socket: openSignalSocket,
        ...more,
      }),
    sweep: () => signaling.sweep(),
    async restart() {
      await this.down()
      await this.up()
    },
    down: () => signaling.close(),
    async up() {
      signaling = make(port)
      await signaling.listen()
    },
    close: () => signaling.close(),
  }
}
