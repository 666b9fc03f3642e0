/** A browser session's tabs and pages, and the forms that other tools take. */
import { setBrowser, tabChanges } from '@baton/shared/model/browser/changes'
import { storageState, syncableState } from '@baton/shared/model/browser/records'
import { syncMetadata } from '@baton/shared/model/metadata'
import { describe, expect, it } from 'vitest'
import { apply, sync } from '../../support/apply-changes.ts'
import { browserSession, capture, cookie, cookies, read } from '../../support/browser-session.ts'
import { deviceOf, session, value } from '../../support/document-world.ts'
import { nodePrimitives } from '../../support/signer.ts'

const origin = 'https://app.example.com'

describe('tabs, pages and forms', () => {
  const alices = deviceOf('alice')
  const tab = (id: string, more = {}) => ({
    id,
    url: `https://${id}.org/`,
    title: id,
    active: false,
    ...more,
  })

  it('BW11 each device has its own tabs, also under one id, and closes none of another', () => {
    const { alice, bob } = browserSession()
    const put = (writer: typeof alice, device: typeof alices, tabs: unknown) => {
      const { changes } = tabChanges(read(writer), device, tabs)
      apply(writer, changes)
      return changes.length
    }
    put(alice, alices, [tab('1', { pinned: true }), tab('2')])
    put(bob, deviceOf('bob'), [tab('1', { active: true })])
    sync(alice, bob)
    expect(read(bob).tabs).toHaveLength(3)
    expect(put(alice, alices, [tab('1', { pinned: true }), tab('2')])).toBe(0)
    expect(put(alice, alices, [tab('1', { pinned: true, title: 'new' })])).toBe(2)
    sync(alice, bob)
    for (const writer of [alice, bob]) {
      expect(read(writer).tabs.filter(({ device }) => device === alices)).toMatchObject([
        { id: '1', url: 'https://1.org/', title: 'new', active: false, extra: { pinned: true } },
      ])
      expect(read(writer).tabs.filter(({ device }) => device !== alices)).toMatchObject([
        { id: '1', active: true },
      ])
    }
  })

  it('BW11 a list of tabs that cannot be read closes none, a tab that cannot is counted', () => {
    const { alice } = browserSession()
    apply(alice, tabChanges(read(alice), alices, [tab('1')]).changes)
    expect(tabChanges(read(alice), alices, undefined)).toEqual({ changes: [], malformed: 1 })
    expect(tabChanges(read(alice), alices, [tab('1'), { id: '2' }, 7]).malformed).toBe(2)
    alice.row('tabs', 'x', value('text'))
    alice.row('tabs', 'y', value({ title: 'no address' }))
    expect(read(alice)).toMatchObject({ tabs: [{ id: '1' }], malformed: 2 })
  })

  it('BW12 a session has the form of a state file', () => {
    const { alice } = browserSession()
    const createdAt = '2026-01-23T00:00:00Z'
    const place = {
      nodeId: 'n1',
      nodeType: 'cloud',
      nodeUrl: 'https://n1',
      createdAt,
      createdBy: 'ann',
    }
    apply(alice, [
      ...setBrowser('identity', { id: 'uuid', name: 'Shopping', description: 'for Sunday' }),
      ...setBrowser('origin', place),
      ...setBrowser('page', {
        url: `${origin}/cart`,
        title: 'Cart',
        viewport: { width: 800, height: 600 },
      }),
      ...setBrowser('preview', { thumbnail: 'iVBORw0=' }),
      ...tabChanges(read(alice), alices, [tab('1')]).changes,
    ])
    capture(alice, { ...cookies({ sid: '1' }), origins: [{ origin, localStorage: { k: 'v' } }] })
    const metadata = syncMetadata(alice.state, nodePrimitives.sha256, '')
    const state = syncableState(alice.state, read(alice), metadata, ['n2'])
    expect(JSON.parse(JSON.stringify(state))).toEqual({
      id: 'uuid',
      name: 'Shopping',
      description: 'for Sunday',
      origin: place,
      sync: {
        version: metadata.version,
        lastModified: new Date(alice.seen.at(-1)?.entry.stamp.ms ?? 0).toISOString(),
        lastSyncedTo: ['n2'],
        checksum: metadata.checksum,
      },
      state: {
        url: `${origin}/cart`,
        title: 'Cart',
        viewport: { width: 800, height: 600 },
        cookies: [
          {
            name: 'sid',
            value: '1',
            domain: 'app.example.com',
            path: '/',
            httpOnly: true,
            secure: true,
            sameSite: 'Lax',
          },
        ],
        localStorage: { k: 'v' },
        sessionStorage: {},
      },
      tabs: [tab('1')],
      preview: { thumbnail: 'iVBORw0=' },
    })
    expect(() => setBrowser('page', { viewport: 7 })).toThrow(/not what this name holds/)
  })

  it('BW12 of a document where nothing was written everything is there, by default', () => {
    const { alice } = browserSession()
    const metadata = syncMetadata(alice.state, nodePrimitives.sha256, '')
    expect(syncableState(alice.state, read(alice), metadata, [])).toMatchObject({
      id: session,
      name: '',
      origin: { nodeId: alices, nodeType: 'hosted', createdAt: '1970-01-01T00:00:00.005Z' },
      state: { url: '', title: '', viewport: { width: 0, height: 0 }, cookies: [] },
      tabs: [],
    })
  })

  it('BW12 a storage state goes from one session to another and says the same there', () => {
    const [from, to] = [browserSession().alice, browserSession().alice]
    capture(from, {
      cookies: [cookie('a', '1', { expires: 1_800_000_000 }), cookie('b', '2')],
      origins: [
        {
          origin,
          localStorage: { k: 'v' },
          sessionStorage: { s: 't' },
          indexedDB: [{ name: 'db' }],
        },
      ],
    })
    capture(to, JSON.parse(JSON.stringify(storageState(read(from)))))
    const { cookies: all, storage } = read(from)
    expect(read(to)).toMatchObject({ cookies: all, storage, malformed: 0 })
    expect(storageState(read(to)).cookies.map(({ expires }) => expires)).toEqual([
      1_800_000_000, -1,
    ])
  })
})
