/**
 * What the link itself costs: messages through both ends over a pipe that only copies, on a clock that
 * never waits. Run after `tsc -b`: node node_modules/.cache/tests/bench/link.js [MiB] [message bytes]
 */
import { fileURLToPath } from 'node:url'
import { createLink } from '@baton/client/core/link/link'
import type { Lane } from '@baton/client/core/ports/channel'
import type { FramePipe, PipeLane } from '@baton/client/core/ports/pipe'
import { createManualClock } from '../support/manual-clock.ts'

export interface LinkBench {
  readonly messageBytes: number
  readonly mibPerSecond: number
  /** Of this process, both ends together. */
  readonly cpuSecondsPerGb: number
  readonly frames: number
}

/** Copies what it is given, as a native pipe does, and hands it over when asked. */
function createCopyPipes() {
  const handlers: ((lane: PipeLane, message: Uint8Array) => void)[] = []
  const queues: [PipeLane, Uint8Array][][] = [[], []]
  let frames = 0
  const end = (side: 0 | 1): FramePipe => ({
    fingerprints: { local: new Uint8Array(32), remote: new Uint8Array(32) },
    maxMessageBytes: 262_144,
    gate: 'empty',
    buffered: () => 0,
    send(lane, message) {
      frames += 1
      queues[side]?.push([lane, message.slice()])
    },
    onMessage(handler) {
      handlers[side] = handler
    },
    onDrain: () => {},
    onClose: () => {},
    path: () => 'direct',
    restart: () => {},
    close: () => {},
  })
  return {
    alice: end(0),
    bob: end(1),
    move(): boolean {
      let moved = false
      for (const side of [0, 1] as const) {
        const batch = queues[side] ?? []
        queues[side] = []
        for (const [lane, message] of batch) handlers[1 - side]?.(lane, message)
        moved ||= batch.length > 0
      }
      return moved
    },
    frames: () => frames,
  }
}

export async function benchLink(
  totalBytes: number,
  messageBytes: number,
  lane: Lane = 'bulk',
): Promise<LinkBench> {
  const clock = createManualClock()
  const pipes = createCopyPipes()
  const alice = createLink({ pipe: pipes.alice, clock })
  const bob = createLink({ pipe: pipes.bob, clock })
  let received = 0
  bob.receive((_lane, message) => {
    received += message.length
  })
  alice.admit()
  bob.admit()
  const message = new Uint8Array(messageBytes).fill(7)
  const messages = Math.ceil(totalBytes / messageBytes)
  const feeding = (async () => {
    for (let i = 0; i < messages; i++) await alice.send(lane, message)
  })()
  const cpu = process.cpuUsage()
  const start = performance.now()
  while (received < messages * messageBytes) {
    if (!pipes.move()) clock.advance(1)
    await Promise.resolve()
  }
  await feeding
  const seconds = (performance.now() - start) / 1000
  const used = process.cpuUsage(cpu)
  return {
    messageBytes,
    mibPerSecond: received / 1024 / 1024 / seconds,
    cpuSecondsPerGb: (used.user + used.system) / 1e6 / (received / 1e9),
    frames: pipes.frames(),
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const mib = Number(process.argv[2] ?? 1024)
  const sizes =
    process.argv[3] === undefined ? [262_144, 65_536, 16_384, 1024, 100] : [Number(process.argv[3])]
  for (const size of sizes) {
    const total = Math.min(mib * 1024 * 1024, size * 400_000)
    await benchLink(Math.min(total, 64 * 1024 * 1024), size)
    const row = await benchLink(total, size)
    console.log(
      `${String(size).padStart(8)} B messages  ${row.mibPerSecond.toFixed(0).padStart(6)} MiB/s  ` +
        `${row.cpuSecondsPerGb.toFixed(2)} CPU s/GB  ${row.frames} frames`,
    )
  }
}
