/**
 * Single keys of a site: cookies and entries of web storage (rules BW1, BW3). A key is a list of texts,
 * below the site's name the path of its register, and the same in a capture:
 *
 *   ['cookie', 'host' | 'domain', domain, path, name, partition key or '']
 *   ['local' | 'session' | 'indexeddb', origin, name]
 *
 * 'host' is a cookie of that host alone. A cookie's value is a map, that of local and session storage
 * a text, that of a database anything.
 */
import * as z from 'zod/mini'
import type { Value } from '../../encoding/msgpack.ts'
import { isMap, type Known, readMap, type Tally, type Values } from '../fields.ts'
import { hostOf, isOfSite } from './site.ts'

export type ItemKey = readonly string[]
export type Area = 'local' | 'session' | 'indexeddb'

export const sameSites = ['Strict', 'Lax', 'None'] as const

const valueShape = {
  value: z.string(),
  /** Seconds since 1970; -1 or nothing: until the browser ends. */
  expires: z.number(),
  httpOnly: z.boolean(),
  secure: z.boolean(),
  sameSite: z.enum(sameSites),
}

export const cookieShape = {
  ...valueShape,
  name: z.string(),
  /** With a dot in front: of the hosts below, too. */
  domain: z.string().check(z.minLength(1)),
  path: z.string(),
  partitionKey: z.string(),
}

export interface Cookie {
  readonly name: string
  readonly value: string
  readonly domain: string
  readonly path: string
  readonly partitionKey?: string
  readonly expires?: number
  readonly httpOnly: boolean
  readonly secure: boolean
  readonly sameSite: (typeof sameSites)[number]
  readonly extra: Values
}

/** What names a cookie; without a path or partition key that of '/' and of none. */
export type CookieName = Pick<Cookie, 'name' | 'domain'> &
  Partial<Pick<Cookie, 'path' | 'partitionKey'>>

export function cookieKey({ name, domain, path, partitionKey }: CookieName): ItemKey {
  const bare = domain.replace(/^\./, '').toLowerCase()
  const reach = domain.startsWith('.') ? 'domain' : 'host'
  return ['cookie', reach, bare, path ?? '/', name, partitionKey ?? '']
}

export function cookieHost({ domain }: Pick<Cookie, 'domain'>): string {
  return domain.replace(/^\./, '').toLowerCase()
}

/** As a map, and whole: cookies are never merged field by field. */
export function cookieValue(cookie: Known<typeof valueShape> & { readonly extra: Values }): Value {
  const { value = '', expires, httpOnly = false, secure = false, sameSite = 'Lax' } = cookie
  const ends = expires === undefined || expires === -1 ? {} : { expires }
  const known = { value, ...ends, httpOnly, secure, sameSite }
  return Object.assign(Object.create(null) as Values, cookie.extra, known)
}

/** Undefined for one that is none, which is counted. */
export function readCookie(key: ItemKey, value: Value, tally: Tally): Cookie | undefined {
  const [, reach = '', domain = '', path = '', name = '', partitionKey = ''] = key
  const read = readMap(valueShape, value, tally)
  if (read?.known.value === undefined) return undefined
  const { known, extra } = read
  return {
    name,
    value: read.known.value,
    domain: reach === 'domain' ? `.${domain}` : domain,
    path,
    ...(partitionKey === '' ? {} : { partitionKey }),
    ...(known.expires === undefined || known.expires === -1 ? {} : { expires: known.expires }),
    httpOnly: known.httpOnly ?? false,
    secure: known.secure ?? false,
    sameSite: known.sameSite ?? 'Lax',
    extra,
  }
}

/** `now`: ms since 1970. */
export const isExpired = ({ expires }: Cookie, now: number): boolean =>
  expires !== undefined && expires * 1000 <= now

export const storageKey = (area: Area, origin: string, name: string): ItemKey => [
  area,
  origin,
  name,
]

/** True for a key and value that can be an item of the site: no site speaks for another. */
export function isItem(site: string, key: unknown, value: Value | undefined): key is ItemKey {
  if (!Array.isArray(key) || !key.every((part) => typeof part === 'string')) return false
  const [area, at = '', domain = ''] = key as readonly string[]
  if (area === 'cookie') {
    const named = key.length === 6 && (at === 'host' || at === 'domain')
    return named && isOfSite(domain, site) && (value === undefined || isMap(value))
  }
  if (key.length !== 3 || !isOfSite(hostOf(at), site)) return false
  if (area === 'indexeddb') return true
  const text = value === undefined || typeof value === 'string'
  return (area === 'local' || area === 'session') && text
}
