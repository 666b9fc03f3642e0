/** Two devices that hold one browser session, and dumps of cookies as automation tools write them. */
import type { Value } from '@baton/shared/encoding/msgpack'
import { captureChanges } from '@baton/shared/model/browser/changes'
import { readBrowser } from '@baton/shared/model/browser/read'
import { apply, type Writer } from './apply-changes.ts'
import { createDocumentWorld } from './document-world.ts'

export const now = 1_700_000_000_000

export function browserSession() {
  const { writers, all } = createDocumentWorld()
  writers.alice.grant('bob')
  writers.bob.pull(writers.alice)
  return { ...writers, all }
}

export const read = (writer: Pick<Writer, 'state'>, at = now) =>
  readBrowser(writer.state, { now: at })

export const cookie = (name: string, value: string, more: Record<string, Value> = {}) => ({
  name,
  value,
  domain: 'app.example.com',
  path: '/',
  expires: -1,
  httpOnly: true,
  secure: true,
  sameSite: 'Lax',
  ...more,
})

/** Cookies of one site by their names and values. */
export const cookies = (values: Record<string, string>, more: Record<string, Value> = {}) => ({
  cookies: Object.entries(values).map(([name, value]) => cookie(name, value, more)),
})

/** Returns how many entries it took. */
export function capture(writer: Writer, dump: unknown): number {
  const { changes } = captureChanges(read(writer), dump)
  apply(writer, changes)
  return changes.length
}

export const jar = (writer: Pick<Writer, 'state'>, at = now): Record<string, string> =>
  Object.fromEntries(read(writer, at).cookies.map(({ name, value }) => [name, value]))
