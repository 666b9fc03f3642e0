/** CS1: a home that is a symbolic link. */
import { chmodSync, mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { serveControl } from '@baton/client/node/control/serve'
import { Hono } from 'hono'
import { expect, it } from 'vitest'
import { tempFolder } from '../../../support/temp.ts'

it.skipIf(process.platform === 'win32')(
  'CS1 a home of one’s own behind a link serves',
  async () => {
    const folder = join(tempFolder('control'), 'real')
    const link = `${folder}-link`
    mkdirSync(folder, { mode: 0o700 })
    symlinkSync(folder, link)
    const server = await serveControl(join(link, 's'), new Hono())
    await server.close()
    chmodSync(folder, 0o777)
    const refused = serveControl(join(link, 's'), new Hono())
    await expect(refused).rejects.toMatchObject({ code: 'keyring-mode' })
  },
)
