/** UP2: what a home remembers. */
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readSettings, rememberSettings, settingsPath } from '@baton/client/node/settings'
import { expect, it } from 'vitest'
import { tempFolder } from '../../support/temp.ts'

it('UP2 what was said once is there the next time, until it is taken back', () => {
  const folder = join(tempFolder('settings'), 'config')
  expect(readSettings(folder)).toEqual({})
  expect(existsSync(folder)).toBe(false)
  rememberSettings(folder, { signal: 'https://signal.example.org', name: 'desk' })
  rememberSettings(folder, { confirm: true, ice: ['stun:a.example'] })
  expect(readSettings(folder)).toEqual({
    signal: 'https://signal.example.org',
    name: 'desk',
    confirm: true,
    ice: ['stun:a.example'],
  })
  rememberSettings(folder, { signal: undefined })
  expect(readSettings(folder).signal).toBeUndefined()
  if (process.platform !== 'win32') expect(statSync(settingsPath(folder)).mode & 0o777).toBe(0o600)
})

it.each(['{', '[]', '{"signal":7}', '{"policy":"sometimes"}', '{"unknown":1}', '{"name":""}'])(
  'UP2 a file that says %s is refused, and stays as it is',
  (content) => {
    const folder = tempFolder('settings')
    writeFileSync(settingsPath(folder), content)
    expect(() => readSettings(folder)).toThrow(/failed to read .*settings\.json/)
    expect(() => rememberSettings(folder, { confirm: true })).toThrow(/failed to read/)
    expect(readFileSync(settingsPath(folder), 'utf8')).toBe(content)
  },
)

it('UP3 a home that is a file, or that cannot be written, is told with what to do', () => {
  const file = join(tempFolder('settings'), 'file')
  writeFileSync(file, 'x')
  expect(readSettings(file)).toEqual({})
  expect(() => rememberSettings(file, { confirm: true })).toThrow(
    expect.objectContaining({
      code: 'store-readonly',
      message: `failed to use ${file}: it is not a folder`,
      hint: expect.stringContaining('BATON_HOME'),
    }),
  )
  const below = join(file, 'baton')
  expect(() => rememberSettings(below, { confirm: true })).toThrow(
    expect.objectContaining({ message: `failed to use ${file}: it is not a folder` }),
  )
})

it('UP2 nothing is remembered that would not start', () => {
  const folder = tempFolder('settings')
  expect(() => rememberSettings(folder, { signal: 'ftp://x' })).toThrow(/signaling URL/)
  expect(existsSync(settingsPath(folder))).toBe(false)
})
