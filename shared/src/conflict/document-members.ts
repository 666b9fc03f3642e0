/** Who may write a document, and what its logs begin with (rules DO5, GR5, SW5). */
import { compareBytes } from '../bytes.ts'
import { encode, type Value } from '../encoding/msgpack.ts'
import type { DeviceId, LogId } from '../ids.ts'
import type { Entry } from '../log/entry.ts'
import { parseGrant } from '../model/agent-entries.ts'
import { isHeld, readBeginning, type SessionDescriptor } from '../model/beginning.ts'
import type { Sha256 } from '../primitives.ts'
import type { DocumentState, HiddenReason } from './document.ts'
import { findHolder } from './document-holding.ts'

export function foldGenesis(
  state: DocumentState,
  sha256: Sha256,
  log: LogId,
  device: DeviceId,
  entry: Entry,
): HiddenReason | undefined {
  const beginning = readBeginning(sha256, log, entry)
  if (beginning.at !== 'read') return beginning.at
  // A process that goes on from a log has ended the one that wrote it.
  if (beginning.predecessor) state.followed.add(beginning.predecessor)
  if (beginning.descriptor === undefined) return undefined
  state.author = device
  // An author that described it twice is taken at the word of what it created first.
  const before = state.descriptor
  if (!before || isFirst(beginning.descriptor, before)) {
    state.descriptor = beginning.descriptor
    if (before && isHeld(before) !== isHeld(beginning.descriptor)) state.stale = true
  }
  permit(state, device, true)
  return undefined
}

/** Of two of one time it is the same one for all, whichever came first. */
function isFirst(a: SessionDescriptor, b: SessionDescriptor): boolean {
  if (a.created !== b.created) return a.created < b.created
  return compareBytes(encode(a as unknown as Value), encode(b as unknown as Value)) < 0
}

export function foldGrant(
  state: DocumentState,
  device: DeviceId,
  { payload }: Entry,
): HiddenReason | undefined {
  const grant = parseGrant(payload)
  if (!grant) return 'malformed'
  if (!state.hosts.has(device)) return 'not-author'
  if (grant.kind !== 'copy') permit(state, grant.device, grant.kind === 'full')
  return undefined
}

/** What a device wrote before it was known that it may was hidden: the fold is made anew. */
function permit(state: DocumentState, device: DeviceId, hosts: boolean): void {
  if (state.writers.has(device) && (!hosts || state.hosts.has(device))) return
  state.writers.add(device)
  if (hosts) state.hosts.add(device)
  // Also what another wrote: a grant may have come before the genesis that says who the author is.
  if ([...state.logs.values()].some((log) => log.hiddenCount > 0)) state.stale = true
  findHolder(state, true)
}
