/** SV13 to SV15: allowances, addresses, and the names the service answers to. */
import type { IncomingMessage } from 'node:http'
import { block, createDoor } from '@baton/signaling/door'
import { createRates } from '@baton/signaling/rate'
import fc from 'fast-check'
import { expect, it } from 'vitest'

function asking(options: {
  host?: string
  origin?: string
  forwarded?: string
  from?: string
  at?: string
}): IncomingMessage {
  return {
    headers: {
      host: options.host ?? '127.0.0.1:7370',
      ...(options.origin !== undefined && { origin: options.origin }),
      ...(options.forwarded !== undefined && { 'x-forwarded-for': options.forwarded }),
    },
    socket: {
      remoteAddress: options.from ?? '127.0.0.1',
      localAddress: options.at ?? '127.0.0.1',
      localPort: 7370,
    },
  } as unknown as IncomingMessage
}

const none = { names: [], origins: [], proxies: [] }

it('SV13 an address has a minute’s allowance, which comes back evenly', () => {
  let time = 0
  const rates = createRates(100, () => time)
  for (let n = 0; n < 10; n++) expect(rates.take('open', 'a', 10)).toBe(0)
  expect(rates.take('open', 'a', 10)).toBe(6)
  expect(rates.take('open', 'b', 10)).toBe(0)
  expect(rates.take('claim', 'a', 10)).toBe(0)
  time += 5_999
  expect(rates.take('open', 'a', 10)).toBe(1)
  time += 1
  expect(rates.take('open', 'a', 10)).toBe(0)
})

it('SV13 when the table is full newcomers share one allowance, until old ones are forgotten', () => {
  let time = 0
  const rates = createRates(2, () => time)
  rates.take('open', 'a', 10)
  rates.take('open', 'b', 10)
  for (let n = 0; n < 10; n++) expect(rates.take('open', `new${n}`, 10)).toBe(0)
  expect(rates.take('open', 'another', 10)).toBeGreaterThan(0)
  expect(rates.take('open', 'a', 10)).toBe(0)
  time += 60_000
  rates.sweep()
  expect(rates.take('open', 'another', 10)).toBe(0)
})

it('SV15 an IPv6 address counts by its first 56 bits', () => {
  expect(block('2001:db8:1:2ff::1')).toBe(block('2001:db8:1:200:ffff:ffff:ffff:ffff'))
  expect(block('2001:db8:1:2ff::1')).not.toBe(block('2001:db8:1:3ff::1'))
  expect(block('::1')).toBe(block('::ffff:0:1'))
  expect(block('64:ff9b::1.2.3.4')).toBe('64:ff9b:0:0')
  expect(block('10.1.2.3')).toBe('10.1.2.3')
})

it('SV15 the block of an address does not depend on how it is written', () => {
  const groups = fc.array(fc.integer({ min: 0, max: 0xffff }), { minLength: 8, maxLength: 8 })
  fc.assert(
    fc.property(groups, (all) => {
      const long = all.map((group) => group.toString(16).padStart(4, '0')).join(':')
      const short = new URL(`http://[${long}]`).hostname.slice(1, -1)
      expect(block(short)).toBe(block(long))
    }),
  )
})

it('SV15 X-Forwarded-For counts from a configured proxy only, and only its nearest stranger', () => {
  const bare = createDoor(none)
  expect(bare(asking({ forwarded: '9.9.9.9' }))?.address).toBe('127.0.0.1')
  const door = createDoor({ ...none, proxies: ['127.0.0.1', '10.0.0.0/8', 'fd00::/8'] })
  const address = (forwarded: string, from = '127.0.0.1') =>
    door(asking({ forwarded, from }))?.address
  expect(address('9.9.9.9')).toBe('9.9.9.9')
  expect(address('6.6.6.6, 9.9.9.9')).toBe('9.9.9.9')
  expect(address('6.6.6.6, 9.9.9.9, 10.2.3.4')).toBe('9.9.9.9')
  expect(address('6.6.6.6', '8.8.8.8')).toBe('8.8.8.8')
  expect(address('nonsense')).toBe('127.0.0.1')
  expect(address('9.9.9.9', '::ffff:10.0.0.1')).toBe('9.9.9.9')
  expect(address('2001:db8::7', 'fd00::1')).toBe('2001:db8:0:0')
  expect(() => createDoor({ ...none, proxies: ['10.0.0.0/99'] })).toThrow('10.0.0.0/99')
})

it('SV14 the Host is the address the connection came in on, or a configured name', () => {
  const door = createDoor({ ...none, names: ['Signal.example', 'lan.test:7370'] })
  const named = (host: string, at = '127.0.0.1') => door(asking({ host, at }))?.server
  expect(named('127.0.0.1:7370')).toBe('127.0.0.1:7370')
  expect(named('LOCALHOST:7370')).toBe('localhost:7370')
  expect(named('signal.example')).toBe('signal.example')
  expect(named('lan.test:7370')).toBe('lan.test:7370')
  expect(named('10.0.0.4:7370', '::ffff:10.0.0.4')).toBe('10.0.0.4:7370')
  expect(named('[::1]:7370', '::1')).toBe('[::1]:7370')
  for (const host of ['evil.example:7370', '127.0.0.1', '10.0.0.4:7370', 'localhost', '']) {
    expect(named(host)).toBeUndefined()
  }
  expect(named('localhost:7370', '10.0.0.4')).toBeUndefined()
  expect(createDoor({ ...none, names: ['*'] })(asking({ host: 'any.test' }))?.server).toBe(
    'any.test',
  )
})

it('SV14 a web page calls from a listed origin, or from this service’s own', () => {
  const door = createDoor({ ...none, origins: ['https://page.example'] })
  const passes = (origin: string, host?: string) =>
    door(asking({ origin, ...(host !== undefined && { host }) })) !== undefined
  expect(passes('https://page.example')).toBe(true)
  expect(passes('http://127.0.0.1:7370')).toBe(true)
  expect(passes('https://evil.example')).toBe(false)
  expect(passes('http://127.0.0.1:8080')).toBe(false)
  expect(passes('null')).toBe(false)
  // a rebound name: the page's own origin and Host agree, and are not ours
  expect(passes('http://evil.example:7370', 'evil.example:7370')).toBe(false)
})
