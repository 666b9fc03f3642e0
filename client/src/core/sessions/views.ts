/**
 * What a device sees of a session (rule BR7): the author sees main; another device sees main with
 * its own branch on top, since that is what its files hold.
 */
import type { Bytes } from '@baton/shared/bytes'
import { type Branch, ownBranch } from '@baton/shared/conflict/branches'
import { carriedDigest, type FileHistory, mainHistory } from '@baton/shared/conflict/history'
import type { TranscriptState } from '@baton/shared/conflict/transcript'
import type { DeviceId } from '@baton/shared/ids'
import { mainFile } from '@baton/shared/model/carried-path'
import type { Sha256 } from '@baton/shared/primitives'

export interface SessionView {
  readonly files: ReadonlyMap<string, FileHistory>
  readonly branch: Branch | undefined
  readonly records: number
  readonly bytes: number
  /** Id of the main file's last record, zero without one. */
  readonly last: Bytes
  readonly digest: Bytes
}

export function viewFor(state: TranscriptState, sha256: Sha256, device: DeviceId): SessionView {
  return viewOfBranch(state, sha256, ownBranch(state, device))
}

/** A branch as a session of its own: main where it says nothing. */
export function viewOfBranch(
  state: TranscriptState,
  sha256: Sha256,
  branch: Branch | undefined,
): SessionView {
  const files = new Map(mainHistory(state))
  for (const { history } of branch?.files ?? []) files.set(history.file, history)
  for (const whole of branch?.wholes ?? []) files.set(whole.file, whole)
  return { ...totals(files), digest: carriedDigest(sha256, files.values()), files, branch }
}

function totals(files: ReadonlyMap<string, FileHistory>) {
  let records = 0
  let bytes = 0
  for (const file of files.values()) {
    records += file.kind === 'records' ? file.end.records : 0
    bytes += file.kind === 'records' ? file.end.bytes : file.bytes
  }
  const transcript = files.get(mainFile)
  const last = transcript?.kind === 'records' ? transcript.end.record : new Uint8Array(32)
  return { records, bytes, last }
}
