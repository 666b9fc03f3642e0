/**
 * A browser session in the two forms that other tools take (rule BW12): the state file of one session,
 * and the storage state of browser automation.
 */
import type { DocumentState } from '../../conflict/document.ts'
import type { Value } from '../../encoding/msgpack.ts'
import { timeText } from '../fields.ts'
import { lastModified, type SyncMetadata } from '../metadata.ts'
import type { Cookie } from './items.ts'
import type { BrowserSession, Storage } from './schema.ts'
import { originOf } from './site.ts'

const empty = Object.create(null) as Storage['local']

/** `syncedTo`: devices that are known to hold this version. */
export function syncableState(
  state: DocumentState,
  session: BrowserSession,
  { version, checksum }: SyncMetadata,
  syncedTo: readonly string[],
) {
  const { identity, origin, page, preview, storage, tabs } = session
  const { url = '', title = '', viewport = { width: 0, height: 0 }, indexedDB } = page
  const own = storage.get(originOf(url) ?? '')
  return {
    ...identity,
    origin: {
      nodeId: origin.nodeId ?? state.author ?? '',
      nodeType: origin.nodeType ?? ('hosted' as const),
      nodeUrl: origin.nodeUrl ?? '',
      createdAt: origin.createdAt ?? timeText(state.descriptor?.created ?? 0),
      createdBy: origin.createdBy ?? '',
    },
    sync: {
      version,
      lastModified: timeText(lastModified(state)),
      lastSyncedTo: syncedTo,
      checksum,
    },
    state: {
      url,
      title,
      viewport,
      cookies: session.cookies.map(plainCookie),
      localStorage: own?.local ?? empty,
      sessionStorage: own?.session ?? empty,
      ...(indexedDB === undefined ? {} : { indexedDB }),
    },
    tabs: tabs.map(({ id, url: at, title: called, active }) => ({
      id,
      url: at,
      title: called,
      active,
    })),
    ...(preview.thumbnail === undefined ? {} : { preview }),
  }
}

/** A dump of the same reading: what `captureChanges` takes. */
export function storageState({ cookies, storage }: BrowserSession) {
  const pairs = <T extends Value>(values: Readonly<Record<string, T>>) =>
    Object.entries(values).map(([name, value]) => ({ name, value }))
  return {
    cookies: cookies.map((cookie) => ({ ...plainCookie(cookie), expires: cookie.expires ?? -1 })),
    origins: [...storage].map(([origin, { local, session, indexeddb }]) => ({
      origin,
      localStorage: pairs(local),
      sessionStorage: pairs(session),
      indexedDB: Object.values(indexeddb),
    })),
  }
}

const plainCookie = ({ extra, ...cookie }: Cookie) => ({ ...extra, ...cookie })
