/** SV20: the service's options from its environment. */
import { parseEnvironment } from '@baton/signaling/environment'
import { expect, it } from 'vitest'

it('SV20 without variables it listens on loopback and answers to no further name', () => {
  expect(parseEnvironment({})).toEqual({
    host: '127.0.0.1',
    port: 7370,
    names: [],
    origins: [],
    proxies: [],
    publicMetrics: false,
    limits: {},
  })
})

it('SV20 lists are split at commas, numbers are bounded', () => {
  const env = {
    BATON_SIGNAL_PORT: '0',
    BATON_SIGNAL_HOST: '::',
    BATON_SIGNAL_NAMES: 'signal.example, lan.test:7370,',
    BATON_SIGNAL_METRICS: 'public',
    BATON_SIGNAL_SLOTS: '50',
  }
  expect(parseEnvironment(env)).toMatchObject({
    host: '::',
    port: 0,
    names: ['signal.example', 'lan.test:7370'],
    publicMetrics: true,
    limits: { slots: 50 },
  })
})

it.each([
  ['BATON_SIGNAL_PORT', '70000'],
  ['BATON_SIGNAL_PORT', '80x'],
  ['BATON_SIGNAL_METRICS', 'yes'],
  ['BATON_SIGNAL_SLOTS', '-1'],
])('SV20 %s=%s is refused by name', (name, value) => {
  expect(() => parseEnvironment({ [name]: value })).toThrow(`failed to read ${name}`)
})
