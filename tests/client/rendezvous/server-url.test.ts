/** RZ14: which URLs may be a service's. */
import { parseServerUrl } from '@baton/client/rendezvous/server-url'
import { expect, it } from 'vitest'

it.each([
  ['https://signal.example', 'https://signal.example', 'wss://signal.example/v1/socket'],
  ['wss://Signal.Example/', 'https://signal.example', 'wss://signal.example/v1/socket'],
  ['ws://10.0.0.4:7370', 'http://10.0.0.4:7370', 'ws://10.0.0.4:7370/v1/socket'],
  ['http://[::1]:80', 'http://[::1]', 'ws://[::1]/v1/socket'],
])('RZ14 %s is taken', (text, origin, socket) => {
  expect(parseServerUrl(text)).toEqual({
    origin,
    host: origin.replace(/^https?:\/\//, ''),
    calls: `${origin}/v1`,
    socket,
  })
})

it.each([
  '',
  'signal.example',
  'ftp://signal.example',
  'javascript:alert(1)',
  'file:///etc/passwd',
  'https://user:secret@signal.example',
  'https://user@signal.example',
  'https://:secret@signal.example',
  'https://signal.example/path',
  'https://signal.example/?q=1',
  'https://signal.example/?',
  'https://signal.example/#',
  'https://',
])('RZ14 %s is refused, and not repeated', (text) => {
  try {
    parseServerUrl(text)
  } catch (error) {
    expect(error).toMatchObject({ code: 'invalid' })
    expect(String(error)).not.toContain('secret')
    return
  }
  expect.fail('taken')
})
