/**
 * Incompressible data over a link of 100 Mbit/s, each way: where the network is what is slow. Runs in
 * a network namespace of its own, whose loopback scripts/bench.mjs has shaped.
 */
import type { Measure, Options } from './measure.ts'
import { bestRaw, measureTransfer, type Setting } from './raw.ts'
import { benchSession, settingOf } from './session.ts'

export async function measureShaped(options: Options): Promise<Measure[]> {
  const bytes = options.mib * 1_048_576
  const { raw: tuned } = options.kept as { raw?: Setting }
  const raw = tuned ? await measureTransfer(tuned, bytes) : await bestRaw(bytes)
  Object.assign(options.kept, { raw: settingOf(raw) })
  const run = await benchSession('random', bytes)
  const rawCpu = raw.cpuSecondsPerGb.sender + raw.cpuSecondsPerGb.receiver
  return [
    { name: 'raw channel, best setting', value: raw.mibPerSecond, unit: 'MiB/s' },
    { name: 'raw channel, best setting, CPU', value: rawCpu, unit: 's/GB' },
    { name: 'incompressible, to the other disk', value: run.carryMib, unit: 'MiB/s' },
    {
      name: 'incompressible, CPU of all of it',
      value: run.senderCpu + run.receiverCpu,
      unit: 's/GB',
    },
    {
      name: 'incompressible / raw, 100 Mbit/s',
      value: run.carryMib / raw.mibPerSecond,
      unit: 'x',
      target: '>= 0.9',
    },
  ]
}
