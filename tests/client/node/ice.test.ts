/** CL8: which ICE servers a person may name, and that credentials stay out of sight. */
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseIce } from '@baton/client/node/ice'
import { isBatonError } from '@baton/shared/errors'
import { expect, it } from 'vitest'
import { tempFolder } from '../../support/temp.ts'

const credentials = { BATON_TURN_USERNAME: 'alice', BATON_TURN_CREDENTIAL: 'hunter-two' }

function file(content: string, mode = 0o600): string {
  const path = join(tempFolder('ice'), 'ice.json')
  writeFileSync(path, content)
  chmodSync(path, mode)
  return path
}

function refusal(run: () => unknown): { code: string; message: string } {
  try {
    run()
  } catch (error) {
    if (isBatonError(error)) return { code: error.code, message: `${error.message} ${error.hint}` }
  }
  throw new Error('it was taken')
}

it('CL8 none by default, and URLs as they are', () => {
  expect(parseIce([], 'auto', {})).toEqual({ servers: [], policy: 'auto' })
  expect(parseIce(['stun:stun.example.org:3478', 'stun:[2001:db8::1]'], 'direct', {})).toEqual({
    servers: [{ urls: 'stun:stun.example.org:3478' }, { urls: 'stun:[2001:db8::1]' }],
    policy: 'direct',
  })
})

it('CL8 a TURN URL takes its credentials from the environment', () => {
  const url = 'turns:turn.example.org:5349?transport=tcp'
  expect(parseIce([url], 'relay', credentials).servers).toEqual([
    { urls: url, username: 'alice', credential: 'hunter-two' },
  ])
  expect(refusal(() => parseIce([url], 'relay', {})).message).toContain('BATON_TURN_CREDENTIAL')
})

it('CL8 a file is a list of servers that only its owner can read', () => {
  const list = [{ urls: ['turn:a.example:1', 'turn:b.example'], username: 'u', credential: 'c' }]
  expect(parseIce([file(JSON.stringify(list))], 'auto', {}).servers).toEqual(list)
  if (process.platform === 'win32') return
  const open = file(JSON.stringify(list), 0o644)
  expect(refusal(() => parseIce([open], 'auto', {})).code).toBe('keyring-mode')
})

it.each([
  'turn:user:hunter-two@turn.example.org',
  'stun:',
  'stun:host:99999',
  'stun:host?transport=udp',
  'stun://host',
  'turn:host?transport=sctp',
  'stun:a b',
  '/nowhere/ice.json',
])('CL8 refuses %s', (named) => {
  const { code, message } = refusal(() => parseIce([named], 'auto', credentials))
  expect(code).toBe('invalid')
  expect(message).not.toContain('hunter-two')
})

it.each([
  '',
  '{}',
  'hunter-two',
  '[{"urls":[]}]',
  '[{"urls":"turn:a.example"}]',
  '[{"urls":"x:"}]',
])('CL8 refuses a file that says %s', (content) => {
  const { code, message } = refusal(() => parseIce([file(content)], 'auto', {}))
  expect(code).toBe('invalid')
  expect(message).not.toContain('hunter-two')
})

it('CL8 policy relay needs something to relay', () => {
  expect(refusal(() => parseIce(['stun:a.example'], 'relay', {})).message).toContain('TURN')
})
