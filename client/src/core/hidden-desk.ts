/** What of a session does not count because its log was cut, by the names people use (rules FK8, FK10). */
import { toHex, utf8Encode } from '@baton/shared/bytes'
import { placeKey } from '@baton/shared/conflict/redacted'
import { BatonError } from '@baton/shared/errors'
import { type DeviceId, splitLogId } from '@baton/shared/ids'
import { maxHiddenRows } from '@baton/shared/limits'
import type { Entry } from '@baton/shared/log/entry'
import { kinds } from '@baton/shared/log/kinds'
import { parseFile, parseRecord } from '@baton/shared/model/agent-entries'
import {
  parseCapture,
  parseRegister,
  parseRow,
  parseTool,
} from '@baton/shared/model/document-entries'
import type { Sha256 } from '@baton/shared/primitives'
import type { DocumentKeeper } from './documents/documents.ts'
import type { ForkCare } from './forks.ts'
import type { HiddenRow, Mesh } from './mesh-api.ts'
import { namedSession } from './named-session.ts'
import type { CutKeeper } from './repo/cuts.ts'
import { entriesAt } from './repo/entries-at.ts'
import type { Repository } from './repo/repository.ts'
import type { Library } from './sessions/library.ts'

export interface HiddenDeskPorts {
  readonly self: DeviceId
  readonly repository: Repository
  readonly cuts: CutKeeper
  readonly documents: DocumentKeeper
  readonly forks: ForkCare
  readonly library: Library
  readonly sha256: Sha256
}

export function createHiddenDesk(ports: HiddenDeskPorts): Pick<Mesh, 'hidden' | 'adopt'> {
  const { repository, cuts, documents, forks, library, sha256 } = ports
  const named = namedSession(library, 'is hidden')

  return {
    async hidden(ref) {
      const session = await named(ref)
      const places = repository.heads(session).flatMap(({ log, seq: last }) => {
        const cut = cuts.now()(log)
        const count = cut ? Math.min(last - cut.seq, maxHiddenRows) : 0
        return Array.from({ length: Math.max(0, count) }, (_, i) => ({
          ...{ log, seq: (cut?.seq ?? 0) + 1 + i, reason: cut?.reason ?? 'revoked' },
        }))
      })
      // What was said again is found by reading all of the session.
      if (places.length === 0) return []
      places.length = Math.min(places.length, maxHiddenInAll)
      const entryAt = await entriesAt(repository, places)
      const said = await forks.republishing.said(session)
      return places.flatMap(({ log, seq, reason }): HiddenRow[] => {
        const key = placeKey({ log, seq })
        const entry = entryAt({ log, seq })
        const { kind, about } = what(entry)
        // The beginning of a log is no news.
        if (kind === 'genesis') return []
        const id = toHex(sha256(utf8Encode(key)).subarray(0, 6))
        const { device } = splitLogId(log)
        const at = entry?.stamp.ms
        return [{ id, log, seq, device, reason, at, kind, about, taken: said.has(key) }]
      })
    },
    async adopt(ref, place) {
      const session = await named(ref)
      if (place !== 'all' && splitLogId(place.log).session !== session) {
        throw new BatonError('not-found', 'failed to take it over: it stands in another session')
      }
      if (!(await documents.state(session)).writers.has(ports.self)) {
        throw new BatonError(
          'not-permitted',
          'failed to take it over: this device may only read the session',
          { hint: 'the device that began it can let this one write' },
        )
      }
      if (place === 'all') return forks.adoptAll(session)
      const isNews = !(await forks.republishing.said(session)).has(placeKey(place))
      await forks.adopt(place.log, place.seq)
      return isNews ? 1 : 0
    },
  }
}

const maxHiddenInAll = 10 * maxHiddenRows
const maxNameChars = 120
const nameOf = new Map<number, string>(Object.entries(kinds).map(([name, kind]) => [kind, name]))

/** Names and paths alone: what people wrote stands in values. */
function what(entry: Entry | undefined): Pick<HiddenRow, 'kind' | 'about'> {
  if (!entry) return { kind: 'unreadable', about: [] }
  const { kind, payload } = entry
  const row = parseRow(kind === kinds.row ? payload : undefined)
  const names = [
    ...(parseRegister(kind === kinds.register ? payload : undefined)?.path ?? []),
    ...(row ? [row.collection, row.key] : []),
    parseTool(kind === kinds.tool ? payload : undefined)?.call,
    parseCapture(kind === kinds.capture ? payload : undefined)?.origin,
    parseRecord(kind === kinds.record ? payload : undefined)?.file,
    parseFile(kind === kinds.file ? payload : undefined)?.file,
  ]
  const about = names.flatMap((name) => (name === undefined ? [] : [name.slice(0, maxNameChars)]))
  return { kind: nameOf.get(kind) ?? 'unknown', about }
}
