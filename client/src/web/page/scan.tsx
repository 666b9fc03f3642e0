/**
 * The viewfinder (rule WB45). A code of Baton fills in the form and closes the camera; any other is told
 * to be none, and what stands in it is neither shown nor kept.
 */
import { parseCode } from '@baton/shared/keyexchange/code'
import { isLink } from '@baton/shared/keyexchange/code-link'
import { isInvitationLink } from '@baton/shared/protocol/invitation-link'
import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { openCamera, watchCodes } from './camera.ts'
import { Trouble } from './parts.tsx'
import { type Problem, problemOf } from './problem.ts'

export interface ScanProps {
  onCode(link: string): void
  onInvitation(link: string): void
  onClose(): void
}

type Scanned = 'code' | 'invitation' | 'other'

export function kindOfScan(text: string): Scanned {
  if (isInvitationLink(text)) return 'invitation'
  if (!isLink(text)) return 'other'
  try {
    parseCode(text)
    return 'code'
  } catch {
    return 'other'
  }
}

export function Scan(props: ScanProps) {
  const video = useRef<HTMLVideoElement>(null)
  const fault = useSignal<Problem | undefined>(undefined)
  const foreign = useSignal(false)
  const { onCode, onInvitation } = props
  useEffect(() => {
    const element = video.current
    if (!element) return
    let close = () => {}
    let gone = false
    const stop = watchCodes(element, (text) => {
      const kind = kindOfScan(text)
      foreign.value = kind === 'other'
      if (kind === 'code') onCode(text)
      if (kind === 'invitation') onInvitation(text)
    })
    openCamera(element).then(
      (opened) => {
        close = opened
        if (gone) close()
      },
      (error) => {
        fault.value = problemOf(error)
      },
    )
    return () => {
      gone = true
      stop()
      close()
    }
  }, [])
  return (
    <div class="scan">
      {fault.value ? (
        <Trouble problem={fault.value} />
      ) : (
        <>
          <video ref={video} muted playsInline aria-label="What the camera sees" />
          <p class="quiet" role="status">
            {foreign.value
              ? 'That QR code is not one of Baton.'
              : 'Hold the QR code of the other device into the picture.'}
          </p>
        </>
      )}
      <button type="button" class="plain" onClick={props.onClose}>
        {fault.value ? 'Back' : 'Close the camera'}
      </button>
    </div>
  )
}
