/** Whether this device may write a document, and what it says when it does not work (rules DC4, DC6). */
import type { Cut, CutReason } from '@baton/shared/conflict/cuts'
import type { DocumentState } from '@baton/shared/conflict/document'
import { BatonError } from '@baton/shared/errors'
import type { DeviceId } from '@baton/shared/ids'

/** Throws for a device that may not. `cut`: of a log that it has not begun, hence of all of its logs. */
export function checkMayWrite(device: DeviceId, seen: DocumentState, cut: Cut | undefined): void {
  if (seen.author === undefined) throw noDocument()
  if (cut) throw cutOff(cut.reason)
  if (seen.writers.has(device)) return
  throw new BatonError('not-permitted', 'failed to write: this device may only read the session', {
    hint: 'the device that began it can let this one write',
  })
}

export const noDocument = () =>
  new BatonError('not-found', 'failed to open the session: its beginning is not here', {
    hint: 'it comes with the next exchange with a device that holds it',
  })

const cutOff = (reason: CutReason) =>
  reason === 'observer'
    ? new BatonError('not-permitted', 'failed to write: this device is an observer', {
        hint: 'an admin can make it a member again: baton role <device> member',
      })
    : new BatonError('revoked', 'failed to write: this device was removed, nothing it says counts')

export const damaged = () =>
  new BatonError('store-corrupt', 'failed to read the session: the disk gives back other entries', {
    hint: 'it comes again from a device that holds it once its store is made anew',
  })
