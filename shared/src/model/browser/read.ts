/** Reads a browser session out of its document (rules BW1 to BW11); where what stands: schema.ts. */

import { compareStamp } from '../../clock/hlc.ts'
import type { DocumentState } from '../../conflict/document.ts'
import type { Register } from '../../conflict/register.ts'
import { type OpenBlob, ownRows, type View, valuesBelow, viewOf } from '../../conflict/view.ts'
import type { Value } from '../../encoding/msgpack.ts'
import { pathKey } from '../document-entries.ts'
import { readFields, readMap, type Tally } from '../fields.ts'
import { type Item, readSite, type Site } from './captures.ts'
import { type Cookie, type ItemKey, isExpired, readCookie } from './items.ts'
import {
  type BrowserSession,
  identityShape,
  originShape,
  pageShape,
  previewShape,
  type Storage,
  type Tab,
  tabShape,
} from './schema.ts'

/** Where single keys stand. */
export const keysField = 'browser'

export interface BrowserReading {
  /** ms since 1970: what has expired. */
  readonly now: number
  readonly open?: OpenBlob
}

export function readBrowser(
  state: DocumentState,
  { now, open }: BrowserReading,
  view: View = viewOf(state, open),
): BrowserSession {
  const { root } = view
  const tally: Tally = { malformed: 0 }
  const below = (name: string) => valuesBelow(root, [name])
  const { known } = readFields(identityShape, below('identity'), tally)
  const { id = state.session, name = state.descriptor?.title ?? '', description } = known
  const sites = readSites(state, open, tally)
  const { cookies, storage } = readItems(sites, tally)
  const all = [...sites].sort(([a], [b]) => (a < b ? -1 : 1))
  return {
    identity: { id, name, ...(description === undefined ? {} : { description }) },
    origin: readFields(originShape, below('origin'), tally).known,
    page: readFields(pageShape, below('page'), tally).known,
    cookies: cookies.filter((cookie) => !isExpired(cookie, now)),
    expired: cookies.filter((cookie) => isExpired(cookie, now)),
    storage,
    tabs: readTabs(view, tally),
    preview: readFields(previewShape, below('preview'), tally).known,
    besides: all.flatMap(([site, { besides }]) =>
      besides.map(({ write, items }) => ({ site, write, items: items.size })),
    ),
    missing: all.reduce((sum, [, { missing }]) => sum + missing.length, 0),
    sites,
    malformed: tally.malformed,
  }
}

type Keys = Map<string, { readonly key: ItemKey; readonly register: Register }>

/** In one pass over the registers, each with the captures of its site. */
function readSites(
  state: DocumentState,
  open: OpenBlob | undefined,
  tally: Tally,
): ReadonlyMap<string, Site> {
  const keysOf = new Map<string, Keys>()
  for (const { path, register } of state.fields.values()) {
    const [field, site, ...key] = path
    if (field !== keysField || site === undefined) continue
    const known = keysOf.get(site)
    const keys: Keys = known ?? new Map()
    if (!known) keysOf.set(site, keys)
    keys.set(pathKey(key), { key, register })
  }
  const sites = new Map<string, Site>()
  for (const site of new Set([...keysOf.keys(), ...state.captures.keys()])) {
    const keys = keysOf.get(site) ?? new Map()
    sites.set(site, readSite(site, state.captures.get(site), keys, open, tally))
  }
  return sites
}

/** A browser has each key once: where devices grouped hosts differently the later word counts. */
function readItems(
  sites: ReadonlyMap<string, Site>,
  tally: Tally,
): { cookies: readonly Cookie[]; storage: ReadonlyMap<string, Storage> } {
  const latest = new Map<string, Item>()
  for (const { items } of sites.values()) {
    for (const [name, item] of items) {
      const known = latest.get(name)
      if (!known || compareStamp(item.at, known.at) > 0) latest.set(name, item)
    }
  }
  const cookies: Cookie[] = []
  const storage = new Map<string, { [area in keyof Storage]: Record<string, Value> }>()
  for (const [, { key, value }] of [...latest].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (value === undefined) continue
    const [area = '', origin = '', name = ''] = key
    if (area === 'cookie') {
      const cookie = readCookie(key, value, tally)
      if (cookie) cookies.push(cookie)
      continue
    }
    const known = storage.get(origin) ?? createStorage()
    storage.set(origin, known)
    if (area === 'local' || area === 'session' || area === 'indexeddb') known[area][name] = value
  }
  return { cookies, storage: storage as unknown as ReadonlyMap<string, Storage> }
}

const createStorage = () => ({
  local: Object.create(null) as Record<string, Value>,
  session: Object.create(null) as Record<string, Value>,
  indexeddb: Object.create(null) as Record<string, Value>,
})

function readTabs(view: View, tally: Tally): readonly Tab[] {
  const tabs: Tab[] = []
  for (const { key, device, value } of ownRows(view, 'tabs')) {
    const read = readMap(tabShape, value, tally)
    if (!read) continue
    const { url, title = '', active = false } = read.known
    if (url === undefined) tally.malformed += 1
    else tabs.push({ id: key, device, url, title, active, extra: read.extra })
  }
  return tabs.sort((a, b) => (a.device === b.device ? 0 : a.device < b.device ? -1 : 1))
}
