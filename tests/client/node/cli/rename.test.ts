/** RS4, CL13: `baton rename`. */
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
  expect((await run(aliceId.slice(0, 8), 'y')).asked).toEqual([['rename', aliceId, 'y']])
  await expect(run('nobody', 'x')).rejects.toMatchObject({ code: 'not-paired' })
})

it('CL13 a name that nobody could see is a fault of the line, with a hint', async () => {
  for (const name of ['', '  ', 'a\u001b[31mb', '\u202e', 'x'.repeat(65)]) {
    await expect(run('bob', name)).rejects.toMatchObject({
      code: 'usage',
      hint: expect.stringContaining('old laptop'),
    })
  }
})
