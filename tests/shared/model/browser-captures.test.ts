/** Captures of sites and single keys beside each other: what is shown, and that no logins mix. */
import { deleteCookie, setCookie, setStorage } from '@baton/shared/model/browser/changes'
import { readBrowser } from '@baton/shared/model/browser/read'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { apply, sync, type Writer } from '../../support/apply-changes.ts'
import {
  browserSession,
  capture,
  cookie,
  cookies,
  jar,
  now,
  read,
} from '../../support/browser-session.ts'
import { order, shuffled } from '../../support/document-histories.ts'
import { deviceOf, fold, value } from '../../support/document-world.ts'
import { tries } from '../../support/tries.ts'

const set = (writer: Writer, name: string, to: string) =>
  apply(writer, setCookie(read(writer), { ...cookie(name, to), sameSite: 'Lax' }))
const drop = (writer: Writer, name: string) =>
  apply(writer, deleteCookie(read(writer), { name, domain: 'app.example.com' }))

describe('one capture after the other', () => {
  it('BW4 what a dump does not name stays as it was', () => {
    const { alice, bob } = browserSession()
    capture(alice, cookies({ sid: '1', csrf: '1' }))
    bob.pull(alice)
    capture(bob, cookies({ theme: 'dark' }))
    alice.pull(bob)
    capture(alice, { origins: [{ origin: 'https://app.example.com', localStorage: [] }] })
    capture(alice, cookies({ sid: '2' }))
    bob.pull(alice)
    for (const writer of [alice, bob]) {
      expect(jar(writer)).toEqual({ sid: '2', csrf: '1', theme: 'dark' })
    }
  })

  const step = fc.record({
    who: fc.boolean(),
    dump: fc.dictionary(
      fc.constantFrom('a', 'b', 'c', 'd', '__proto__'),
      fc.constantFrom('1', '2'),
    ),
    meet: fc.boolean(),
  })

  it('BW4 through any partial dumps that saw each other no key is lost, and the last word stands', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        const { alice, bob } = browserSession()
        const expected = new Map<string, string>()
        for (const { who, dump } of steps) {
          capture(who ? alice : bob, cookies(dump))
          for (const [name, to] of Object.entries(dump)) expected.set(name, to)
          sync(alice, bob)
        }
        expect(new Map(Object.entries(jar(alice)))).toEqual(expected)
        expect(jar(bob)).toEqual(jar(alice))
      }),
      { numRuns: tries(100) },
    )
  })

  it('BW4 partial dumps beside each other that name different keys are both there', () => {
    const { alice, bob } = browserSession()
    capture(alice, cookies({ sid: '1' }))
    bob.pull(alice)
    capture(alice, cookies({ a: '1' }))
    capture(bob, cookies({ b: '1' }))
    sync(alice, bob)
    for (const writer of [alice, bob]) expect(jar(writer)).toEqual({ sid: '1', a: '1', b: '1' })
  })
})

describe('captures beside each other', () => {
  function logins() {
    const world = browserSession()
    capture(world.alice, cookies({ visitor: '1' }))
    world.bob.pull(world.alice)
    return world
  }

  it('BW5 of two logins one is shown whole, the other is listed', () => {
    const { alice, bob } = logins()
    capture(bob, cookies({ sid: 'bob', csrf: 'bob', cart: 'bob' }))
    capture(alice, cookies({ sid: 'alice', csrf: 'alice' }))
    sync(alice, bob)
    for (const writer of [alice, bob]) {
      expect(jar(writer)).toEqual({ visitor: '1', sid: 'alice', csrf: 'alice' })
      expect(read(writer).besides).toMatchObject([
        { site: 'example.com', write: { device: deviceOf('bob') }, items: 4 },
      ])
    }
    // What is said next by one that saw both settles it.
    expect(capture(bob, cookies({ sid: 'alice', csrf: 'alice' }))).toBe(1)
    alice.pull(bob)
    expect(read(alice).besides).toEqual([])
    expect(capture(alice, cookies({ sid: 'alice' }))).toBe(0)
  })

  it('BW5 sites beside each other unite, and captures of one that share no key', () => {
    const { alice, bob } = logins()
    capture(alice, cookies({ sid: 'alice' }))
    capture(bob, cookies({ other: 'bob' }))
    capture(bob, { cookies: [cookie('sid', 'theirs', { domain: '.other.org' })] })
    sync(alice, bob)
    for (const writer of [alice, bob]) {
      expect(read(writer).cookies.map(({ name, domain, value: of }) => [name, domain, of])).toEqual(
        [
          ['sid', '.other.org', 'theirs'],
          ['other', 'app.example.com', 'bob'],
          ['sid', 'app.example.com', 'alice'],
          ['visitor', 'app.example.com', '1'],
        ],
      )
      expect(read(writer).besides).toEqual([])
    }
  })

  it('BW5 a partial dump beside a login that it had not seen does not bring the older one back', () => {
    const { alice, bob } = browserSession()
    capture(alice, cookies({ sid: 'old', csrf: 'old' }))
    bob.pull(alice)
    capture(bob, cookies({ sid: 'new', csrf: 'new' }))
    capture(bob, cookies({ seen: '1' }))
    capture(alice, cookies({ theme: 'dark' }))
    sync(alice, bob)
    for (const writer of [alice, bob]) {
      expect(jar(writer)).toEqual({ sid: 'new', csrf: 'new', seen: '1' })
      expect(read(writer).besides).toMatchObject([{ write: { device: deviceOf('alice') } }])
    }
  })

  it('BW5 a login that a clock ahead brought along does not come back over one that replaced it', () => {
    const { alice, bob } = browserSession()
    alice.skew(9e11)
    capture(alice, cookies({ sid: 'old', csrf: 'old' }))
    alice.skew(0)
    bob.pull(alice)
    capture(bob, cookies({ sid: 'new', csrf: 'new' }))
    capture(alice, cookies({ theme: 'dark' }))
    sync(alice, bob)
    for (const writer of [alice, bob]) expect(jar(writer)).toEqual({ sid: 'new', csrf: 'new' })
  })

  it('BW5 where each has the later word on one key the last of these words decides', () => {
    const { alice, bob } = logins()
    capture(bob, cookies({ theme: 'bob' }))
    capture(alice, cookies({ sid: 'alice' }))
    capture(bob, cookies({ sid: 'bob' }))
    capture(alice, cookies({ theme: 'alice' }))
    sync(alice, bob)
    for (const writer of [alice, bob]) {
      expect(jar(writer)).toEqual({ visitor: '1', sid: 'alice', theme: 'alice' })
    }
  })

  const login = fc.record({
    who: fc.constantFrom('alice', 'bob', 'carol'),
    act: fc.constantFrom('login', 'login', 'visit', 'meet', 'restart', 'skew'),
    with: fc.constantFrom('alice', 'bob', 'carol'),
  } as const)

  it('BW5 no session cookie is ever beside another login’s token, in any order', () => {
    fc.assert(
      fc.property(fc.array(login, { maxLength: 25 }), order, (steps, rolls) => {
        const world = browserSession()
        world.alice.grant('carol')
        for (const each of [world.bob, world.carol]) each.pull(world.alice)
        for (const [i, step] of steps.entries()) {
          const writer = world[step.who as 'alice']
          if (step.act === 'login') capture(writer, cookies({ sid: `${i}`, csrf: `${i}` }))
          else if (step.act === 'visit') capture(writer, cookies({ [`page${i}`]: '1' }))
          else if (step.act === 'restart') writer.restart()
          else if (step.act === 'skew') writer.skew(i % 2 === 0 ? 9e11 : -900_000)
          else if (step.with !== step.who) sync(writer, world[step.with as 'alice'])
          const { sid, csrf } = jar(writer)
          expect(csrf).toBe(sid)
        }
        const devices = [world.alice, world.bob, world.carol] as const
        for (let round = 0; round < 2; round++) {
          for (const a of devices) for (const b of devices) if (a !== b) sync(a, b)
        }
        const { sid, csrf } = jar(world.alice)
        expect(csrf).toBe(sid)
        for (const each of devices) expect(read(each)).toEqual(read(world.alice))
        expect(readBrowser(fold(shuffled(world.all, rolls)), { now })).toEqual(read(world.alice))
        expect(read(world.alice).malformed).toBe(0)
      }),
      { numRuns: tries(150) },
    )
  })
})

describe('single keys over captures', () => {
  it('BW6 a key counts over a capture that it saw or that is older, a capture over a key it saw', () => {
    const { alice, bob } = browserSession()
    capture(alice, cookies({ sid: '1', csrf: '1' }))
    set(alice, 'sid', '2')
    bob.pull(alice)
    expect(jar(bob)).toEqual({ sid: '2', csrf: '1' })
    capture(bob, cookies({ sid: '3' }))
    expect(jar(bob)).toEqual({ sid: '3', csrf: '1' })
    set(alice, 'csrf', '4')
    sync(alice, bob)
    for (const writer of [alice, bob]) expect(jar(writer)).toEqual({ sid: '3', csrf: '4' })
  })

  it('BW6 what was seen is replaced whatever the clocks say', () => {
    const { alice, bob } = browserSession()
    alice.skew(9e11)
    set(alice, 'sid', 'ahead')
    bob.pull(alice)
    capture(bob, cookies({ sid: 'captured' }))
    expect(jar(bob)).toEqual({ sid: 'captured' })
    alice.pull(bob)
    expect(jar(alice)).toEqual({ sid: 'captured' })
    alice.skew(0)
    bob.skew(9e11)
    capture(bob, cookies({ sid: 'ahead' }))
    alice.pull(bob)
    set(alice, 'sid', 'set')
    bob.pull(alice)
    for (const writer of [alice, bob]) expect(jar(writer)).toEqual({ sid: 'set' })
  })

  it('BW7 a deleted key stays away, whatever captures beside it still bring along', () => {
    const { alice, bob } = browserSession()
    capture(alice, cookies({ sid: '1', track: '1' }))
    bob.pull(alice)
    drop(alice, 'track')
    capture(alice, cookies({ a: '1' }))
    capture(bob, cookies({ b: '1' }))
    sync(alice, bob)
    for (const writer of [alice, bob]) expect(jar(writer)).toEqual({ sid: '1', a: '1', b: '1' })
    capture(bob, cookies({ track: '2' }))
    alice.pull(bob)
    expect(jar(alice)).toMatchObject({ track: '2' })
  })

  it('BW7 storage is written and taken away key by key too', () => {
    const { alice } = browserSession()
    const origin = 'https://app.example.com'
    const write = (name: string, to: string | undefined) =>
      apply(alice, setStorage(read(alice), 'local', origin, name, to))
    capture(alice, { origins: [{ origin, localStorage: [{ name: 'k', value: '1' }] }] })
    write('__proto__', 'x')
    write('k', undefined)
    expect(Object.entries(read(alice).storage.get(origin)?.local ?? {})).toEqual([
      ['__proto__', 'x'],
    ])
    expect(() => setStorage(read(alice), 'local', origin, 'k'.repeat(20_000), '')).toThrow(
      expect.objectContaining({ code: 'too-large' }),
    )
    expect(() => setStorage(read(alice), 'local', origin, 'k', 7)).toThrow(
      expect.objectContaining({ code: 'invalid' }),
    )
  })
})

describe('captures that are blobs', () => {
  it('BW8 one that is not here is counted, and replaced by no capture made meanwhile', () => {
    const { alice, bob } = browserSession()
    capture(alice, cookies({ sid: '1' }))
    bob.pull(alice)
    const items = value({
      items: [[['cookie', 'host', 'app.example.com', '/', 'big', ''], { value: '2' }]],
    })
    const hash = new Uint8Array(32).fill(3)
    alice.capture('example.com', { at: 'blob', blob: hash, bytes: 40_000 })
    set(alice, 'later', '1')
    bob.pull(alice)
    expect(read(bob).missing).toBe(1)
    capture(bob, cookies({ sid: '3' }))
    expect(jar(bob)).toEqual({ sid: '3', later: '1' })
    const open = (blob: Uint8Array) =>
      blob[0] === 3 && items.at === 'value' ? items.value : undefined
    const opened = readBrowser(bob.state, { now, open })
    expect(opened.missing).toBe(0)
    expect(opened.cookies.map(({ name, value: of }) => [name, of])).toEqual([
      ['big', '2'],
      ['later', '1'],
      ['sid', '3'],
    ])
  })
})
