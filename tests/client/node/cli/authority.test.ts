/** CL15, CL16: `baton role` and `baton remove`, and how devices show them. */
import type { DeviceRow } from '@baton/client/core/mesh-api'
import { remove, role } from '@baton/client/node/cli/authority'
import type { Context } from '@baton/client/node/cli/command'
import { devices, findDevice } from '@baton/client/node/cli/devices'
import { createPaint } from '@baton/client/node/cli/paint'
import type { DeviceId } from '@baton/shared/ids'
import type { Role } from '@baton/shared/roster/authority'
import { expect, it } from 'vitest'
import { alice, aliceId, bob, bobId, createFakeMesh } from '../../../support/fake-mesh.ts'

function world(rows: readonly DeviceRow[] = [alice, bob]) {
  const told: string[] = []
  const objects: object[] = []
  const mesh = createFakeMesh({ devices: rows })
  const control = {
    devices: mesh.devices,
    remove: (request: { device: DeviceId }) => mesh.remove(request.device),
    role: (request: { device: DeviceId; role: Role }) => mesh.setRole(request.device, request.role),
  }
  const terminal = {
    asks: false,
    columns: 160,
    note: createPaint(false),
    paint: createPaint(false),
    object: (value: object) => void objects.push(value),
    tell: (text: string) => void told.push(text),
    line: (text: string) => void told.push(text),
  }
  const context = { terminal, control: () => control, now: () => 3_600_000 } as unknown as Context
  return { context, told, objects, asked: mesh.asked }
}

it('CL15 gives another device a role, or this one; a word that is none is usage', async () => {
  const { context, told, asked, objects } = world()
  await role(context, 'bob', 'admin')
  await role(context, aliceId.slice(0, 6), 'observer')
  expect(asked).toEqual([
    ['setRole', bobId, 'admin'],
    ['setRole', aliceId, 'observer'],
  ])
  expect(told).toEqual(['bob is an admin now', 'alice is an observer now'])
  expect(objects[0]).toEqual({ type: 'result', ok: true, device: bobId, role: 'admin' })
  await expect(role(context, 'bob', 'owner')).rejects.toMatchObject({ code: 'usage' })
  await expect(role(context, 'nobody', 'admin')).rejects.toMatchObject({ code: 'not-paired' })
})

it('CL15 says so while only this device can remove others', async () => {
  const hint = 'only this device can remove others: baton role <device> admin'
  const member = { ...bob, role: 'member' } as const
  for (const [rows, told] of [
    [[alice, member], true],
    [[alice, bob], false],
    [[{ ...alice, role: 'member' }, { ...bob }], false],
    [[alice], false],
  ] as const) {
    const run = world(rows)
    await devices(run.context)
    expect(run.told.includes(hint)).toBe(told)
  }
})

it('CL16 removes a device only with a yes: without a terminal by --yes alone', async () => {
  const { context, told, asked, objects } = world()
  await expect(remove(context, 'bob', {})).rejects.toMatchObject({
    code: 'usage',
    hint: expect.stringContaining('--yes'),
  })
  expect(asked).toEqual([])
  await remove(context, 'bob', { yes: true })
  expect(asked).toEqual([['remove', bobId]])
  expect(told[0]).toBe('bob is removed')
  expect(objects).toEqual([{ type: 'result', ok: true, device: bobId }])
})

it('CL20 removes neither of two devices that have one name', async () => {
  const { context, asked } = world([
    { ...alice, name: 'desk' },
    { ...bob, name: 'desk' },
  ])
  await expect(remove(context, 'desk', { yes: true })).rejects.toMatchObject({ code: 'ambiguous' })
  await expect(role(context, 'desk', 'observer')).rejects.toMatchObject({ code: 'ambiguous' })
  expect(asked).toEqual([])
})

it('CL16 a removed device is shown with who removed it and when, and is named only to be removed', async () => {
  const gone: DeviceRow = { ...bob, state: 'removed', removed: { by: aliceId, at: 0 } }
  const guest: DeviceRow = { ...bob, name: 'visitor', trust: 0.3, role: undefined }
  const { context, told } = world([alice, gone, guest])
  await devices(context)
  const [titles, , line, visitor] = told
  expect(titles).toMatch(/role +known/)
  expect(line).toMatch(/bob +removed 1 h ago by alice/)
  expect(visitor).toMatch(/visitor .* guest/)
  expect(() => findDevice([alice, gone], 'bob')).toThrow('no paired device')
  expect(findDevice([alice, gone], 'bob', { removed: true })).toBe(gone)
})

it('CL37 a guest is no device for good: its visit ends without a question', async () => {
  const { context, told, asked, objects } = world([alice, { ...bob, trust: 0.3, role: undefined }])
  await remove(context, 'bob', {})
  expect(asked).toEqual([['remove', bobId]])
  expect(objects).toEqual([{ type: 'result', ok: true, device: bobId }])
  expect(told[0]).toBe('the visit with bob is ended')
  expect(told.join()).toContain('closed on both ends')
})
