/** Private memory of both devices, link hosts included, while one large session is handed over. */

import type { Measure, Options } from './measure.ts'
import { benchSession } from './session.ts'

export async function measureMemory({ mib }: Options): Promise<Measure[]> {
  const run = await benchSession('text', mib * 1_048_576)
  return [
    { name: 'session', value: run.bytes / 1_048_576, unit: 'MiB' },
    { name: 'private memory above start', value: run.privateMib, unit: 'MiB', target: '<= 200' },
    { name: 'mapped store pages above start', value: run.mappedMib, unit: 'MiB' },
    { name: 'read to placed', value: run.total, unit: 's' },
  ]
}
