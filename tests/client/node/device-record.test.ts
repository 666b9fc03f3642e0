/** RS5: what a device finds out about itself. */
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { detectDevice } from '@baton/client/node/device-record'
import { deviceRecordPayload, parseDeviceRecord } from '@baton/shared/roster/record'
import { expect, it } from 'vitest'
import { tempFolder } from '../../support/temp.ts'

const can = (record: ReturnType<typeof detectDevice>, name: string) =>
  record.capabilities.find((each) => each.name === name)

it('RS5 a home with an agent’s sessions can import them; one without says so', () => {
  const home = tempFolder('record')
  const bare = detectDevice({ home, env: {} })
  expect(can(bare, 'session_import')).toEqual({
    name: 'session_import',
    version: '',
    supported: false,
  })
  expect(can(bare, 'agent:claude-code')?.supported).toBe(false)
  expect(can(bare, 'webrtc')).toMatchObject({
    supported: true,
    version: expect.stringMatching(/^\d+\./),
  })
  for (const name of ['indexeddb', 'speech_recognition', 'voice_input']) {
    expect(can(bare, name)?.supported).toBe(false)
  }
  mkdirSync(join(home, '.claude'))
  expect(can(detectDevice({ home, env: {} }), 'session_import')?.supported).toBe(true)
  // What is found can be said in the roster.
  expect(parseDeviceRecord(deviceRecordPayload(bare))).toEqual(bare)
})

it.skipIf(process.platform === 'win32')(
  'RS5 an agent that could be run counts without any session',
  () => {
    const home = tempFolder('record')
    const bin = join(home, 'bin')
    mkdirSync(bin)
    writeFileSync(join(bin, 'claude'), '')
    chmodSync(join(bin, 'claude'), 0o755)
    const record = detectDevice({ home, env: { PATH: `/nowhere:${bin}` } })
    expect(can(record, 'agent:claude-code')?.supported).toBe(true)
    expect(can(record, 'session_import')?.supported).toBe(false)
  },
)

it.skipIf(process.platform !== 'linux')('RS5 a phone, a screen or neither decides its type', () => {
  const home = tempFolder('record')
  const typeOf = (env: Record<string, string>) => detectDevice({ home, env }).type
  expect(typeOf({ TERMUX_VERSION: '0.118' })).toBe('mobile')
  // A board says what it is whatever is plugged into it.
  expect(['desktop', 'embedded']).toContain(typeOf({ DISPLAY: ':0' }))
  expect(['server', 'embedded']).toContain(typeOf({}))
})
