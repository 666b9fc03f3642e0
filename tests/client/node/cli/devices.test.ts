/** CL6, CL20: which device a person means. */
import type { DeviceRow } from '@baton/client/core/mesh-api'
import { doing, findDevice } from '@baton/client/node/cli/devices'
import type { DeviceId, SessionId } from '@baton/shared/ids'
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

it('PN2 what a device is at is one short phrase, with what it writes first', () => {
  const at = (...presence: [string, boolean][]) =>
    doing(
      row('laptop', {
        presence: presence.map(([session, writing]) => ({
          ...{ session: session as SessionId, watching: !writing, writing },
        })),
      }),
    )
  expect(doing(row('laptop'))).toBe('')
  expect(at()).toBe('')
  expect(at(['0123456789', false])).toBe('watches 01234567')
  expect(at(['aaaaaaaaaa', false], ['bbbbbbbbbb', true])).toBe('writes bbbbbbbb, 1 more')
})

it('CL20 of two devices of one name none is chosen, this one neither, and an id beats a name like it', () => {
  const self = row('desk', { self: true })
  const twins = [self, row('desk', { id: 'other-long-id' as DeviceId, short: 'other-lo' })]
  expect(() => findDevice(twins, 'desk', { self: true })).toThrow(
    'desk (desk, this device), desk (other-lo)',
  )
  expect(findDevice(twins, 'desk').short).toBe('other-lo')
  expect(findDevice(twins, 'desk-lon', { self: true })).toBe(self)
  expect(() => findDevice(twins, 'desk-lon')).toThrow('that is this device')

  const victim = row('phone')
  const named = [self, victim, row('phone-lo', { id: 'hostile-id' as DeviceId })]
  expect(() => findDevice(named, 'phone-lo')).toThrow('2 devices fit this')
  const whole = [self, victim, row('phone-long-id', { id: 'hostile-id' as DeviceId })]
  expect(findDevice(whole, 'phone-long-id')).toBe(victim)
})
