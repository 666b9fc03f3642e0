/** A browser session's cookies and storage: which cookies are one, whose they are, and dumps of them. */
import type { Value } from '@baton/shared/encoding/msgpack'
import { captureChanges, setCookie, tabChanges } from '@baton/shared/model/browser/changes'
import { storageState } from '@baton/shared/model/browser/records'
import { hostOf, originOf, siteOf } from '@baton/shared/model/browser/site'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { apply, sync } from '../../support/apply-changes.ts'
import {
  browserSession,
  capture,
  cookie,
  cookies,
  jar,
  now,
  read,
} from '../../support/browser-session.ts'
import { deviceOf, value } from '../../support/document-world.ts'
import { tries } from '../../support/tries.ts'

const origin = 'https://app.example.com'

describe('cookies and storage', () => {
  it('BW1 cookies are one by reach, domain, path, name and partition, and nothing else', () => {
    const { alice } = browserSession()
    const told = [
      cookie('n', '1'),
      cookie('n', '2', { domain: '.app.example.com' }),
      cookie('n', '3', { domain: 'example.com' }),
      cookie('n', '4', { path: '/x' }),
      cookie('m', '5'),
      cookie('n', '6', { partitionKey: 'https://top.org' }),
    ]
    capture(alice, { cookies: told })
    expect(
      read(alice)
        .cookies.map(({ value: of }) => of)
        .sort(),
    ).toEqual(['1', '2', '3', '4', '5', '6'])
    capture(alice, { cookies: [cookie('n', '7', { domain: 'APP.example.com', secure: false })] })
    expect(
      read(alice)
        .cookies.map(({ value: of }) => of)
        .sort(),
    ).toEqual(['2', '3', '4', '5', '6', '7'])
  })

  it('BW1 a cookie keeps all that was told of it, also what is not known here', () => {
    const { alice } = browserSession()
    const more = { expires: 1_800_000_000.5, sameSite: 'None', later: { a: 1 } }
    capture(alice, { cookies: [cookie('n', 'v', { ...more, partitionKey: 'https://top.org' })] })
    const { extra, ...known } = read(alice).cookies[0] ?? { extra: {} }
    expect(known).toEqual({
      name: 'n',
      value: 'v',
      domain: 'app.example.com',
      path: '/',
      partitionKey: 'https://top.org',
      expires: 1_800_000_000.5,
      httpOnly: true,
      secure: true,
      sameSite: 'None',
    })
    expect(extra).toEqual({ later: { a: 1 } })
  })

  it('BW2 what belongs together is a site', () => {
    const sites = {
      'app.example.com': 'example.com',
      'example.com': 'example.com',
      'a.b.example.co.uk': 'example.co.uk',
      'app.wix.io': 'wix.io',
      localhost: 'localhost',
      '127.0.0.1': '127.0.0.1',
      '[::1]': '[::1]',
      'file://': 'file://',
    }
    for (const [host, site] of Object.entries(sites)) expect(siteOf(host)).toBe(site)
    expect(hostOf('https://User:x@App.example.com:8443/x?y')).toBe('app.example.com')
    expect(hostOf('file://')).toBe('file://')
    expect(hostOf('null')).toBe('null')
    expect(originOf('HTTPS://a.example:443/x')).toBe('https://a.example')
    expect(originOf('http://a.example:8080?x')).toBe('http://a.example:8080')
    expect(originOf('about:blank')).toBeUndefined()
  })

  it('BW2 a site’s cookies and the storage of its origins are one capture', () => {
    const { alice } = browserSession()
    const { changes } = captureChanges(read(alice), {
      cookies: [cookie('a', '1'), cookie('b', '1', { domain: '.example.com' })],
      origins: [
        { origin, localStorage: [{ name: 'k', value: 'v' }], sessionStorage: { s: 't' } },
        { origin: 'https://www.example.com', indexedDB: [{ name: 'db', version: 1, stores: [] }] },
        { origin: 'http://localhost:3000', localStorage: { k: 'v' } },
      ],
    })
    expect(changes.map((each) => each.kind === 'capture' && each.origin)).toEqual([
      'example.com',
      'localhost',
    ])
    apply(alice, changes)
    const { storage } = read(alice)
    expect([...storage.keys()].sort()).toEqual([
      'http://localhost:3000',
      origin,
      'https://www.example.com',
    ])
    expect(storage.get(origin)).toEqual({ local: { k: 'v' }, session: { s: 't' }, indexeddb: {} })
    expect(storage.get('https://www.example.com')?.indexeddb).toMatchObject({ db: { version: 1 } })
  })

  it('BW2 what devices grouped differently is one key still: the later word counts', () => {
    const { alice, bob } = browserSession()
    const all = () => 'com'
    apply(alice, captureChanges(read(alice), cookies({ sid: '1', a: '1' }), all).changes)
    capture(bob, cookies({ sid: '2' }))
    sync(alice, bob)
    for (const writer of [alice, bob]) expect(jar(writer)).toEqual({ sid: '2', a: '1' })
  })

  it('BW3 no site speaks for another, and what is no item of one is left out and counted', () => {
    const { alice } = browserSession()
    const good = [['cookie', 'host', 'example.com', '/', 'n', ''], { value: 'v' }]
    const items: Value[] = [
      good,
      [['cookie', 'host', 'bank.com', '/', 'n', ''], { value: 'v' }],
      [['cookie', 'host', 'notexample.com', '/', 'n', ''], { value: 'v' }],
      [['cookie', 'any', 'example.com', '/', 'n', ''], { value: 'v' }],
      [['local', 'https://bank.com', 'k'], 'v'],
      [['local', 'https://example.com', 'k'], 7],
      [['other', 'https://example.com', 'k'], 'v'],
      [['local', 'https://example.com', 'k'], 'v', 'now', 0],
      [['local', 'https://example.com'], 'v'],
      [good[0] as Value],
      7,
    ]
    alice.capture('example.com', value({ items }))
    alice.capture('other.org', value({ later: 1 }))
    alice.set(
      ['browser', 'example.com', 'cookie', 'host', 'bank.com', '/', 'n', ''],
      value({ value: 'v' }),
    )
    alice.set(['browser', 'example.com'], value(1))
    const { cookies: shown, storage, malformed } = read(alice)
    expect(shown.map(({ domain }) => domain)).toEqual(['example.com'])
    expect(storage.size).toBe(0)
    expect(malformed).toBe(items.length - 1 + 3)
    expect(() =>
      setCookie(read(alice), { ...cookie('n', 'v'), sameSite: 'Lax' }, () => 'other.org'),
    ).toThrow(expect.objectContaining({ code: 'invalid' }))
  })

  it('BW9 an expired cookie is not shown and stays expired: nothing older comes in its place', () => {
    const { alice, bob } = browserSession()
    const at = now / 1000
    capture(alice, cookies({ sid: 'old', stays: '1' }))
    bob.pull(alice)
    capture(alice, cookies({ sid: 'short' }, { expires: at + 60 }))
    capture(bob, cookies({ theme: 'dark' }))
    sync(alice, bob)
    for (const writer of [alice, bob]) {
      expect(jar(writer)).toEqual({ sid: 'short', stays: '1' })
      expect(jar(writer, now + 60_000)).toEqual({ stays: '1' })
      expect(read(writer, now + 60_000).expired.map(({ name }) => name)).toEqual(['sid'])
    }
    capture(bob, cookies({ other: '1' }))
    expect(jar(bob, now + 60_000)).toEqual({ stays: '1', other: '1' })
  })

  it('BW10 a dump that says nothing new is no change; what does not fit is left out and counted', () => {
    const { alice } = browserSession()
    expect(capture(alice, cookies({ a: '1' }))).toBe(1)
    expect(capture(alice, cookies({ a: '1' }))).toBe(0)
    expect(capture(alice, storageState(read(alice)))).toBe(0)
    const { changes, malformed } = captureChanges(read(alice), {
      cookies: [
        cookie('b', '1'),
        7,
        { name: 'x' },
        cookie('c', '\ud800'),
        cookie('d', '1', { secure: 1 }),
      ],
      origins: [{ origin: 5 }, 'x', { origin, localStorage: [{ name: 'k' }], sessionStorage: 3 }],
    })
    expect([changes.length, malformed]).toEqual([1, 8])
    apply(alice, changes)
    expect(jar(alice)).toEqual({ a: '1', b: '1', d: '1' })
  })

  it('BW10 whatever a dump is, nothing throws', () => {
    const { alice } = browserSession()
    const shown = read(alice)
    fc.assert(
      fc.property(fc.anything(), fc.anything(), fc.anything(), (a, b, c) => {
        captureChanges(shown, a)
        captureChanges(shown, { cookies: a, origins: b })
        captureChanges(shown, {
          cookies: [a],
          origins: [{ origin, localStorage: b, indexedDB: c }],
        })
        tabChanges(shown, deviceOf('alice'), [a])
      }),
      { numRuns: tries(200) },
    )
  })
})
