/** RS4: `baton rename`. */
import type { Context } from '@baton/client/node/cli/command'
import { createPaint } from '@baton/client/node/cli/paint'
import { rename } from '@baton/client/node/cli/rename'
import type { DeviceId } from '@baton/shared/ids'
import { expect, it } from 'vitest'
import { aliceId, bobId, createFakeMesh } from '../../../support/fake-mesh.ts'

async function run(device: string, name: string) {
  const told: string[] = []
  const mesh = createFakeMesh()
  const control = {
    devices: mesh.devices,
    rename: (request: { device: DeviceId; name: string }) =>
      mesh.rename(request.device, request.name),
  }
  const terminal = {
    note: createPaint(false),
    object: () => undefined,
    tell: (text: string) => void told.push(text),
  }
  await rename({ terminal, control: () => control } as unknown as Context, device, name)
  return { told, asked: mesh.asked }
}

it('RS4 names another device, or this one, by name or id', async () => {
  expect(await run('bob', 'old laptop')).toEqual({
    told: ['bob is called old laptop now'],
    asked: [['rename', bobId, 'old laptop']],
  })
  expect((await run(bobId.slice(0, 8), 'x')).asked).toEqual([['rename', bobId, 'x']])
  expect((await run('Alice', 'desk')).asked).toEqual([['rename', aliceId, 'desk']])
  await expect(run('nobody', 'x')).rejects.toMatchObject({ code: 'not-paired' })
})
