/** CS1: what another user put in the place of the control socket is told nothing. */
import { chmodSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { connectControl } from '@baton/client/node/control/client'
import { expect, it, onTestFinished } from 'vitest'
import { tempFolder } from '../../../support/temp.ts'

it.skipIf(process.platform === 'win32')(
  'CS1 nothing is said in a folder others can write to',
  async () => {
    const heard: (string | undefined)[] = []
    const folder = tempFolder('control')
    const path = join(folder, 's')
    const theirs = createServer((asked, answer) => {
      heard.push(asked.url)
      answer.end('{}')
    })
    await new Promise<void>((resolve) => theirs.listen(path, resolve))
    onTestFinished(() => void theirs.close())
    chmodSync(folder, 0o777)
    const control = connectControl(path)
    await expect(control.status()).rejects.toMatchObject({ code: 'keyring-mode' })
    const events = control.join('x', { confirm: false }).events[Symbol.asyncIterator]()
    expect((await events.next()).value).toMatchObject({ at: 'failed', code: 'keyring-mode' })
    expect(heard).toEqual([])
  },
)
