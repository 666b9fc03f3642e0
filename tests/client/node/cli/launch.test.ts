/** CL13: what was typed and cannot be used, before anything is started or kept. */
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Context } from '@baton/client/node/cli/command'
import { doctor } from '@baton/client/node/cli/doctor'
import { type LaunchOptions, launchOptions } from '@baton/client/node/cli/launch'
import { pair } from '@baton/client/node/cli/pair'
import { findPlaces } from '@baton/client/node/paths'
import { settingsPath } from '@baton/client/node/settings'
import { expect, it } from 'vitest'
import { tempFolder } from '../../../support/temp.ts'

function contextAt(folder: string): Context {
  const env = { BATON_HOME: join(folder, 'baton') }
  const places = findPlaces({ platform: 'linux', env, home: folder, temp: folder, cwd: folder })
  const untouched = () => expect.fail('nothing is asked, drawn or started')
  const terminal = { asks: true, paint: {}, object: untouched, line: untouched, tell: untouched }
  const more = { terminal, control: untouched, onInterrupt: untouched, now: () => 0 }
  return { env, home: folder, cwd: folder, places, ...more } as unknown as Context
}

const usage = (message: RegExp) =>
  expect.objectContaining({
    code: 'usage',
    message: expect.stringMatching(message),
    hint: expect.stringMatching(/./),
  })

const many = Array.from({ length: 17 }, (_, at) => `stun:s${at}.example`)
const unusable: readonly LaunchOptions[] = [
  { signal: '' },
  { signal: 'signal.example' },
  { signal: 'ftp://signal.example' },
  { signal: 'https://user:secret@signal.example' },
  { ice: [''] },
  { ice: ['.'] },
  { ice: ['stun:'] },
  { ice: ['stun:a.example', 'turn:b.example?transport=sctp'] },
  { ice: ['turn:user:secret@b.example'] },
  { ice: ['turn:b.example'] },
  { ice: ['nowhere.json'] },
  { ice: many },
  { ice: ['stun:a.example'], policy: 'relay' },
  { policy: 'relay' },
]

it.each(unusable)('CL13 %j is a fault of the line, and nothing is kept', (given) => {
  const context = contextAt(tempFolder('launch'))
  const run = () => launchOptions(context, { name: 'desk', ...given })
  expect(run).toThrow(usage(/^failed to read the (signaling URL|ICE servers): /))
  expect(run).not.toThrow(/secret/)
  expect(existsSync(context.places.config)).toBe(false)
})

it('CL13 an ICE file that was typed and holds no servers is a fault of the line', () => {
  const context = contextAt(tempFolder('launch'))
  const path = join(context.cwd, 'ice.json')
  for (const content of ['{', '[{"urls":"turn:a.example"}]']) {
    writeFileSync(path, content, { mode: 0o600 })
    expect(() => launchOptions(context, { ice: ['ice.json'] })).toThrow(usage(/ICE servers/))
  }
})

it('CL13 what the home remembers is not what was typed', () => {
  const context = contextAt(tempFolder('launch'))
  const path = settingsPath(context.places.config)
  launchOptions(context, { name: 'desk' })
  writeFileSync(path, '{"ice":["stun:"]}')
  for (const given of [{}, { name: 'lap' }]) {
    const invalid = expect.objectContaining({ code: 'invalid' })
    expect(() => launchOptions(context, given)).toThrow(invalid)
  }
})

it('CL13 pair and doctor say so before they ask or check anything', async () => {
  const context = contextAt(tempFolder('launch'))
  for (const signal of ['', 'ftp://signal.example', 'https://signal.example/path']) {
    await expect(pair(context, undefined, { signal })).rejects.toEqual(usage(/signaling URL/))
    await expect(doctor(context, { signal })).rejects.toEqual(usage(/signaling URL/))
  }
})
