/** CS7: Node's own agent ends a socket that is silent for five seconds; a person may take longer. */
import { join } from 'node:path'
import { setTimeout as pass } from 'node:timers/promises'
import { createControl } from '@baton/client/node/control/app'
import { connectControl } from '@baton/client/node/control/client'
import { serveControl } from '@baton/client/node/control/serve'
import { expect, it, onTestFinished } from 'vitest'
import { createFakeMesh, noArchiveFiles } from '../support/fake-mesh.ts'
import { tempFolder } from '../support/temp.ts'

it('CS7 a task that says nothing for a while is still heard', async () => {
  const mesh = createFakeMesh()
  const path = join(tempFolder('silent'), 'run', 'control.sock')
  const facts = {
    pid: 1,
    version: '0.1.0',
    startedAt: 0,
    embedded: true,
    beyond: false,
    confirm: false,
    keys: 'files' as const,
    ice: { servers: 0, policy: 'auto' as const },
  }
  const app = createControl({
    mesh,
    archives: noArchiveFiles,
    facts: () => facts,
    stop: () => undefined,
  })
  const server = await serveControl(path, app)
  onTestFinished(() => server.close())
  const { events } = connectControl(path).invite({ qr: false, confirm: false })
  const heard: string[] = []
  const reading = (async () => {
    for await (const event of events) heard.push(event.at)
  })()
  mesh.pairing.push({ at: 'waiting' })
  // Nothing but time shows this: the limit is the platform's.
  await pass(6500)
  mesh.pairing.push({ at: 'claimed' })
  mesh.pairing.end()
  await reading
  expect(heard).toEqual(['waiting', 'claimed'])
})
