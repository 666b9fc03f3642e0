/** From the code typed to the first session placed on the device that typed it, on loopback. */
import { openDevices, writeSession } from './devices.ts'
import type { Measure } from './measure.ts'

const sessionBytes = 100 * 1024

export async function measurePairing(): Promise<Measure[]> {
  let id = ''
  const devices = await openDevices((folder) => {
    id = writeSession(folder, 'text', sessionBytes)
  })
  try {
    const { alice, bob, project } = devices
    const { code, ended } = await alice.invite()
    const typed = performance.now()
    const joined = bob.join(code)
    const paired = ended.then((end) => {
      if (end.at !== 'paired') throw new Error(JSON.stringify(end))
      return performance.now()
    })
    await joined
    const pairedAt = await paired
    const { ms } = await alice.sent(id, { to: bob.self, maps: [], project })
    const usable = performance.now()
    return [
      { name: 'code typed to paired', value: pairedAt - typed, unit: 'ms' },
      { name: 'first session of 100 KB', value: ms, unit: 'ms' },
      {
        name: 'code typed to session usable',
        value: usable - typed,
        unit: 'ms',
        target: '<= 1500',
      },
    ]
  } finally {
    await devices.close()
  }
}
