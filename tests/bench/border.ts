/**
 * What the border between a process and its link host costs by itself. Run after `tsc -b`:
 * node node_modules/.cache/tests/bench/border.js [MiB]
 */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { createHostDialer } from '@baton/client/node/rtc/host-dialer'

export interface Border {
  readonly toHostMibPerSecond: number
  readonly fromHostMibPerSecond: number
  /** Of both processes together. */
  readonly cpuSecondsPerGb: { readonly toHost: number; readonly fromHost: number }
  /** There and back, of 100 bytes. */
  readonly roundTripUs: { readonly p50: number; readonly p95: number }
}

const seconds = (pid: number | 'self'): number => {
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) / 100
}

export async function measureBorder(bytes: number, messageBytes = 65_536): Promise<Border> {
  const dialer = createHostDialer({ entry: new URL('./border-host.js', import.meta.url) })
  const ice = { servers: [], policy: 'auto' } as const
  const channel = await dialer.dial({ initiator: true, ice, signal() {} }).channel
  const cpu = () => seconds('self') + seconds(dialer.pid ?? 'self')
  let wake = () => {}
  channel.receive((lane) => {
    if (lane !== 'bulk') wake()
  })
  const woken = () => new Promise<void>((resolve) => (wake = resolve))
  const timed = async (run: () => Promise<void>) => {
    const before = cpu()
    const started = performance.now()
    await run()
    const took = (performance.now() - started) / 1000
    return { mib: bytes / 1_048_576 / took, cpu: (cpu() - before) / (bytes / 1e9) }
  }

  const trips: number[] = []
  const small = new Uint8Array(100)
  for (let trip = 0; trip < 2_500; trip++) {
    const started = performance.now()
    const back = woken()
    void channel.send('live', small)
    await back
    trips.push((performance.now() - started) * 1000)
  }
  const measured = trips.slice(500).sort((a, b) => a - b)

  const count = Math.ceil(bytes / messageBytes)
  const there = await timed(async () => {
    const done = woken()
    for (let sent = 1; sent < count; sent++)
      await channel.send('bulk', new Uint8Array(messageBytes))
    const last = new Uint8Array(messageBytes)
    last[0] = 1
    await channel.send('bulk', last)
    await done
  })
  const back = await timed(async () => {
    const done = woken()
    await channel.send('control', new Uint8Array(Uint32Array.of(count, messageBytes).buffer))
    await done
  })
  await dialer.close()
  return {
    toHostMibPerSecond: there.mib,
    fromHostMibPerSecond: back.mib,
    cpuSecondsPerGb: { toHost: there.cpu, fromHost: back.cpu },
    roundTripUs: { p50: measured[1_000] ?? 0, p95: measured[1_900] ?? 0 },
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  console.log(await measureBorder(Number(process.argv[2] ?? 512) * 1_048_576))
}
