/** What devices are called (rule RS4). */
import { cleanText } from '@baton/shared/clean-text'
import { BatonError } from '@baton/shared/errors'
import type { DeviceId } from '@baton/shared/ids'
import { maxNameChars } from '@baton/shared/limits'
import type { Devices } from './devices.ts'
import type { Mesh } from './mesh-api.ts'

export function createNaming(devices: Devices, news: (device: DeviceId) => void): Mesh['rename'] {
  return async (device, name) => {
    if (name === '' || cleanText(name, maxNameChars) !== name) {
      throw new BatonError('invalid', 'failed to rename: a name has 1 to 64 characters to be seen')
    }
    await devices.rename(device, name)
    news(device)
  }
}
