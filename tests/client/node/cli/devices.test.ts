/** CL6, CL1: which device a person means. */
import type { DeviceRow } from '@baton/client/core/mesh-api'
import { findDevice } from '@baton/client/node/cli/devices'
import { expect, it } from 'vitest'

const row = (name: string, more: Partial<DeviceRow> = {}) =>
  ({ id: `${name}-long-id`, short: name, name, self: false, ...more }) as DeviceRow

const rows = [row('desk', { self: true }), row('laptop')]

it('CL6 a device goes by its name or the beginning of it, and an empty name is none', () => {
  for (const text of ['laptop', 'LAP', 'laptop-long']) {
    expect(findDevice(rows, text).name).toBe('laptop')
  }
  for (const text of ['', ' ', 'tower']) {
    expect(() => findDevice(rows, text)).toThrow('no paired device has this name')
  }
})
